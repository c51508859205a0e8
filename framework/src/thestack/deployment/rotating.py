"""The secret by which the API knows CloudFront, rotated while clients go on."""

from thestack.definition import names
from thestack.deployment.destination import Destination
from thestack.deployment.handing import bring
from thestack.deployment.returning import NothingBefore
from thestack.operations import origin


def rotate(to: Destination) -> None:
    """Let another secret be accepted, have CloudFront say it everywhere, and then accept it alone.

    One that was interrupted goes on where it was. Raises `NothingBefore` without CloudFront, and
    `OperationError`.
    """
    release = to.record.running().get(names.EDGE)
    if release is None:
        raise NothingBefore(f"{names.EDGE} does not run in {to.settings.name}: there is no secret to rotate")
    to.report("the API accepts another secret beside the one that CloudFront says")
    origin.accept_another(to.aws, to.settings.name)
    to.report("CloudFront is told to say the new one, and has it everywhere before this goes on")
    bring(to, names.EDGE, release.template)
    to.report("the API accepts the new one alone, as soon as it asks for it again")
    origin.accept_one(to.aws, to.settings.name)
