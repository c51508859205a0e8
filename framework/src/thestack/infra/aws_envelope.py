"""What the default bus makes of an event of AWS before it lies in a queue: an envelope as every other."""

import json

from aws_cdk import aws_events as events

_PATHS = {
    "id": "$.id",
    "type": "$.detail-type",
    "source": "$.source",
    "time": "$.time",
    "data": "$.detail",
}


def aws_envelope(default_tenant: str | None) -> events.CfnRule.InputTransformerProperty:
    """The transformer; `default_tenant` is that of an event which names none itself."""
    written = {
        "specversion": "1.0",
        "id": "<id>",
        "type": "<type>",
        "source": "<source>",
        "subject": "",
        "time": "<time>",
        "datacontenttype": "application/json",
        "dataversion": 1,
        "tenant": default_tenant or "",
        "data": "<data>",
    }
    template = json.dumps(written, separators=(",", ":"))
    # EventBridge quotes texts itself, and an object must not be quoted.
    for name in _PATHS:
        template = template.replace(f'"<{name}>"', f"<{name}>")
    return events.CfnRule.InputTransformerProperty(input_paths_map=_PATHS, input_template=template)
