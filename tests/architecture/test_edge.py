"""What stands before the API, in the templates of environments with and without a domain of their own."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.architecture.conftest import ROOT
from tests.architecture.resolved import Template
from thestack.definition import names
from thestack.infra.environment import Environment, load_environment
from thestack.infra.errors import SynthesisError
from thestack.infra.pieces import Edge, Waf

Templates = dict[str, Template]
Rules = Mapping[str, Mapping[str, Any]]
ASKED = re.compile(r"^/public/hooks/[^/]+/[^/]+/[^/]+$")


@pytest.fixture(params=["dev", "production"])
def environment(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def distribution(templates: Templates) -> Mapping[str, Any]:
    (found,) = templates["edge"].of_type("AWS::CloudFront::Distribution").values()
    config: Mapping[str, Any] = found["DistributionConfig"]
    return config


def behaviors(config: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    found = {each["PathPattern"]: each for each in config["CacheBehaviors"]}
    return {"*": config["DefaultCacheBehavior"], **found}


def made(environment: Environment, *stacks: str) -> dict[str, dict[str, Any]]:
    """The templates of these stacks in an environment that no file has."""
    import aws_cdk as cdk

    from deploy.shared import add_shared

    app = cdk.App(analytics_reporting=False)
    add_shared(app, environment, stacks, None)
    return {each.stack_name: each.template for each in app.synth().stacks}


def test_the_way_to_the_api_is_encrypted_modern_and_not_cached(
    templates: Templates, environment: str
) -> None:
    config = distribution(templates)
    assert (config["Enabled"], config["HttpVersion"], config["IPV6Enabled"]) == (True, "http2and3", True)
    (origin,) = config["Origins"]
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert origin["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]
    assert origin["CustomOriginConfig"]["OriginReadTimeout"] == 30  # the router has 29 s
    (policy,) = templates["edge"].of_type("AWS::CloudFront::CachePolicy").values()
    cached = policy["CachePolicyConfig"]
    assert (cached["MinTTL"], cached["DefaultTTL"], cached["MaxTTL"]) == (0, 0, 1)
    keyed = cached["ParametersInCacheKeyAndForwardedToOrigin"]
    assert keyed["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": ["authorization"]}
    for behavior in behaviors(config).values():
        assert behavior["ViewerProtocolPolicy"] == "https-only"
        assert behavior["Compress"] is True
    assert behaviors(config)["*"]["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # none at all


def test_of_a_request_only_what_the_api_reads_is_handed_on(templates: Templates) -> None:
    (policy,) = templates["edge"].of_type("AWS::CloudFront::OriginRequestPolicy").values()
    handed = policy["OriginRequestPolicyConfig"]
    assert handed["CookiesConfig"] == {"CookieBehavior": "none"}
    assert handed["HeadersConfig"] == {
        "HeaderBehavior": "whitelist",
        "Headers": [
            "accept",
            "access-control-request-headers",
            "access-control-request-method",
            "content-type",
            "graphql-client-name",
            "origin",
            "traceparent",
            "x-correlation-id",
        ],
    }
    assert len(handed["HeadersConfig"]["Headers"]) <= 10  # as many as CloudFront takes


def test_every_answer_has_the_headers_that_browsers_heed(templates: Templates) -> None:
    (policy,) = templates["edge"].of_type("AWS::CloudFront::ResponseHeadersPolicy").values()
    said = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert said["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
    assert said["ContentTypeOptions"] == {"Override": True}
    assert said["FrameOptions"] == {"FrameOption": "DENY", "Override": True}
    assert said["ReferrerPolicy"]["ReferrerPolicy"] == "strict-origin-when-cross-origin"
    used = {each.get("ResponseHeadersPolicyId") for each in behaviors(distribution(templates)).values()}
    assert len(used) == 1
    assert None not in used


def test_the_origin_is_told_a_secret_that_no_template_holds(templates: Templates) -> None:
    (origin,) = distribution(templates)["Origins"]
    (header,) = origin["OriginCustomHeaders"]
    assert header["HeaderName"] == "x-origin-secret"
    assert header["HeaderValue"] == "parameter:OriginSecret"
    asked = templates["edge"].document["Parameters"]["OriginSecret"]
    assert asked["NoEcho"] is True
    assert "Default" not in asked


def test_with_a_domain_it_has_names_a_certificate_and_a_web_acl(
    templates: Templates, environment: str
) -> None:
    config, edge = distribution(templates), load_environment(ROOT, environment).edge
    assert edge
    records = templates["edge"].of_type("AWS::Route53::RecordSet").values()
    if edge.domain is None:
        assert not {"Aliases", "ViewerCertificate", "WebACLId", "Logging"} & config.keys()
        assert (list(records), "zone" in templates, "edge-global" in templates) == ([], False, False)
        return
    assert config["Aliases"] == [f"api.{edge.domain}"]
    assert config["ViewerCertificate"] == {
        "AcmCertificateArn": edge.certificate_arn,
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }
    assert config["WebACLId"] == edge.web_acl_arn
    assert sorted(each["Type"] for each in records) == ["A", "AAAA"]
    assert {each["Name"] for each in records} == {f"api.{edge.domain}"}
    assert {each["HostedZoneId"] for each in records} == {edge.zone_id}
    told = templates["edge"].of_type("AWS::SSM::Parameter").values()
    url = names.parameter(environment, names.API_URL)
    assert [each["Value"] for each in told if each["Name"] == url] == [f"https://api.{edge.domain}"]


def test_access_logs_lie_in_a_private_bucket_and_not_for_ever(templates: Templates, environment: str) -> None:
    buckets = list(templates["edge"].of_type("AWS::S3::Bucket").values())
    if environment == "dev":
        assert buckets == []
        return
    (logs,) = buckets
    assert set(logs["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = logs["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == load_environment(ROOT, environment).log_retention_days
    assert distribution(templates)["Logging"]["IncludeCookies"] is False


def test_us_east_1_has_the_certificate_and_the_web_acl_and_nothing_else() -> None:
    for name in ("production", "acme"):
        settings = load_environment(ROOT, name)
        assert settings.region != names.EDGE_REGION
        (template,) = made(settings, names.EDGE_GLOBAL).values()
        kinds = sorted(each["Type"] for each in template["Resources"].values())
        assert kinds == ["AWS::CertificateManager::Certificate", "AWS::WAFv2::WebACL"]
        (certificate,) = _of(template, "AWS::CertificateManager::Certificate")
        assert certificate["ValidationMethod"] == "DNS"
        assert settings.edge
        assert settings.edge.domain
        domain = settings.edge.domain
        hosts = [f"{label}.{domain}" for label in ("api", "app", "internal")]
        assert (certificate["DomainName"], certificate["SubjectAlternativeNames"]) == (domain, hosts)
        validated = {
            each["DomainName"]: each["HostedZoneId"] for each in certificate["DomainValidationOptions"]
        }
        assert validated == dict.fromkeys([domain, *hosts], settings.edge.zone_id)
        told = {each["Description"] for each in template["Outputs"].values()}
        assert all(each.startswith("edge.") for each in told)


def _of(template: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    return [each["Properties"] for each in template["Resources"].values() if each["Type"] == kind]


def rules(waf: Waf) -> Rules:
    settings = load_environment(ROOT, "production")
    assert settings.edge
    other = replace(settings, edge=replace(settings.edge, waf=waf))
    (template,) = made(other, names.EDGE_GLOBAL).values()
    (acl,) = _of(template, "AWS::WAFv2::WebACL")
    assert (acl["Scope"], acl["DefaultAction"]) == ("CLOUDFRONT", {"Allow": {}})
    assert [each["Priority"] for each in acl["Rules"]] == list(range(len(acl["Rules"])))
    assert acl["AssociationConfig"]["RequestBody"]["CLOUDFRONT"] == {"DefaultSizeInspectionLimit": "KB_64"}
    return {each["Name"]: each for each in acl["Rules"]}


def test_the_web_acl_blocks_what_the_api_would_never_answer() -> None:
    found = rules(Waf(counting=False, requests=1000, body_bytes=50_000))
    assert list(found) == [
        "Routes",
        "Body",
        "Rate",
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    ]
    own, managed = list(found.values())[:3], list(found.values())[3:]
    assert all(each["Action"] == {"Block": {}} for each in own)
    assert all(each["OverrideAction"] == {"None": {}} for each in managed)
    rate = found["Rate"]["Statement"]["RateBasedStatement"]
    assert (rate["Limit"], rate["AggregateKeyType"]) == (1000, "IP")
    body = found["Body"]["Statement"]["SizeConstraintStatement"]
    assert (body["ComparisonOperator"], body["Size"]) == ("GT", 50_000)
    assert body["FieldToMatch"] == {"Body": {"OversizeHandling": "MATCH"}}
    group = found["AWSManagedRulesCommonRuleSet"]["Statement"]["ManagedRuleGroupStatement"]
    assert [each["Name"] for each in group["RuleActionOverrides"]] == ["SizeRestrictions_BODY"]


def test_while_it_counts_the_web_acl_blocks_nothing() -> None:
    for rule in rules(Waf(counting=True)).values():
        assert rule.get("Action", rule.get("OverrideAction")) == {"Count": {}}


def test_the_web_acl_lets_through_exactly_the_paths_and_methods_that_the_api_has(
    templates: Templates,
) -> None:
    statement = rules(Waf(counting=False))["Routes"]["Statement"]
    routes = {
        each["RouteKey"]
        for template in templates.values()
        for each in template.of_type("AWS::ApiGatewayV2::Route").values()
        if " " in each["RouteKey"]
    }
    assert len(routes) > 4
    for route in routes:
        method, path = route.split(" ")
        assert not blocks(statement, method, path.replace("{tenant}", "acme")), route
        assert not blocks(statement, "OPTIONS", path.replace("{tenant}", "acme"))
    for method, path in (
        ("GET", "/"),
        ("POST", "/graphql/"),
        ("POST", "/GraphQL"),
        ("DELETE", "/graphql"),
        ("PUT", "/public/graphql"),
        ("POST", "/public/hooks/acme/notifications"),
        ("POST", "/public/hooks/acme/notifications/unsubscribe/x"),
        ("GET", "/.env"),
        ("TRACE", "/graphql"),
    ):
        assert blocks(statement, method, path), (method, path)


def blocks(statement: Mapping[str, Any], method: str, path: str) -> bool:
    """What WAF's documentation makes of the statements that the rule consists of."""
    ((kind, said),) = statement.items()
    match kind:
        case "NotStatement":
            return not blocks(said["Statement"], method, path)
        case "AndStatement":
            return all(blocks(each, method, path) for each in said["Statements"])
        case "OrStatement":
            return any(blocks(each, method, path) for each in said["Statements"])
        case "ByteMatchStatement":
            assert said["PositionalConstraint"] == "EXACTLY"
            return bool(said["SearchString"] == (path if "UriPath" in said["FieldToMatch"] else method))
        case _:
            assert kind == "RegexMatchStatement"
            return re.search(said["RegexString"], path) is not None


@pytest.mark.parametrize(
    ("edge", "stack", "setting", "told_by"),
    [
        (Edge(domain="d.example"), names.EDGE_GLOBAL, "zone_id", "zone"),
        (Edge(domain="d.example"), names.EDGE, "zone_id", "zone"),
        (Edge(domain="d.example", zone_id="Z1"), names.EDGE, "certificate_arn", "edge-global"),
        (Edge(waf=Waf()), names.EDGE, "web_acl_arn", "edge-global"),
    ],
)
def test_what_an_earlier_stack_tells_must_be_in_the_settings(
    edge: Edge, stack: str, setting: str, told_by: str
) -> None:
    settings = Environment(name="early", mail_sender="no-reply@d.example", edge=edge)
    with pytest.raises(SynthesisError, match=f"{setting}.*`thestack deploy {told_by} --env early`"):
        made(settings, stack)


def test_an_environment_without_an_edge_is_reached_as_it_always_was() -> None:
    settings = Environment(name="plain", mail_sender="no-reply@d.example")
    assert made(settings, names.ZONE, names.EDGE_GLOBAL, names.EDGE) == {}
