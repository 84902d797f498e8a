"""The compiled form of YAML folders: the same data, never that of other files, and never in the way."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import dflint.knowledge
from dflint import compiled
from dflint.lint import rules_folder
from dflint.rule import RuleError
from dflint.rules import load_compiled, load_folder

KNOWLEDGE = Path(dflint.knowledge.__file__).parent
RULE = (rules_folder() / "caches" / "pip-no-cache.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", [KNOWLEDGE, rules_folder()], ids=["knowledge", "rules"])
def test_json_can_say_all_that_our_yaml_says(folder: Path) -> None:
    for path, data in compiled.sources(folder).items():
        parsed = compiled.parse(data.decode())
        assert json.loads(json.dumps(parsed)) == parsed, path


def test_rules_are_the_same_but_for_their_examples() -> None:
    from msgspec.structs import replace

    whole = load_folder(rules_folder())
    assert load_compiled(rules_folder()) == tuple(
        replace(each, examples=(), shipped=True) for each in whole
    )


def test_the_second_start_reads_the_compiled_form(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULE, encoding="utf-8")
    first = load_compiled(tmp_path)
    place = tmp_path / compiled.NAME
    data = json.loads(place.read_text(encoding="utf-8"))
    data["files"]["a.yaml"]["summary"] = "from the compiled form"
    place.write_text(json.dumps(data), encoding="utf-8")
    (second,) = load_compiled(tmp_path)
    assert (first[0].name, second.summary) == ("pip-no-cache", "from the compiled form")


@pytest.mark.parametrize("name", ["a.yaml", "deep/er/b.yml"])
def test_a_changed_or_new_file_is_seen(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.yaml").write_text(RULE, encoding="utf-8")
    load_compiled(tmp_path)
    other = RULE.replace("name: pip-no-cache", "name: other").replace("id: DF201", "id: OWN1")
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(other, encoding="utf-8")
    assert "other" in {rule.name for rule in load_compiled(tmp_path)}


def test_a_change_that_keeps_the_size_is_seen(tmp_path: Path) -> None:
    place = tmp_path / "a.yaml"
    place.write_text(RULE, encoding="utf-8")
    load_compiled(tmp_path)
    made = (tmp_path / compiled.NAME).stat().st_mtime_ns
    place.write_text(RULE.replace("name: pip-no-cache", "name: pip-no-cachf"), encoding="utf-8")
    os.utime(place, ns=(made + 1, made + 1))
    assert [rule.name for rule in load_compiled(tmp_path)] == ["pip-no-cachf"]


def test_files_that_are_newer_but_the_same_are_read_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, form = tmp_path / "a.yaml", tmp_path / compiled.NAME
    place.write_text(RULE, encoding="utf-8")
    load_compiled(tmp_path)
    os.utime(form, ns=(1_000, 1_000))
    reads: list[str] = []

    def read(path: str) -> bytes:
        reads.append(path)
        return Path(path).read_bytes()

    monkeypatch.setattr(compiled, "read_file", read)
    for _ in range(2):
        assert [rule.name for rule in load_compiled(tmp_path)] == ["pip-no-cache"]
    assert reads == [str(place)]
    assert form.stat().st_mtime_ns > place.stat().st_mtime_ns


@pytest.mark.parametrize("text", ["", "{", "[]", '{"checksum": 1}', '{"files": {}}', "\udcff"])
def test_a_broken_compiled_form_is_made_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(RULE, encoding="utf-8")
    place = tmp_path / compiled.NAME
    place.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert [rule.name for rule in load_compiled(tmp_path)] == ["pip-no-cache"]
    assert compiled.stored(tmp_path) is not None


def test_a_wrong_rule_is_told_and_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULE.replace("severity:", "severitty:"), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(RuleError, match="did you mean `severity`"):
            load_compiled(tmp_path)
    assert not (tmp_path / compiled.NAME).exists()


def test_a_folder_that_cannot_be_written_to_is_no_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> tuple[int, str]:
        raise PermissionError("read-only")

    (tmp_path / "a.yaml").write_text(RULE, encoding="utf-8")
    monkeypatch.setattr("tempfile.mkstemp", refuse)
    assert [rule.name for rule in load_compiled(tmp_path)] == ["pip-no-cache"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.yaml"]
