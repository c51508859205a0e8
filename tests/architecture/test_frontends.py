"""The frontends' stacks: who may read pages and call functions, and what browsers and CloudFront are told."""

import re

import pytest

from tests.architecture.resolved import Template

SITES = {"frontend-public": "app", "frontend-internal": "internal"}
Templates = dict[str, Template]


@pytest.fixture(params=["dev", "production"])
def environment(request: pytest.FixtureRequest) -> str:
    """Those of the environments that have frontends; the inner loop serves pages from the source."""
    name: str = request.param
    return name


@pytest.fixture
def sites(templates: Templates) -> Templates:
    """The frontends."""
    return {name: templates[name] for name in SITES}


def test_pages_are_read_by_their_own_distribution_alone(sites: Templates) -> None:
    for template in sites.values():
        (distribution,) = template.of_type("AWS::CloudFront::Distribution")
        pages = template.properties("Pages")
        assert set(pages["PublicAccessBlockConfiguration"].values()) == {True}
        (policy,) = (
            each["PolicyDocument"]["Statement"]
            for each in template.of_type("AWS::S3::BucketPolicy").values()
            if each["Bucket"] == "Pages"
        )
        (allowed,) = (each for each in policy if each["Effect"] == "Allow")
        assert allowed["Action"] == "s3:GetObject"  # what is not there is 403: nobody may list
        (source,) = allowed["Condition"]["StringEquals"].values()
        assert source.endswith(f":distribution/{distribution}")


def test_every_request_for_pages_passes_a_function(sites: Templates) -> None:
    for name, template in sites.items():
        (config,) = (
            each["DistributionConfig"] for each in template.of_type("AWS::CloudFront::Distribution").values()
        )
        behaviors = [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", [])]
        for each in behaviors:
            assert [association["EventType"] for association in each["FunctionAssociations"]] == [
                "viewer-request"
            ]
            assert each["AllowedMethods"] == ["GET", "HEAD"]
            assert each["ViewerProtocolPolicy"] in {"https-only", "redirect-to-https"}
        paths = [each.get("PathPattern") for each in behaviors]
        assert paths == ([None] if name == "frontend-public" else [None, "/auth/*"])
        assert "CustomErrorResponses" not in config  # no error becomes the page
        assert config["HttpVersion"] == "http2and3"


def test_the_guard_reads_its_keys_from_a_store_and_holds_none(sites: Templates) -> None:
    internal = sites["frontend-internal"]
    (guard,) = (
        each
        for each in internal.of_type("AWS::CloudFront::Function").values()
        if each["Name"].endswith("-guard")
    )
    assert guard["FunctionCode"].startswith("import cf from 'cloudfront';\nconst keys = cf.kvs();\n")
    assert guard["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    assert len(guard["FunctionConfig"]["KeyValueStoreAssociations"]) == 1
    assert len(guard["FunctionCode"].encode()) < 10 * 1024  # CloudFront's limit
    (store,) = internal.of_type("AWS::CloudFront::KeyValueStore").values()
    assert "ImportSource" not in store


def test_signing_in_is_called_by_this_distribution_alone_and_signed(sites: Templates) -> None:
    internal = sites["frontend-internal"]
    (url,) = internal.of_type("AWS::Lambda::Url").values()
    assert url["AuthType"] == "AWS_IAM"
    access = internal.of_type("AWS::CloudFront::OriginAccessControl").values()
    kinds = {each["OriginAccessControlConfig"]["OriginAccessControlOriginType"] for each in access}
    assert kinds == {"s3", "lambda"}
    assert {each["OriginAccessControlConfig"]["SigningBehavior"] for each in access} == {"always"}


def test_the_client_leads_back_to_the_site_alone_and_proves_itself(
    sites: Templates, environment: str
) -> None:
    client = sites["frontend-internal"].properties("Client")
    assert client["GenerateSecret"]
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["AllowedOAuthScopes"] == ["openid", "email", "thestack/inside"]
    (back,), (out,) = client["CallbackURLs"], client["LogoutURLs"]
    host = "internal.thestack.example" if environment == "production" else r"\w+\.DomainName"
    assert re.fullmatch(rf"https://{host}/auth/callback", back)
    assert re.fullmatch(rf"https://{host}/auth/signed-out", out)


def test_no_other_client_is_granted_the_scope_that_opens_the_api(templates: Templates) -> None:
    clients = {
        (name, id): each
        for name, template in templates.items()
        for id, each in template.of_type("AWS::Cognito::UserPoolClient").items()
    }
    others = [each for key, each in clients.items() if key != ("frontend-internal", "Client")]
    assert others
    assert not any("AllowedOAuthScopes" in each or "AllowedOAuthFlows" in each for each in others)


def test_pages_load_and_connect_to_nothing_else(sites: Templates, environment: str) -> None:
    for template in sites.values():
        (headers,) = template.of_type("AWS::CloudFront::ResponseHeadersPolicy").values()
        security = headers["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        policy = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
        parts = dict(each.partition(" ")[::2] for each in policy.split("; "))
        assert parts["default-src"] == parts["form-action"] == parts["frame-ancestors"] == "'none'"
        assert parts["script-src"] == parts["style-src"] == parts["img-src"] == "'self'"
        assert parts["connect-src"].split() == [
            "'self'",
            f"ssm:/{environment}/platform/api/url",
            "https://cognito-idp.eu-central-1.amazonaws.com",
        ]
        assert parts["require-trusted-types-for"] == "'script'"


def test_browsers_find_them_by_name_and_by_tls_of_2021(sites: Templates, environment: str) -> None:
    for name, template in sites.items():
        records = template.of_type("AWS::Route53::RecordSet").values()
        (config,) = (
            each["DistributionConfig"] for each in template.of_type("AWS::CloudFront::Distribution").values()
        )
        if environment == "production":
            host = f"{SITES[name]}.thestack.example"
            assert {(each["Name"].rstrip("."), each["Type"]) for each in records} == {
                (host, "A"),
                (host, "AAAA"),
            }
            assert config["Aliases"] == [host]
            assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
            assert "Logging" in config
        else:
            assert not records
            assert "Aliases" not in config
