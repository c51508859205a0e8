"""How templates name their assets.

By content, in the account's asset bucket, with no check of who made the bucket.
"""

from aws_cdk import DefaultStackSynthesizer


def asset_synthesizer() -> DefaultStackSynthesizer:
    """A synthesizer whose templates stand alone.

    Any tool that uploads the assets and creates the stack can deploy them.
    """
    return DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
