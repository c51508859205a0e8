"""What the README shows is true."""

import re
from pathlib import Path

from thestack.definition.load import load

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_service_in_the_readme_is_a_service(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    file = tmp_path / "services/notes/service.py"
    file.parent.mkdir(parents=True)
    file.write_text(code)
    loaded = load(file, tmp_path)
    assert loaded.diagnostics == ()
    assert loaded.model
    assert [each.graphql for each in loaded.model.operations] == ["notes", "writeNote"]


def test_every_make_target_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"make ([a-z]+)", README)) <= targets


def test_every_file_that_the_documentation_points_to_exists() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", page.read_text(), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)#:]+)\)", prose):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} points to {target}"


def test_every_test_that_the_verification_table_names_exists() -> None:
    table = (ROOT / "docs/verification.md").read_text()
    tests = "\n".join(path.read_text() for path in ROOT.glob("**/tests/**/*.py") if ".venv" not in path.parts)
    tests += "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))
    for name in re.findall(r"(test_[a-z0-9_]+?)_?…", table) + re.findall(r"::(test_[a-z0-9_]+)`", table):
        assert f"def {name}" in tests, name
    for path in re.findall(r"`((?:framework/)?tests/[a-z0-9_/]+\.py)", table):
        assert (ROOT / path).is_file(), path
