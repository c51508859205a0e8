"""Stacks of definitions that a test writes itself."""

import json
import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from thestack.definition.load import load
from thestack.definition.model import ServiceModel
from thestack.infra.environment import Environment
from thestack.toolchain.tools import node_environment

ROOT = Path(__file__).resolve().parents[3]
HEAD = """
from thestack import *
service = Service("{name}")
"""
Define = Callable[..., ServiceModel]
Synthesize = Callable[..., dict[str, Any]]


@pytest.fixture
def define(tmp_path: Path) -> Define:
    """The model of a service from its definition's text; `name` must be the test's own."""

    def made(name: str, text: str) -> ServiceModel:
        path = tmp_path / "services" / name / "service.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD.format(name=name) + text, encoding="utf-8")
        loaded = load(path, tmp_path)
        assert loaded.model is not None, loaded.diagnostics
        return loaded.model

    return made


@pytest.fixture
def template(tmp_path: Path) -> Synthesize:
    """The template of a service's stack; `further` names the requirements that have a bundle of their own."""

    def made(
        model: ServiceModel, environment: Environment | None = None, further: Sequence[str] = ()
    ) -> dict[str, Any]:
        os.environ.update(node_environment(), CDK_VALIDATION="false")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the CDK's own imports
            import aws_cdk as cdk

            from thestack.infra.extension import extend
            from thestack.infra.service import ServiceStack
        bundle = tmp_path / "bundle.zip"
        bundle.write_bytes(b"PK\x05\x06" + bytes(18))
        app = cdk.App(outdir=str(tmp_path / "out"), analytics_reporting=False)
        settings = environment or Environment(name="test", mail_sender="no-reply@thestack.example")
        bundles = {name: tmp_path / f"{name}.zip" for name in further}
        for name, path in bundles.items():
            path.write_bytes(b"PK\x05\x06" + bytes(18) + name.encode())
        stack = ServiceStack(app, settings, model, bundle, further=bundles)
        extend(stack, model, tmp_path)
        found: dict[str, Any] = json.loads(
            json.dumps(app.synth().get_stack_by_name(stack.stack_name).template)
        )
        return found

    return made
