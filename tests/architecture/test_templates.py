"""What every template promises beyond permissions: what the emulator does not enforce is proved here."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from services.media.owned import AREAS, ORIGINALS, RENDITIONS, UPLOADS
from tests.architecture.conftest import ROOT
from tests.architecture.resolved import ACCOUNT, REGION, Template, arn
from tests.architecture.synthesis import of_environment
from thestack.infra.environment import load_environment

Templates = Mapping[str, Template]
SERVICES = ("analytics", "media", "notifications", "todo")
DAY = 24 * 60 * 60


def queues_of(*consumers: str) -> set[str]:
    """The logical ids of consumers' queues and DLQs."""
    return {f"{kind}{name}" for kind in ("Queue", "DeadLetters") for name in consumers}


PINNED = {
    "platform": {
        "AWS::Events::EventBus": {"Bus"},
        "AWS::Cognito::UserPool": {"UserPool"},
        "AWS::Cognito::UserPoolClient": {"UserPoolClient"},
        "AWS::S3::Bucket": {"Releases"},
    },
    "monitoring": {},
    "todo": {
        "AWS::DynamoDB::Table": {"Table"},
        "AWS::SQS::Queue": {"RelayUndelivered", *queues_of("MediaDeleted", "Detach")},
    },
    "media": {
        "AWS::DynamoDB::Table": {"Table"},
        "AWS::S3::Bucket": {"BucketImages", "BucketVideos"},
        "AWS::SQS::Queue": {
            "RelayUndelivered",
            *queues_of("ImageUploaded", "VideoUploaded", "JobChanged", "Render", "Transcode", "Clean"),
        },
    },
    "notifications": {
        "AWS::DynamoDB::Table": {"Table"},
        "AWS::SQS::Queue": {
            "RelayUndelivered",
            *queues_of("SendEmail", "SendPush", "Remind", "TodoEnded", "Bounced", "Complained"),
        },
    },
    "analytics": {
        "AWS::DynamoDB::Table": {"Table"},
        "AWS::S3::Bucket": {"BucketArchive"},
        "AWS::SQS::Queue": {
            "QueueCount",
            "DeadLettersCount",
            "QueueRebuildPart",
            "DeadLettersRebuildPart",
            "RelayUndelivered",
        },
    },
    "budget": {},
    "backups": {"AWS::Backup::BackupVault": {"Vault"}},
    "zone": {"AWS::Route53::HostedZone": {"Zone"}},
    "edge-global": {"AWS::CertificateManager::Certificate": {"Certificate"}},
    "edge": {},
    "frontend-public": {"AWS::S3::Bucket": {"Pages"}},
    "frontend-internal": {"AWS::S3::Bucket": {"Pages"}, "AWS::Cognito::UserPoolClient": {"Client"}},
}


def test_stacks_hold_no_export_and_import_none(templates: Templates) -> None:
    for template in templates.values():
        assert not [each for each in template.document.get("Outputs", {}).values() if "Export" in each]
        assert "Fn::ImportValue" not in json.dumps(template.document)


def test_services_find_the_platform_by_parameters_of_their_environment(
    templates: Templates, environment: str
) -> None:
    published = {
        each["Name"]
        for shared in templates.keys() - set(SERVICES)
        for each in templates[shared].of_type("AWS::SSM::Parameter").values()
    }
    for service in SERVICES:
        read = {each["Default"] for each in templates[service].document.get("Parameters", {}).values()}
        assert read
        assert read <= published


def test_the_platform_publishes_what_services_ask_for(templates: Templates, environment: str) -> None:
    platform = templates["platform"]
    parameters = platform.of_type("AWS::SSM::Parameter").values()
    apis = platform.of_type("AWS::ApiGatewayV2::Api")
    (api,) = (id for id, each in apis.items() if each["ProtocolType"] == "HTTP")
    if environment == "local":
        url = f"parameter:EmulatorEndpoint/_aws/execute-api/{api}/$default"
        reached = {f"/{environment}/platform/api/url": url}
    else:  # through CloudFront, whose stack says so
        guards = platform.of_type("AWS::ApiGatewayV2::Authorizer").items()
        (keeper,) = (id for id, each in guards if each["Name"] == f"{environment}-doorkeeper")
        reached = {f"/{environment}/platform/api/doorkeeper": keeper}
    sockets = {
        f"/{environment}/platform/sockets/role": f"{environment}-sockets",
        f"/{environment}/platform/sockets/api": "SocketsApi",
        f"/{environment}/platform/sockets/endpoint": (
            "parameter:EmulatorEndpoint/_aws/execute-api/SocketsApi/live"
        ),
    }
    topic = {f"/{environment}/platform/alarms/topic": arn("sns", f"{environment}-alarms")}
    found = {each["Name"]: each["Value"] for each in parameters}
    further = {"local": sockets, "production": topic}
    assert found == further.get(environment, {}) | {
        f"/{environment}/platform/bus/arn": arn("events", f"event-bus/{environment}-bus"),
        f"/{environment}/platform/router/role": f"{environment}-router",
        f"/{environment}/platform/users/pool-id": "UserPool",
        f"/{environment}/platform/users/pool-arn": arn("cognito-idp", "userpool/UserPool"),
        f"/{environment}/platform/users/client-id": "UserPoolClient",
        f"/{environment}/platform/api/id": api,
        **reached,
    }
    router = _function(templates["platform"], f"{environment}-router")
    roles = templates["platform"].of_type("AWS::IAM::Role")
    assert roles[router["Role"].removesuffix(".Arn")]["RoleName"] == f"{environment}-router"


def test_stateful_resources_have_pinned_logical_ids(templates: Templates, environment: str) -> None:
    told = {"AWS::SQS::Queue": PINNED["todo"]["AWS::SQS::Queue"] | queues_of("Subscriptions")}
    pinned = {**PINNED, "todo": PINNED["todo"] | told} if environment == "local" else {**PINNED}
    if environment == "production":  # what CloudFront was asked is kept
        for site in ("frontend-public", "frontend-internal"):
            pinned[site] = {**pinned[site], "AWS::S3::Bucket": {"Pages", "AccessLogs"}}
    pinned = {service: pinned[service] for service in templates}
    found = {
        service: {kind: set(template.of_type(kind)) for kind in PINNED[service]}
        for service, template in templates.items()
    }
    assert found == pinned


def test_data_outlives_its_stack_where_the_environment_says_so(
    templates: Templates, environment: str
) -> None:
    stateful = {
        "AWS::DynamoDB::Table",
        "AWS::SQS::Queue",
        "AWS::Cognito::UserPool",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
    }
    policies = {
        (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
        for template in templates.values()
        for resource in template.raw.values()
        if resource["Type"] in stateful
    }
    assert policies == ({("Retain", "Retain")} if environment == "production" else {("Delete", "Delete")})


def test_versions_are_retained_and_the_alias_is_all_that_is_called(templates: Templates) -> None:
    for template in templates.values():
        functions = set(template.of_type("AWS::Lambda::Function"))
        versions = {id: each for id, each in template.raw.items() if each["Type"] == "AWS::Lambda::Version"}
        aliases = template.of_type("AWS::Lambda::Alias")
        assert len(versions) == len(aliases) == len(functions)
        assert {(each["DeletionPolicy"], each["UpdateReplacePolicy"]) for each in versions.values()} <= {
            ("Retain", "Retain")
        }
        published = {f"{id}.Version": template.properties(id)["FunctionName"] for id in versions}
        assert {each["FunctionVersion"]: each["FunctionName"] for each in aliases.values()} == published
        assert {each["Name"] for each in aliases.values()} <= {"live"}
        called = [
            each["FunctionName"] for each in template.of_type("AWS::Lambda::EventSourceMapping").values()
        ]
        called += [each["FunctionName"] for each in template.of_type("AWS::Lambda::Permission").values()]
        called += [
            each["IntegrationUri"].removesuffix("/invocations")
            for each in template.of_type("AWS::ApiGatewayV2::Integration").values()
        ]
        called += [
            target["Arn"]
            for rule in template.of_type("AWS::Events::Rule").values()
            for target in rule["Targets"]
            if ":function:" in target["Arn"]
        ]
        assert all(name.endswith(":live") for name in called), called


def test_functions_are_traced_bounded_and_have_a_role_and_a_log_of_their_own(
    templates: Templates, environment: str
) -> None:
    roles: list[tuple[str, str]] = []
    for service, template in templates.items():
        logs = {each["LogGroupName"]: each for each in template.of_type("AWS::Logs::LogGroup").values()}
        assert all(0 < each["RetentionInDays"] <= 365 for each in logs.values())
        for id, function in template.of_type("AWS::Lambda::Function").items():
            assert function["MemorySize"] >= 512
            assert function["TracingConfig"] == {"Mode": "Active"}
            # A video is transcoded in the function where AWS is emulated.
            assert function["Timeout"] <= (300 if function["FunctionName"].endswith("-transcode") else 60)
            assert f"/aws/lambda/{function['FunctionName']}" in logs
            roles.append((service, function["Role"]))
            if environment == "production":
                assert function["Architectures"] == ["arm64"]
            assert function["Runtime"] == (
                "nodejs22.x" if function["FunctionName"].endswith("router") else "python3.13"
            ), id
    assert len(roles) == len(set(roles)) == 30


def test_functions_start_at_the_entry_of_their_trigger(templates: Templates, environment: str) -> None:
    found = {
        function["FunctionName"].removeprefix(f"{environment}-"): function["Handler"]
        for template in templates.values()
        for function in template.of_type("AWS::Lambda::Function").values()
    }
    told = {
        "todo-subscriptions": "thestack.entry.subscriptions.handler",
        "sockets": "thestack.entry.sockets.handler",
    }
    assert found == (told if environment == "local" else {}) | {
        "todo-graphql": "thestack.entry.graphql.handler",
        "todo-relay": "thestack.entry.relay.handler",
        "todo-on-media-deleted": "thestack.entry.consumer.handler",
        "todo-queue-detach": "thestack.entry.consumer.handler",
        "media-graphql": "thestack.entry.graphql.handler",
        "media-relay": "thestack.entry.relay.handler",
        "media-on-image-uploaded": "thestack.entry.consumer.handler",
        "media-on-video-uploaded": "thestack.entry.consumer.handler",
        "media-on-job-changed": "thestack.entry.consumer.handler",
        "media-queue-render": "thestack.entry.consumer.handler",
        "media-queue-transcode": "thestack.entry.consumer.handler",
        "media-queue-clean": "thestack.entry.consumer.handler",
        "notifications-graphql": "thestack.entry.graphql.handler",
        "notifications-queue-send-email": "thestack.entry.consumer.handler",
        "notifications-queue-send-push": "thestack.entry.consumer.handler",
        "notifications-queue-remind": "thestack.entry.consumer.handler",
        "notifications-on-todo-ended": "thestack.entry.consumer.handler",
        "notifications-on-bounced": "thestack.entry.consumer.handler",
        "notifications-on-complained": "thestack.entry.consumer.handler",
        "notifications-hook-unsubscribe": "thestack.entry.hook.handler",
        "notifications-relay": "thestack.entry.relay.handler",
        "analytics-graphql": "thestack.entry.graphql.handler",
        "analytics-on-count": "thestack.entry.consumer.handler",
        "analytics-queue-rebuild-part": "thestack.entry.consumer.handler",
        "analytics-relay": "thestack.entry.relay.handler",
        "authorizer": "thestack.entry.authorizer.handler",
        **(
            {}
            if environment == "local"
            else {
                "doorkeeper": "thestack.entry.doorkeeper.handler",
                "sign-in": "thestack.entry.sign_in.handler",
            }
        ),
        "pre-token": "thestack.entry.pre_token.handler",
        "router": "index.handler",  # until a deployment publishes the first supergraph
    }


def test_in_a_single_tenant_environment_who_verifies_tokens_is_told_whose_alone() -> None:
    for environment, expected in (("acme", "acme"), ("production", None)):
        template = Template(of_environment(environment)[f"{environment}-platform"])
        (told,) = (
            each["Environment"]["Variables"].get("THESTACK_ONLY_TENANT")
            for each in template.of_type("AWS::Lambda::Function").values()
            if each["FunctionName"] == f"{environment}-authorizer"
        )
        assert told == expected


def test_functions_know_what_they_run_and_carry_no_secret(templates: Templates, environment: str) -> None:
    found = {
        function["FunctionName"].removeprefix(f"{environment}-"): function["Environment"]["Variables"]
        for template in templates.values()
        for function in template.of_type("AWS::Lambda::Function").values()
    }
    send = found["notifications-queue-send-email"]
    assert send["THESTACK_SERVICE"] == "services.notifications.service"
    assert send["THESTACK_CONSUMER"] == "send_email"
    assert send["THESTACK_ENVIRONMENT"] == environment
    assert send["THESTACK_USER_POOL"] == f"ssm:/{environment}/platform/users/pool-id"
    assert send["THESTACK_MAIL_SENDER"].startswith("no-reply@")
    assert "THESTACK_MAIL_SENDER" not in found["notifications-graphql"]
    assert "THESTACK_USER_POOL" not in found["todo-graphql"]
    assert set(found["router"]) == {"AWS_SDK_UA_APP_ID"}  # a deployment tells it what it serves
    issuer = f"https://cognito-idp.{REGION}.amazonaws.com/UserPool"
    assert found["authorizer"]["THESTACK_ISSUER"] == issuer
    base = "parameter:EmulatorEndpoint/UserPool" if environment == "local" else issuer
    assert found["authorizer"]["THESTACK_JWKS_URL"] == f"{base}/.well-known/jwks.json"
    names = {name for variables in found.values() for name in variables}
    assert not [name for name in names if any(word in name for word in ("SECRET", "KEY", "PASSWORD"))]


def test_the_relay_sees_new_outbox_rows_alone_and_gives_up_on_none_silently(
    templates: Templates, environment: str
) -> None:
    sources = templates["todo"].of_type("AWS::Lambda::EventSourceMapping").values()
    (stream,) = [each for each in sources if "FilterCriteria" in each]
    (pattern,) = [json.loads(each["Pattern"]) for each in stream["FilterCriteria"]["Filters"]]
    assert pattern == {"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "outbox#"}]}}}}
    assert stream["EventSourceArn"] == arn("dynamodb", f"table/{environment}-todo/stream/*latest*")
    assert stream["BatchSize"] == 100
    (table,) = templates["todo"].of_type("AWS::DynamoDB::Table").values()
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == arn(
        "sqs", f"{environment}-todo-relay-undelivered"
    )
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["StartingPosition"] == "TRIM_HORIZON"
    assert 0 < stream["MaximumRetryAttempts"] < 100
    assert 0 < stream["MaximumRecordAgeInSeconds"] < DAY  # what a stream keeps
    assert stream["ParallelizationFactor"] == 1
    assert stream["MaximumBatchingWindowInSeconds"] == 0


def test_a_schedule_finds_what_the_stream_left_behind(templates: Templates, environment: str) -> None:
    rules = templates["todo"].of_type("AWS::Events::Rule").values()
    (rule,) = [each for each in rules if "ScheduleExpression" in each]
    minutes = load_environment(ROOT, environment).sweep_minutes
    assert rule["ScheduleExpression"] == f"rate({minutes} minutes)"
    (target,) = rule["Targets"]
    assert target["Arn"] == arn("lambda", f"function:{environment}-todo-relay:live")
    assert json.loads(target["Input"]) == {"sweep": True}


def test_only_a_service_that_speaks_has_a_stream_an_outbox_and_a_relay(templates: Templates) -> None:
    speaking = set()
    for service in SERVICES:
        (table,) = templates[service].of_type("AWS::DynamoDB::Table").values()
        outbox = "outbox" in {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])}
        relay = any(
            "relay" in each["FunctionName"]
            for each in templates[service].of_type("AWS::Lambda::Function").values()
        )
        assert outbox == relay == ("StreamSpecification" in table)
        speaking |= {service} if relay else set()
    assert speaking == {"analytics", "media", "notifications", "todo"}


def test_tables_are_paid_by_use_encrypted_and_recoverable(templates: Templates, environment: str) -> None:
    for service in SERVICES:
        (table,) = templates[service].of_type("AWS::DynamoDB::Table").values()
        assert table["TableName"] == f"{environment}-{service}"
        assert [each["AttributeName"] for each in table["KeySchema"]] == ["pk", "sk"]
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["SSESpecification"] == {"SSEEnabled": True}
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
        assert table["PointInTimeRecoverySpecification"] == {
            "PointInTimeRecoveryEnabled": environment != "dev"
        }
        assert table["DeletionProtectionEnabled"] == (environment == "production")
        for index in table.get("GlobalSecondaryIndexes", []):
            keys = [each["AttributeName"] for each in index["KeySchema"]]
            assert keys == [f"{index['IndexName']}:pk", f"{index['IndexName']}:sk"]
            assert index["Projection"] == {"ProjectionType": "ALL"}
    assert {service: _indexes(templates[service]) for service in SERVICES} == {
        "todo": {"Todo.by_attachment", "Todo.by_created", "Todo.by_ref", "outbox"},
        "media": {"Image.by_state", "Image.by_time", "Video.by_state", "Video.by_time", "outbox"},
        "notifications": {
            "Device.by_time",
            "Device.by_token",
            "Notification.by_time",
            "Notification.by_unread",
            "SentEmail.by_about",
            "SentEmail.by_time",
            "outbox",
        },
        "analytics": {"Score.by_events", "Tally.by_name", "outbox"},
    }


def test_every_consumer_has_a_queue_whose_dead_letters_are_kept(
    templates: Templates, environment: str
) -> None:
    for service, consumer, tries in (
        ("notifications", "email", 3),
        ("analytics", "count", 3),
        ("analytics", "rebuild", 5),
    ):
        queues = {each["QueueName"]: each for each in templates[service].of_type("AWS::SQS::Queue").values()}
        queue, dead = (
            queues[f"{environment}-{service}-{consumer}"],
            queues[f"{environment}-{service}-{consumer}-dlq"],
        )
        assert queue["RedrivePolicy"] == {
            "deadLetterTargetArn": arn("sqs", dead["QueueName"]),
            "maxReceiveCount": tries + 2,  # the attempts, and two more for those whose consumer died
        }
        assert dead["RedriveAllowPolicy"] == {
            "redrivePermission": "byQueue",
            "sourceQueueArns": [arn("sqs", queue["QueueName"])],
        }
        sources = templates[service].of_type("AWS::Lambda::EventSourceMapping").values()
        (source,) = (each for each in sources if each["EventSourceArn"] == arn("sqs", queue["QueueName"]))
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert source["ScalingConfig"]["MaximumConcurrency"] >= 2
        function = _function(templates[service], source["FunctionName"])
        assert queue["VisibilityTimeout"] == 6 * function["Timeout"]


def test_every_queue_is_encrypted_and_keeps_less_than_the_inbox_remembers(templates: Templates) -> None:
    for service in SERVICES:
        for queue in templates[service].of_type("AWS::SQS::Queue").values():
            assert queue["SqsManagedSseEnabled"] is True
            assert queue["MessageRetentionPeriod"] == 14 * DAY  # queue and DLQ together: 28 days


def test_a_rule_feeds_the_consumer_what_it_hears_and_drops_nothing(
    templates: Templates, environment: str
) -> None:
    rules = templates["analytics"].of_type("AWS::Events::Rule").values()
    (rule,) = (each for each in rules if "EventPattern" in each)
    assert rule["EventBusName"] == f"{environment}-bus"
    assert rule["EventPattern"] == {"detail": {"specversion": ["1.0"]}}
    (target,) = rule["Targets"]
    assert target["Arn"] == arn("sqs", f"{environment}-analytics-count")
    assert target["InputPath"] == "$.detail"
    assert target["DeadLetterConfig"] == {"Arn": arn("sqs", f"{environment}-analytics-count-dlq")}
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": DAY, "MaximumRetryAttempts": 185}


def test_of_what_lies_in_buckets_uploads_alone_are_heard_of(templates: Templates, environment: str) -> None:
    """Media writes originals and renditions: were they heard of, it would render its own renditions."""
    rules = templates["media"].of_type("AWS::Events::Rule").values()
    patterns = [each.get("EventPattern", {}) for each in rules]
    heard = [each for each in patterns if "aws.s3" in each.get("source", ())]
    assert sorted(each["detail"]["bucket"]["name"] for each in heard) == [
        [f"{environment}-media-images-{ACCOUNT}"],
        [f"{environment}-media-videos-{ACCOUNT}"],
    ]
    assert {json.dumps(each["detail"]["object"]) for each in heard} == {'{"key": [{"prefix": "uploads/"}]}'}
    assert set(AREAS) - {UPLOADS} == {ORIGINALS, RENDITIONS}
    told = [
        each["NotificationConfiguration"] for each in templates["media"].of_type("AWS::S3::Bucket").values()
    ]
    assert told == [{"EventBridgeConfiguration": {"EventBridgeEnabled": True}}] * 2  # and no other way


def test_one_door_asks_for_a_token_and_both_for_cloudfront_where_it_is(
    templates: Templates, environment: str
) -> None:
    platform = templates["platform"]
    doors = [
        each for each in platform.of_type("AWS::ApiGatewayV2::Route").values() if "AuthorizationType" in each
    ]
    guards = platform.of_type("AWS::ApiGatewayV2::Authorizer")
    names = {id: guard["Name"].removeprefix(f"{environment}-") for id, guard in guards.items()}
    public = ("NONE", None) if environment == "local" else ("CUSTOM", "doorkeeper")
    routes = {
        each["RouteKey"]: (each["AuthorizationType"], names.get(each.get("AuthorizerId"))) for each in doors
    }
    assert routes == {
        "POST /graphql": ("CUSTOM", "authorizer"),
        "GET /graphql": ("CUSTOM", "authorizer"),
        "POST /public/graphql": public,
        "GET /public/graphql": public,
    }
    integrations = platform.of_type("AWS::ApiGatewayV2::Integration")
    (router,) = [id for id, each in integrations.items() if "PayloadFormatVersion" in each]
    targets = {each["Target"] for each in doors}
    assert targets == {f"integrations/{router}"}
    token, secret = "$request.header.Authorization", "$request.header.x-origin-secret"
    sources = {names[id]: guard["IdentitySource"] for id, guard in guards.items()}
    if environment == "local":
        assert sources == {"authorizer": [token]}
    else:
        assert sources == {"authorizer": [token, secret], "doorkeeper": [secret]}
    for id, guard in guards.items():
        assert guard["AuthorizerPayloadFormatVersion"] == "2.0"
        assert guard["EnableSimpleResponses"] is True
        assert guard["AuthorizerResultTtlInSeconds"] == 300
        assert f"function:{environment}-{names[id]}:live/invocations" in guard["AuthorizerUri"]
    integration = integrations[router]
    assert integration["IntegrationUri"] == arn("lambda", f"function:{environment}-router:live")
    assert integration["PayloadFormatVersion"] == "2.0"
    assert integration["TimeoutInMillis"] == 29_000


def test_what_becomes_of_a_mail_is_told_to_the_default_bus(templates: Templates, environment: str) -> None:
    platform = templates["platform"]
    (configuration,) = platform.of_type("AWS::SES::ConfigurationSet").values()
    assert configuration["Name"] == f"{environment}-mail"
    (told,) = platform.of_type("AWS::SES::ConfigurationSetEventDestination").values()
    (id,) = platform.of_type("AWS::SES::ConfigurationSet")
    assert told["ConfigurationSetName"] == id
    assert told["EventDestination"] == {
        "Name": "default-bus",
        "Enabled": True,
        "MatchingEventTypes": ["BOUNCE", "COMPLAINT"],
        "EventBridgeDestination": {"EventBusArn": arn("events", "event-bus/default")},
    }
    send = _function(templates["notifications"], f"{environment}-notifications-queue-send-email")
    assert send["Environment"]["Variables"]["THESTACK_MAIL_CONFIGURATION"] == f"{environment}-mail"


def test_the_api_is_throttled_and_its_log_says_nothing_of_who_called(templates: Templates) -> None:
    stages = templates["platform"].of_type("AWS::ApiGatewayV2::Stage").values()
    assert all(each["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0 for each in stages)
    (stage,) = [each for each in stages if each["StageName"] == "$default"]
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0
    line = json.loads(stage["AccessLogSettings"]["Format"])
    assert line["requestId"] == "$context.requestId"
    assert not [
        value
        for value in line.values()
        if "identity" in value or "authorizer.claims" in value or "header" in value
    ]


def test_timeouts_shrink_on_the_way_in(templates: Templates, environment: str) -> None:
    router = _function(templates["platform"], f"{environment}-router")
    for service in SERVICES:
        subgraph = _function(templates[service], f"{environment}-{service}-graphql")
        assert router["Timeout"] == 29 > 25 > subgraph["Timeout"] == 20


def test_users_sign_up_by_email_and_can_not_choose_their_tenant(
    templates: Templates, environment: str
) -> None:
    (pool,) = templates["platform"].of_type("AWS::Cognito::UserPool").values()
    (client,) = templates["platform"].of_type("AWS::Cognito::UserPoolClient").values()
    assert pool["UsernameAttributes"] == pool["AutoVerifiedAttributes"] == ["email"]
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": False}
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12
    assert {each["Name"] for each in pool["Schema"]} == {"email", "tenant"}
    assert client["WriteAttributes"] == ["email"]
    trigger = pool["LambdaConfig"]["PreTokenGenerationConfig"]
    assert trigger == {
        "LambdaArn": arn("lambda", f"function:{environment}-pre-token:live"),
        "LambdaVersion": "V2_0",
    }
    assert client["GenerateSecret"] is False
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["AccessTokenValidity"] == 60
    assert client["TokenValidityUnits"]["AccessToken"] == "minutes"
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }
    assert client["EnableTokenRevocation"] is True
    assert client["ReadAttributes"] == ["email", "email_verified"]
    assert pool["UserPoolTier"] == "ESSENTIALS"  # below it no trigger can change an access token
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert pool["DeletionProtection"] == ("ACTIVE" if environment == "production" else "INACTIVE")
    groups = templates["platform"].of_type("AWS::Cognito::UserPoolGroup").values()
    assert {each["GroupName"] for each in groups} == {"staff"}


@pytest.mark.parametrize("kind", ["AWS::IAM::User", "Custom::", "AWS::CloudFormation::CustomResource"])
def test_templates_hold_nothing_that_runs_code_of_its_own(templates: Templates, kind: str) -> None:
    assert not [
        id
        for template in templates.values()
        for id, each in template.raw.items()
        if each["Type"].startswith(kind)
    ]


def test_no_function_is_reached_by_an_address_of_its_own_but_by_who_may(templates: Templates) -> None:
    urls = [each for template in templates.values() for each in template.of_type("AWS::Lambda::Url").values()]
    assert {each["AuthType"] for each in urls} <= {"AWS_IAM"}


def _function(template: Template, name: str) -> dict[str, Any]:
    bare = name.partition(":function:")[2].removesuffix(":live") or name
    return next(
        each for each in template.of_type("AWS::Lambda::Function").values() if each["FunctionName"] == bare
    )


def _indexes(template: Template) -> set[str]:
    (table,) = template.of_type("AWS::DynamoDB::Table").values()
    return {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])}
