"""The web ACL before the API: what of the world's requests is not even looked at."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from thestack.definition import names
from thestack.infra.api import DOORS, METHODS
from thestack.infra.environment import Environment
from thestack.infra.pieces import Waf

Statement = Mapping[str, Any]
MANAGED: Mapping[str, tuple[str, ...]] = {
    "AWSManagedRulesAmazonIpReputationList": (),
    # Its own limit of a body is 8 KB, which a query of a large page passes: ours says what is too large.
    "AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
}
"""AWS's rule groups, each with its rules that only count."""
INSPECTED_KB = (16, 32, 48, 64)
"""How much of a body a web ACL before CloudFront looks at; more than the first is paid for by the request."""
HOOKS = rf"^{names.hook_path('[^/]+', '[^/]+', '[^/]+')}$"
PREFLIGHT = "OPTIONS"


class WebAcl(Construct):
    """Rules in the order in which they are asked. With `waf.counting` none blocks."""

    def __init__(self, scope: Construct, id: str, environment: Environment, settings: Waf) -> None:
        super().__init__(scope, id)
        self._counting, name = settings.counting, f"{environment.name}-{names.API_HOST}"
        rules = [
            self._own("Routes", {"notStatement": {"statement": _routes()}}),
            self._own("Body", _larger_than(settings.body_bytes)),
            self._own("Rate", {"rateBasedStatement": {"limit": settings.requests, "aggregateKeyType": "IP"}}),
            *(self._managed(group, counted) for group, counted in MANAGED.items()),
        ]
        self.acl = waf.CfnWebACL(
            self,
            "Acl",
            name=name,
            scope="CLOUDFRONT",
            description="What of the requests to the API is not even looked at",
            default_action={"allow": {}},
            rules=[{**rule, "priority": number} for number, rule in enumerate(rules)],
            visibility_config=_seen_as(name),
            association_config={
                "requestBody": {
                    "CLOUDFRONT": {"defaultSizeInspectionLimit": f"KB_{_inspected(settings.body_bytes)}"}
                }
            },
        )

    def _own(self, name: str, statement: Statement) -> dict[str, Any]:
        return {
            "name": name,
            "statement": statement,
            "action": {"count": {}} if self._counting else {"block": {}},
            "visibilityConfig": _seen_as(name),
        }

    def _managed(self, group: str, counted: tuple[str, ...]) -> dict[str, Any]:
        overrides = [{"name": each, "actionToUse": {"count": {}}} for each in counted]
        statement = {"vendorName": "AWS", "name": group}
        return {
            "name": group,
            "statement": {
                "managedRuleGroupStatement": {
                    **statement,
                    **({"ruleActionOverrides": overrides} if overrides else {}),
                }
            },
            "overrideAction": {"count": {}} if self._counting else {"none": {}},
            "visibilityConfig": _seen_as(group),
        }


def _routes() -> Statement:
    """The paths and methods that the API has: GraphQL's doors, hooks, and the preflights of both."""
    doors = [_is("uriPath", path) for path in DOORS]
    hooks = {
        "regexMatchStatement": {
            "fieldToMatch": {"uriPath": {}},
            "regexString": HOOKS,
            "textTransformations": _AS_IT_IS,
        }
    }
    methods = [_is("method", each) for each in (*METHODS, PREFLIGHT)]
    return _and(_or(*doors, hooks), _or(*methods))


def _larger_than(size: int) -> Statement:
    return {
        "sizeConstraintStatement": {
            # What does not fit into what is looked at is larger in any case.
            "fieldToMatch": {"body": {"oversizeHandling": "MATCH"}},
            "comparisonOperator": "GT",
            "size": size,
            "textTransformations": _AS_IT_IS,
        }
    }


def _inspected(size: int) -> int:
    return next((each for each in INSPECTED_KB if size <= each * 1024), INSPECTED_KB[-1])


def _is(part: str, text: str) -> Statement:
    return {
        "byteMatchStatement": {
            "fieldToMatch": {part: {}},
            "positionalConstraint": "EXACTLY",
            "searchString": text,
            "textTransformations": _AS_IT_IS,
        }
    }


def _and(*statements: Statement) -> Statement:
    return {"andStatement": {"statements": list(statements)}}


def _or(*statements: Statement) -> Statement:
    return {"orStatement": {"statements": list(statements)}}


def _seen_as(name: str) -> dict[str, Any]:
    return {"cloudWatchMetricsEnabled": True, "sampledRequestsEnabled": True, "metricName": name}


_AS_IT_IS = [{"priority": 0, "type": "NONE"}]
