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


def aws_envelope(
    default_tenant: str | None, source: str = "<source>"
) -> events.CfnRule.InputTransformerProperty:
    """The transformer; `default_tenant` is that of an event which names none itself, `source` the service of
    AWS, where the event's own is what stands in for it.
    """
    written = {
        "specversion": "1.0",
        "id": "<id>",
        "type": "<type>",
        "source": source,
        "subject": "",
        "time": "<time>",
        "datacontenttype": "application/json",
        "dataversion": 1,
        "tenant": default_tenant or "",
        "data": "<data>",
    }
    template = json.dumps(written, separators=(",", ":"))
    # EventBridge quotes texts itself, and an object must not be quoted.
    paths = {name: path for name, path in _PATHS.items() if f'"<{name}>"' in template}
    for name in paths:
        template = template.replace(f'"<{name}>"', f"<{name}>")
    return events.CfnRule.InputTransformerProperty(input_paths_map=paths, input_template=template)
