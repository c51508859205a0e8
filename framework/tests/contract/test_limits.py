"""What no stack may have is found in its template."""

from typing import Any

from thestack.contract.limits import shape_of
from thestack.contract.promise import StackShape


def test_exports_and_imports_are_found_wherever_they_stand() -> None:
    template: dict[str, Any] = {
        "Resources": {
            "A": {"Properties": {"List": [{"Deep": {"Fn::ImportValue": "MediaBucket"}}]}},
            "B": {"Properties": {"Name": {"Fn::ImportValue": {"Fn::Sub": "${Env}-bus"}}}},
        },
        "Outputs": {"Url": {"Value": "x"}, "Table": {"Value": "y", "Export": {"Name": "TodoTable"}}},
    }
    assert shape_of(template) == StackShape(2, ("TodoTable",), ("${Env}-bus", "MediaBucket"))


def test_a_template_without_them_has_none() -> None:
    assert shape_of({}) == StackShape()
