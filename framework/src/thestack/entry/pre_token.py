"""Cognito's pre-token trigger:
puts the tenant into access tokens, from an attribute that users can't write.
"""

import json
import os
from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Pre token generation, event version 2."""
    attributes = event["request"]["userAttributes"]
    tenant = attributes.get("custom:tenant") or os.environ.get("THESTACK_DEFAULT_TENANT", "main")
    added = {"claimsToAddOrOverride": {"tenant": tenant}}
    event["response"]["claimsAndScopeOverrideDetails"] = {
        "accessTokenGeneration": added,
        "idTokenGeneration": added,
    }
    print(json.dumps({"message": "tenant added", "tenant": tenant}))
    return event
