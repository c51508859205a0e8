"""An environment's bill: from the templates of its stacks, prices, and what it is asked to do."""

import json
from pathlib import Path

from thestack.costs.bill import Bill
from thestack.costs.idle import idle_items
from thestack.costs.prices import Prices
from thestack.costs.template import Templates
from thestack.costs.usage import used_items
from thestack.infra.pieces import Load
from thestack.infra.synth import synthesize


def templates_of(root: Path, environment: str) -> Templates:
    """The templates of all stacks of an environment, without code. Raises `SynthesisError`."""
    stacks = synthesize(root, environment, code="source").stacks
    return {each.name: json.loads(each.template.read_text(encoding="utf-8")) for each in stacks}


def estimate(templates: Templates, load: Load, prices: Prices) -> Bill:
    """The bill. Raises `Unpriced`."""
    return Bill(tuple(idle_items(templates, prices)), tuple(used_items(templates, load, prices)))
