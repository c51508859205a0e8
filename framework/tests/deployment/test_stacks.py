"""A stack is brought up once, whatever becomes of the answers."""

from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from thestack.deployment.stacks import deploy
from thestack.local.emulator import Emulator

TEMPLATE = {
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "made-once"}}},
    "Outputs": {"Name": {"Value": "made-once"}},
}


def test_a_creation_whose_answer_is_lost_is_a_creation(emulator: Emulator) -> None:
    client = emulator.aws.client("cloudformation")
    lost: list[int] = []

    def lose(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        """Send the first request, and answer as a gateway does that has heard nothing."""
        if lost:
            return None
        lost.append(URLLib3Session().send(request).status_code)
        return AWSResponse(request.url, 503, {}, Unread())

    client.meta.events.register("before-send.cloudformation.CreateStack", lose)
    try:
        assert deploy(emulator.aws, "lost-answer", TEMPLATE) == ({"Name": "made-once"}, [])
    finally:
        client.meta.events.unregister("before-send.cloudformation.CreateStack", lose)
    assert lost == [200]


class Unread:
    """An empty body."""

    def stream(self) -> list[bytes]:
        return []
