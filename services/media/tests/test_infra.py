"""What infra.py adds: each with no more than it needs, and nothing of it on the emulator."""

import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from thestack.definition.load import load
from thestack.definition.model import ServiceModel
from thestack.infra.environment import Environment
from thestack.toolchain.tools import node_environment

ROOT = Path(__file__).parents[3]
SETTINGS: dict[str, Any] = {"mail_sender": "a@b.example", "origins": ("https://app.example.com",)}
Synthesize = Callable[[Environment], "Made"]


class Made:
    """A template, by types and logical ids."""

    def __init__(self, template: dict[str, Any]) -> None:
        self.resources: dict[str, dict[str, Any]] = template["Resources"]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each.get("Properties", {}) for each in self.resources.values() if each["Type"] == kind]

    def variables(self, ending: str) -> dict[str, Any]:
        (found,) = [
            each for each in self.of("AWS::Lambda::Function") if each["FunctionName"].endswith(ending)
        ]
        variables: dict[str, Any] = found["Environment"]["Variables"]
        return {name: value for name, value in variables.items() if name.startswith("MEDIA_")}

    def allowed(self) -> dict[str, list[dict[str, Any]]]:
        """The statements that stand in each role itself, by its logical id."""
        return {
            id: [
                statement
                for policy in each["Properties"].get("Policies", [])
                for statement in policy["PolicyDocument"]["Statement"]
            ]
            for id, each in self.resources.items()
            if each["Type"] == "AWS::IAM::Role"
        }

    def statements(self, sid: str) -> list[dict[str, Any]]:
        def within(value: Any) -> list[dict[str, Any]]:
            if isinstance(value, list):
                return [found for each in value for found in within(each)]
            if not isinstance(value, dict):
                return []
            return [value] if value.get("Sid") == sid else within(list(value.values()))

        return within(self.resources)


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    loaded = load(ROOT / "services" / "media" / "service.py", ROOT)
    assert loaded.model, loaded.diagnostics
    return loaded.model


@pytest.fixture(scope="module")
def synthesize(model: ServiceModel, tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    def made(environment: Environment) -> Made:
        os.environ.update(node_environment(), CDK_VALIDATION="false")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the CDK's own imports
            import aws_cdk as cdk

            from services.media.infra import extend
            from thestack.infra.service import ServiceStack
        folder = tmp_path_factory.mktemp("templates")
        bundle = folder / "bundle.zip"
        bundle.write_bytes(b"PK\x05\x06" + bytes(18))
        app = cdk.App(outdir=str(folder / "out"), analytics_reporting=False)
        further = dict.fromkeys(("imaging.txt", "delivery.txt"), bundle)
        stack = ServiceStack(app, environment, model, bundle, further=further)
        extend(stack, stack.service)
        template = app.synth().get_stack_by_name(stack.stack_name).template
        return Made(json.loads(json.dumps(template)))

    return made


@pytest.fixture(scope="module")
def on_aws(synthesize: Synthesize) -> Made:
    return synthesize(Environment(name="test", **SETTINGS))


def ref(value: Any) -> str:
    """The logical id that an intrinsic function names."""
    found = value.get("Ref") or value["Fn::GetAtt"][0]
    assert isinstance(found, str)
    return found


def test_mediaconverts_queue_costs_nothing_while_it_is_empty(on_aws: Made) -> None:
    (queue,) = on_aws.of("AWS::MediaConvert::Queue")
    assert queue == {"Name": "test-media", "PricingPlan": "ON_DEMAND"}


def test_mediaconverts_role_reads_originals_writes_renditions_and_is_this_queues_alone(on_aws: Made) -> None:
    (role,) = [
        each
        for each in on_aws.of("AWS::IAM::Role")
        if "mediaconvert" in str(each["AssumeRolePolicyDocument"])
    ]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    queue = ref(trust["Condition"]["ArnLike"]["aws:SourceArn"])
    assert on_aws.resources[queue]["Type"] == "AWS::MediaConvert::Queue"
    (policy,) = role["Policies"]
    allowed = [
        (each["Action"], json.dumps(each["Resource"])) for each in policy["PolicyDocument"]["Statement"]
    ]
    assert [action for action, _ in allowed] == ["s3:GetObject", "s3:PutObject"]
    assert all("test-media-videos-" in resource for _, resource in allowed)
    assert "/originals/*" in allowed[0][1]
    assert "/renditions/*" in allowed[1][1]


def test_only_the_function_that_transcodes_may_hand_on_the_role_and_only_to_mediaconvert(
    on_aws: Made,
) -> None:
    (statement,) = on_aws.statements("HandOnMediaConvertsRole")
    assert statement["Action"] == "iam:PassRole"
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "mediaconvert.amazonaws.com"}}
    assert on_aws.resources[ref(statement["Resource"])]["Type"] == "AWS::IAM::Role"
    assert on_aws.variables("transcode")["MEDIA_TRANSCODER"] == "mediaconvert"
    assert set(on_aws.variables("transcode")) == {
        "MEDIA_TRANSCODER",
        "MEDIA_TRANSCODING_ROLE",
        "MEDIA_TRANSCODING_QUEUE",
    }
    assert on_aws.variables("clean") == {}


def test_jobs_are_created_in_this_queue_alone_and_by_that_function_alone(on_aws: Made) -> None:
    allowed = [
        (name, each)
        for name, each in on_aws.allowed().items()
        if "mediaconvert:CreateJob" in json.dumps(each)
    ]
    ((_, statements),) = allowed
    (statement,) = [each for each in statements if each["Action"] == "mediaconvert:CreateJob"]
    (queue,) = on_aws.of("AWS::MediaConvert::Queue")
    assert written(statement["Resource"]).endswith(f":queues/{queue['Name']}")


def test_nothing_is_shown_without_a_signature_or_by_plain_http(on_aws: Made) -> None:
    distributions = on_aws.of("AWS::CloudFront::Distribution")
    assert len(distributions) == 2
    (keys,) = [id for id, each in on_aws.resources.items() if each["Type"] == "AWS::CloudFront::KeyGroup"]
    for each in distributions:
        config = each["DistributionConfig"]
        assert "CacheBehaviors" not in config
        behaviour = config["DefaultCacheBehavior"]
        assert behaviour["TrustedKeyGroups"] == [{"Ref": keys}]
        assert behaviour["ViewerProtocolPolicy"] == "https-only"
        (origin,) = config["Origins"]
        access = ref(origin["OriginAccessControlId"])
        assert on_aws.resources[access]["Type"] == "AWS::CloudFront::OriginAccessControl"


def test_cloudfront_reads_what_is_shown_and_each_distribution_its_own_bucket(on_aws: Made) -> None:
    found = on_aws.statements("LetCloudFrontShow")
    assert len(found) == 2
    assert len({json.dumps(each["Condition"]) for each in found}) == 2
    for each in found:
        assert each["Action"] == "s3:GetObject"
        assert each["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert [
            area for area in ("uploads", "originals", "renditions") if f"/{area}/*" in json.dumps(each)
        ] == [
            "originals",
            "renditions",
        ]
        assert "distribution/" in json.dumps(each["Condition"]["StringEquals"]["aws:SourceArn"])
    assert len(on_aws.statements("RefusePlainHttp")) == 2


def test_the_public_key_is_read_at_deployment_and_its_id_told(on_aws: Made) -> None:
    (key,) = on_aws.of("AWS::CloudFront::PublicKey")
    encoded = key["PublicKeyConfig"]["EncodedKey"]
    assert encoded == "{{resolve:ssm:/test/media/delivery-public-key}}"
    told = on_aws.variables("graphql")
    assert set(told) == {"MEDIA_KEY_ID", "MEDIA_DOMAINS"}
    assert on_aws.resources[ref(told["MEDIA_KEY_ID"])]["Type"] == "AWS::CloudFront::PublicKey"
    domains = json.loads(written(told["MEDIA_DOMAINS"]))
    assert set(domains) == {"test-media-images-AccountId", "test-media-videos-AccountId"}


def written(value: Any) -> str:
    """The text that CloudFormation would make, with names in the place of values."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        between, parts = value["Fn::Join"]
        return str(between.join(written(each) for each in parts))
    return ref(value).removeprefix("AWS::")


def test_the_frontends_pages_may_read_what_is_shown(on_aws: Made) -> None:
    (policy,) = on_aws.of("AWS::CloudFront::ResponseHeadersPolicy")
    config = policy["ResponseHeadersPolicyConfig"]
    assert config["CorsConfig"]["AccessControlAllowOrigins"]["Items"] == ["https://app.example.com"]
    assert config["SecurityHeadersConfig"]["ContentTypeOptions"] == {"Override": True}


def test_an_environment_may_do_without_a_cdn(synthesize: Synthesize) -> None:
    made = synthesize(Environment(name="test", cdn=False, **SETTINGS))
    assert not [each for each in made.resources.values() if each["Type"].startswith("AWS::CloudFront")]
    assert made.variables("graphql") == {}
    assert made.of("AWS::MediaConvert::Queue")


def test_the_emulator_has_nothing_of_it_and_ffmpeg_may_speak(synthesize: Synthesize) -> None:
    made = synthesize(Environment(name="test", emulated=True, **SETTINGS))
    kinds = {each["Type"] for each in made.resources.values()}
    assert not [kind for kind in kinds if kind.startswith(("AWS::CloudFront", "AWS::MediaConvert"))]
    assert made.variables("transcode") == {"MEDIA_TRANSCODER": "ffmpeg"}
    assert made.variables("graphql") == {}
    (statement,) = made.statements("SayWhatMediaConvertWould")
    assert statement["Action"] == "events:PutEvents"
    assert "event-bus/default" in json.dumps(statement["Resource"])
