"""Clients' operations: where they are found, and what they say of a schema."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from thestack.contract import recorded
from thestack.contract.blame import Blame
from thestack.contract.findings import Finding, Level
from thestack.contract.operations import Operation, client_operations, operations_of
from thestack.contract.recorded import Section, merged, path_of, sections
from thestack.contract.replay import replayed

BEFORE = "type Query { todos: [Todo!] } type Todo { id: ID! title: String! note: String }"
WEB = "frontends/web/operations"
FILES = {
    f"{WEB}/lists.graphql": "query Todos { todos { ...Row } }\nquery Ids { todos { id } }",
    f"{WEB}/parts.graphql": "fragment Row on Todo { ...Title }\nfragment Title on Todo { title }",
    "frontends/staff/operations/all.graphql": "query Todos { todos { note } }",
    "frontends/web/src/other.graphql": "query Other { other }",
    "services/todo/x.graphql": "query Other { other }",
}


def replay(after: str, files: Mapping[str, str] = FILES, before: str | None = BEFORE) -> list[Finding]:
    blame = Blame({"todo": before or ""}, {"todo": after})
    return list(replayed(operations_of(files), before, after, blame))


def test_operations_are_found_by_client_with_the_fragments_that_they_need(tmp_path: Path) -> None:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    found = client_operations(tmp_path)
    assert found == operations_of(FILES)
    assert [(each.client, each.name) for each in found] == [
        ("staff", "Todos"),
        ("web", "Todos"),
        ("web", "Ids"),
    ]
    assert "fragment Title" in found[1].text
    assert "fragment" not in found[2].text


def test_an_operation_without_a_name_is_called_by_what_it_asks() -> None:
    (found,) = operations_of({f"{WEB}/x.graphql": "{ todos { id } me { id } }"})
    assert str(found) == f"operation query todos, me of {WEB}/x.graphql"


def test_a_field_in_use_is_not_dropped() -> None:
    (finding,) = replay(BEFORE.replace("title: String!", ""))
    assert (finding.code, finding.level) == ("C301", Level.BREAKING)
    assert (finding.service, finding.about) == ("todo", "Todo.title")
    assert finding.message == (
        f"operation Todos of {WEB}/lists.graphql of client web is not valid any more: "
        "Cannot query field 'title' on type 'Todo'"
    )


def test_an_unused_one_is() -> None:
    files = {path: text for path, text in FILES.items() if "staff" not in path}
    assert replay(BEFORE.replace("note: String", ""), files) == []


def test_what_was_wrong_before_is_not_this_changes_fault() -> None:
    files = {f"{WEB}/x.graphql": "query X { nothing }"}
    for after in (BEFORE, BEFORE.replace("note", "notes")):
        (finding,) = replay(after, files)
        assert (finding.code, finding.level, finding.service) == ("C302", Level.DANGEROUS, "")
        assert "was not valid before either" in finding.message
    (finding,) = replay(BEFORE, files, before=None)
    assert finding.level is Level.BREAKING


def test_a_file_that_is_no_graphql_is_told_by_its_place() -> None:
    (finding,) = replay(BEFORE, {f"{WEB}/x.graphql": "query X {\n  todos { id "})
    assert (finding.code, finding.level) == ("C303", Level.BREAKING)
    assert f"{WEB}/x.graphql of web can't be read" in finding.message
    assert "(line 2, column" in finding.message


def seen(text: str, hash: str, day: str) -> Section:
    return Section(hash.ljust(12, "0"), date.fromisoformat(day), text)


class TestRecorded:
    def test_what_is_recorded_is_replayed_under_its_client(self) -> None:
        first = "query A { ...F }\nfragment F on Query { todos { id } }"
        other = "query B { ...F }\nfragment F on Query { todos { title } }"
        made = merged("", [seen(first, "a", "2026-11-01"), seen(other, "b", "2026-11-02")])
        assert (made.new, made.left_out) == (2, 0)
        found = operations_of({path_of("app"): made.text})
        assert [(each.client, each.name) for each in found] == [("app", "A"), ("app", "B")]
        (finding,) = replay(BEFORE.replace("title: String!", ""), {path_of("app"): made.text})
        assert "operation B of frontends/recorded/operations/app.graphql of client app" in finding.message

    def test_recording_again_changes_dates_alone(self) -> None:
        text = merged("", [seen("{ a }", "a", "2026-11-01"), seen("{ b }", "b", "2026-11-01")]).text
        again = merged(text, [seen("{ b }", "b", "2026-11-03"), seen("{ a }", "a", "2026-10-03")])
        assert again.new == 0
        assert [(each.text, str(each.seen)) for each in sections(again.text)] == [
            ("{ a }", "2026-11-01"),
            ("{ b }", "2026-11-03"),
        ]
        assert merged(again.text, []).text == again.text

    def test_what_was_seen_last_stays_where_there_is_too_much(self) -> None:
        many = [seen(f"{{ f{number} }}", f"{number:04x}", "2026-11-01") for number in range(recorded.MOST)]
        made = merged(merged("", many).text, [seen("{ last }", "f", "2026-11-02")])
        assert made.left_out == 1
        assert len(sections(made.text)) == recorded.MOST
        assert "{ last }" in made.text

    def test_a_file_written_by_hand_is_read_as_well(self) -> None:
        found = operations_of({path_of("app"): "query A { a } query B { b }"})
        assert [each.name for each in found] == ["A", "B"]
        assert isinstance(found[0], Operation)
