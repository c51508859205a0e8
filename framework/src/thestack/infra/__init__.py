"""How a ServiceModel is hosted on AWS: bundles, CDK constructs, templates.

Never imported by anything that runs in a Lambda function. Begin with `thestack.infra.synth`.
"""
