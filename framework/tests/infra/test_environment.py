"""Settings that can't work are refused with what to do."""

from pathlib import Path

import pytest

from thestack.infra.environment import Environment, load_environment
from thestack.infra.errors import SynthesisError

SENDER = "no-reply@thestack.example"
HEAD = "from thestack.infra.environment import Environment\n"


def write(root: Path, name: str, text: str) -> None:
    folder = root / "deploy/environments"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(HEAD + text, encoding="utf-8")


def test_an_environment_is_a_file(tmp_path: Path) -> None:
    write(tmp_path, "blue", f'environment = Environment(name="blue", mail_sender="{SENDER}")')
    assert load_environment(tmp_path, "blue").retain_data


def test_an_unknown_one_is_refused_with_those_that_exist(tmp_path: Path) -> None:
    write(tmp_path, "blue", f'environment = Environment(name="blue", mail_sender="{SENDER}")')
    with pytest.raises(
        SynthesisError, match=r"no environment 'green'.*green\.py is missing; there are: blue"
    ):
        load_environment(tmp_path, "green")


def test_file_and_name_must_agree(tmp_path: Path) -> None:
    write(tmp_path, "blue", f'environment = Environment(name="red", mail_sender="{SENDER}")')
    with pytest.raises(SynthesisError, match="file and name must agree"):
        load_environment(tmp_path, "blue")


def test_a_file_must_set_one(tmp_path: Path) -> None:
    write(tmp_path, "blue", "")
    with pytest.raises(SynthesisError, match="must set `environment"):
        load_environment(tmp_path, "blue")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"name": "Blue!"}, "lower-case letters"),
        ({"account": "12"}, "must be 12 digits"),
        ({"mail_sender": "nobody"}, "must be an e-mail address"),
        ({"consumer_concurrency": 1}, "between 2 and 1000"),
        ({"router_timeout": 30}, "at most 29"),
        ({"epochs": {"todo": 0}}, "the epoch of todo is 0: the first is 1"),
    ],
)
def test_settings_that_can_not_work_are_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(SynthesisError, match=said):
        Environment(**({"name": "blue", "mail_sender": SENDER} | settings))  # type: ignore[arg-type]
