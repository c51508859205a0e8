"""The pieces of an environment are settings of their own, and a wrong one is said with its place."""

from dataclasses import replace
from pathlib import Path

import pytest

from thestack.infra.environment import Environment, load_environment
from thestack.infra.errors import SynthesisError
from thestack.infra.pieces import Edge

HEAD = "from thestack.infra.environment import Environment\nfrom thestack.infra.pieces import Edge, Waf\n"


def load(root: Path, settings: str) -> Environment:
    folder = root / "deploy/environments"
    folder.mkdir(parents=True)
    text = f'{HEAD}environment = Environment(name="blue", mail_sender="a@b.example", {settings})'
    (folder / "blue.py").write_text(text, encoding="utf-8")
    return load_environment(root, "blue")


def test_a_piece_has_its_own_settings(tmp_path: Path) -> None:
    environment = load(tmp_path, "edge=Edge(waf=Waf(requests=100))")
    assert environment.edge is not None
    assert environment.edge.waf is not None
    assert (environment.edge.waf.requests, environment.edge.waf.counting) == (100, True)
    assert environment.monitoring is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("memory_mb='512'", "memory_mb: Input should be a valid integer"),
        ("edge=Edge(domian='a.example')", "domian: Unexpected keyword argument"),
        ("edge=Edge(waf=Waf(requests='many', counting=1))", "counting: .* requests: "),
        ("edge=Edge(domain='https://a.example')", "domain: String should match pattern"),
        (
            "edge=Edge(certificate_arn='arn:aws:acm:eu-west-1:1:certificate/x')",
            "certificate_arn: .*us-east-1",
        ),
        ("edge=Edge(waf=Waf(body_bytes=100_000))", "body_bytes: Input should be less than or equal to 65536"),
        ("tenancy='double'", "tenancy: Input should be 'multi' or 'single'"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, settings: str, said: str) -> None:
    with pytest.raises(SynthesisError, match=rf"blue\.py: .*{said}"):
        load(tmp_path, settings)


def test_a_single_tenant_environment_says_whose_it_is(tmp_path: Path) -> None:
    with pytest.raises(SynthesisError, match="default_tenant whose it is"):
        load(tmp_path, 'tenancy="single"')


def test_settings_are_replaced_with_their_checks(tmp_path: Path) -> None:
    environment = load(tmp_path, "edge=Edge()")
    assert replace(environment, edge=Edge(domain="a.example")).edge == Edge(domain="a.example")
    with pytest.raises(SynthesisError, match="12 digits"):
        replace(environment, account="1")
