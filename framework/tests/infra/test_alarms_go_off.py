"""An alarm goes off on the emulator, tells the topic, and says what to do; by what really happened, as far as
the emulator counts it.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from framework.tests.infra.conftest import Define, Synthesize
from thestack.deployment.stacks import deploy
from thestack.infra.environment import Environment, host_architecture
from thestack.infra.pieces import Monitoring
from thestack.local.emulator import Emulator, launch, wait_until_ready
from thestack.local.run import new_run
from thestack.operations.aws import Aws
from thestack.testing.waiting import eventually
from thestack.toolchain.tools import find

ROOT = Path(__file__).parents[3]
WATCHED = Environment(
    name="blue",
    mail_sender="a@b.example",
    emulated=True,
    architecture=host_architecture(),
    retain_data=False,
    monitoring=Monitoring(mails=("on-call@thestack.example",)),
)
STALL = """
class Order(Entity, key="id", owner="owner_id"):
    id: Id
    owner_id: Id

class Pack(Message, queue="packing"):
    order_id: Id

@service.query(allow=signed_in)
async def order(id: Id, *, mine: Owned[Order]) -> Order | None:
    return await mine.get(id)

@service.queue()
async def pack(message: Pack, /) -> None: ...
"""
Told = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    tools = find(ROOT)
    assert tools, "the local stack's programs are missing; run `make setup`"
    with new_run(tmp_path_factory.mktemp("emulator")) as run, launch(tools, run) as emulator:
        wait_until_ready(emulator)
        yield emulator


@pytest.fixture
def told(emulator: Emulator, define: Define, template: Synthesize, tmp_path: Path) -> Told:
    """Deploys platform and service, and answers what is told of an alarm, once it is: to a queue that
    subscribes to the topic, as whoever reads the mails does.
    """
    aws, of_service = emulator.aws, template(define("stall", STALL), WATCHED)
    put_code(aws, of_service)
    for name, made in (("blue-platform", platform(tmp_path)), ("blue-stall", of_service)):
        _, left_out = deploy(aws, name, made)
        assert left_out == []  # the CDK's own command can leave nothing out
    topic = aws.client("ssm").get_parameter(Name="/blue/platform/alarms/topic")["Parameter"]["Value"]
    sqs = aws.client("sqs")
    queue = sqs.create_queue(QueueName="on-call")["QueueUrl"]
    address = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    may = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": address,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=address)

    heard: dict[str, dict[str, Any]] = {}

    def look(alarm: str) -> dict[str, Any] | None:
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            said = json.loads(json.loads(message["Body"])["Message"])
            heard[said["AlarmName"]] = said
        return heard.get(alarm)

    return lambda alarm: eventually(lambda: look(alarm) or {}, what=f"{alarm} tells the topic")


def put_code(aws: Aws, template: Mapping[str, Any]) -> None:
    """Put what can't start where the template's functions have their code."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as file:
        file.writestr("thestack/entry/graphql.py", "raise RuntimeError('it can not start')")
    function = next(
        each for each in template["Resources"].values() if each["Type"] == "AWS::Lambda::Function"
    )
    code = function["Properties"]["Code"]
    account = aws.client("sts").get_caller_identity()["Account"]
    bucket = (
        code["S3Bucket"]["Fn::Sub"]
        .replace("${AWS::AccountId}", account)
        .replace("${AWS::Region}", aws.region)
    )
    aws.client("s3").create_bucket(Bucket=bucket)
    aws.client("s3").put_object(Bucket=bucket, Key=code["S3Key"], Body=zipped.getvalue())


def platform(folder: Path) -> dict[str, Any]:
    import aws_cdk as cdk

    from thestack.infra.platform import PlatformStack

    app = cdk.App(outdir=str(folder / "platform"), analytics_reporting=False)
    stack = PlatformStack(app, WATCHED, None)
    made: dict[str, Any] = json.loads(json.dumps(app.synth().get_stack_by_name(stack.stack_name).template))
    return made


def test_a_subgraph_that_fails_and_a_dead_letter_are_told(emulator: Emulator, told: Told) -> None:
    aws = emulator.aws
    answer = aws.client("lambda").invoke(FunctionName="blue-stall-graphql:live", Payload=b"{}")
    assert "FunctionError" in answer, answer["Payload"].read()
    # The emulator counts what ended a function, and no messages: it is told how many the queue really has.
    sqs = aws.client("sqs")
    dead = sqs.get_queue_url(QueueName="blue-stall-packing-dlq")["QueueUrl"]
    sqs.send_message(QueueUrl=dead, MessageBody="{}")
    depth = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["ApproximateNumberOfMessages"])
    aws.client("cloudwatch").put_metric_data(
        Namespace="AWS/SQS",
        MetricData=[
            {
                "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": [{"Name": "QueueName", "Value": "blue-stall-packing-dlq"}],
                "Value": int(depth["Attributes"]["ApproximateNumberOfMessages"]),
            }
        ],
    )
    for alarm, runbook in (
        ("blue-stall-burn-rate-60m", "docs/runbooks/burn-rate.md"),
        ("blue-stall-dead-letters-pack", "docs/runbooks/dead-letters.md"),
    ):
        said = told(alarm)
        assert said["NewStateValue"] == "ALARM"
        assert said["AlarmDescription"].endswith(f"What to do: {runbook}")
