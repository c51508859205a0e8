"""A synthesis that fails is explained by whoever knows the place."""

from pathlib import Path

import pytest

from thestack.diagnostics.diagnostic import DefinitionError
from thestack.infra.synth import SynthesisError
from thestack.local.failures import explained


def fail() -> None:
    raise SynthesisError("it failed")


def test_what_does_not_fail_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "services/a").mkdir(parents=True)
    (tmp_path / "services/a/service.py").write_text("this is no Python")
    assert explained(tmp_path, lambda: 7) == 7


def test_a_wrong_definition_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "services/a").mkdir(parents=True)
    file = tmp_path / "services/a/service.py"
    file.write_text("this is no Python")
    with pytest.raises(DefinitionError) as caught:
        explained(tmp_path, fail)
    assert [mistake.site.file for mistake in caught.value.diagnostics] == [str(file)]


def test_other_failures_speak_for_themselves(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    with pytest.raises(SynthesisError):
        explained(tmp_path, fail)
