"""A preview's settings are its base's without what stays, and its names are nobody else's."""

import pytest

from thestack.infra.environment import Environment, settings_of_text, settings_to_text
from thestack.infra.errors import SynthesisError
from thestack.infra.pieces import Backups, Budget, Edge, Monitoring, Waf
from thestack.infra.previews import beside, mistake_in

BASE = Environment(
    name="preview",
    mail_sender="a@b.example",
    account="111122223333",
    region="eu-central-1",
    memory_mb=1024,
    edge=Edge(waf=Waf()),
    public_site=True,
    monitoring=Monitoring(),
    backups=Backups(),
    budget=Budget(monthly=5, mails=("a@b.example",)),
)


def test_it_is_where_its_base_is_and_keeps_nothing() -> None:
    made = beside(BASE, "pr-1", borrowed={"media", "analytics"}, held=["media/clean"])
    assert (made.account, made.region, made.memory_mb) == ("111122223333", "eu-central-1", 1024)
    assert (made.retain_data, made.point_in_time_recovery, made.timers, made.sign_up) == (False,) * 4
    pieces = (made.edge, made.monitoring, made.backups, made.budget, made.sweep_minutes)
    assert pieces == (None,) * 5
    assert (made.tenancy, made.default_tenant) == ("single", "pr-1")
    assert made.preview is not None
    assert made.preview.borrowed == ("analytics", "media")


def test_its_settings_are_read_back_as_they_were() -> None:
    made = beside(BASE, "pr-1", borrowed=["media"])
    assert settings_of_text(settings_to_text(made)) == made
    with pytest.raises(SynthesisError, match=r"no settings of an environment: .*name"):
        settings_of_text('{"mail_sender": "a@b.example"}')


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pr-123", ""),
        ("previews", ""),
        ("preview", "it is the environment preview"),
        ("preview-1", "it begins as the environment preview's names do"),
        ("pr", "the names of pr-9 begin with it"),
        ("1", "2 to 20 lower-case letters"),
        ("1pr", "2 to 20 lower-case letters"),
        ("Pr-1", "2 to 20 lower-case letters"),
        ("pr-1-", "2 to 20 lower-case letters"),
        ("pr-1234567890123456789", "2 to 20 lower-case letters"),
    ],
)
def test_a_name_that_would_make_anothers_names_is_refused(name: str, said: str) -> None:
    mistake = mistake_in(name, ["preview", "local", "pr-9"])
    assert said in mistake
    assert bool(mistake) == bool(said)
