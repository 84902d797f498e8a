"""Reading a `.hadolint.yaml` as its users wrote it, with the line of every name.

Keys and their meaning are those of hadolint's README ("Configure") and of running hadolint 2.15.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from dflint.lazy import regex
from dflint.nearest import nearest

FILES = (".hadolint.yaml", ".hadolint.yml")
LEVELS = ("error", "warning", "info", "style")
# With these two hadolint fails on whatever it finds, as it does with `style`.
THRESHOLDS = (*LEVELS, "ignore", "none")
LABEL_TYPES = ("text", "rfc3339", "semver", "url", "hash", "spdx", "email")
# Which of dflint's formats a format of hadolint's is; those of one name are added where they exist.
FORMATS = {"tty": "full", "gitlab_codeclimate": "gitlab"}
KEYS = (
    "ignored", "override", "failure-threshold", "trustedRegistries", "label-schema",
    "strict-labels", "disable-ignore-pragma", "no-fail", "format", "no-color", "verbose",
)  # fmt: skip
# A node of YAML as PyYAML composes it; its types name neither `id` nor what `value` is.
Node = Any
_CODE = regex(r"[A-Z]+[0-9]+")


class HadolintError(Exception):
    """A file that is not YAML, or no mapping: what is wrong, and the line if it is known."""

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


class Note(Struct, frozen=True):
    """Something that has no effect, and the line that it stands on."""

    line: int
    message: str


class Settings(Struct, frozen=True):
    """What a `.hadolint.yaml` says. `override` gives a level by code; ignoring a code beats it.

    `labels` are texts `name:type`; `pragmas` says whether comments may ignore rules; `lines` gives
    the line of every code and key.
    """

    ignored: tuple[str, ...] = ()
    override: Mapping[str, str] = field(default_factory=dict)
    threshold: str | None = None
    registries: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    strict_labels: bool = False
    pragmas: bool = True
    no_fail: bool = False
    format: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


def read_settings(text: str) -> Settings:
    """The settings in a text. What cannot be used becomes a note. Raises HadolintError."""
    import yaml

    try:
        node: Node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "characters that YAML does not allow"
        raise HadolintError(mark.line + 1 if mark else None, f"not YAML: {reason}") from None
    except RecursionError:
        raise HadolintError(None, "lists within lists, too deep to be read") from None
    if node is None or (node.id == "scalar" and not node.value):
        return Settings()
    if node.id != "mapping":
        raise HadolintError(_line(node), "the configuration must be a table of keys")
    return _Reader().settings(node)


def alias_of(code: str) -> str:
    """How rules name hadolint's code, or ShellCheck's, which hadolint passes on."""
    return f"shellcheck:{code}" if code.startswith("SC") else f"hadolint:{code}"


def _line(node: Node) -> int:
    line: int = node.start_mark.line
    return line + 1


def _empty(node: Node) -> bool:
    return bool(node.id == "scalar" and node.tag.endswith(":null"))


class _Reader:
    """Walks the nodes of one file; lives only while `read_settings` runs."""

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.lines: dict[str, int] = {}

    def settings(self, node: Node) -> Settings:
        """The settings of the file's mapping; where a key stands twice, the last one counts."""
        found: dict[str, Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in KEYS:
                self._note(key, _unknown("key", name, KEYS))
                continue
            self.lines[name] = _line(key)
            if not _empty(value):
                found[name] = value
        override = self._override(found)
        threshold = self._one_of(found, "failure-threshold", THRESHOLDS)
        return Settings(
            ignored=self._codes(found.get("ignored"), "ignored"),
            override=override,
            threshold="style" if threshold in ("ignore", "none") else threshold,
            registries=self._registries(found),
            labels=tuple(self._labels(found)),
            strict_labels=self._flag(found, "strict-labels"),
            pragmas=not self._flag(found, "disable-ignore-pragma"),
            no_fail=self._flag(found, "no-fail"),
            format=self._text(found, "format"),
            lines=self.lines,
            notes=tuple(sorted(self.notes, key=lambda note: note.line)),
        )

    def _note(self, node: Node, message: str) -> None:
        self.notes.append(Note(_line(node), message))

    def _texts(self, node: Node | None, key: str) -> list[Node]:
        """The scalars of a list; one text alone stands for a list of it."""
        if node is None or _empty(node):
            return []
        if node.id == "scalar":
            return [node]
        if node.id != "sequence":
            self._note(node, f"`{key}` must be a list")
            return []
        items: Sequence[Node] = node.value
        for item in items:
            if item.id != "scalar":
                self._note(item, f"`{key}` must be a list of texts")
        return [item for item in items if item.id == "scalar"]

    def _codes(self, node: Node | None, key: str) -> tuple[str, ...]:
        codes = []
        for item in self._texts(node, key):
            if _CODE.fullmatch(item.value):
                codes.append(item.value)
                self.lines.setdefault(item.value, _line(item))
            else:
                self._note(item, f"`{item.value}` in `{key}` is no code of a rule, as DL3008 is")
        return tuple(dict.fromkeys(codes))

    def _override(self, found: Mapping[str, Node]) -> dict[str, str]:
        """Levels by code. The worse level wins where a code stands under two."""
        node = found.get("override")
        levels: dict[str, str] = {}
        if node is None:
            return levels
        if node.id != "mapping":
            self._note(node, "`override` must be a table of lists by level")
            return levels
        lists: dict[str, tuple[str, ...]] = {}
        for key, value in node.value:
            if key.value in LEVELS:
                lists[key.value] = self._codes(value, f"override.{key.value}")
            else:
                self._note(key, _unknown("level", str(key.value), LEVELS))
        for level in LEVELS:
            for code in lists.get(level, ()):
                levels.setdefault(code, level)
        return levels

    def _registries(self, found: Mapping[str, Node]) -> tuple[str, ...]:
        key = "trustedRegistries"
        return tuple(str(item.value) for item in self._texts(found.get(key), key))

    def _labels(self, found: Mapping[str, Node]) -> Iterator[str]:
        node = found.get("label-schema")
        if node is None:
            return
        if node.id != "mapping":
            self._note(node, "`label-schema` must be a table of types by label")
            return
        for key, value in node.value:
            if value.id == "scalar" and value.value in LABEL_TYPES:
                yield f"{key.value}:{value.value}"
            else:
                word = str(value.value) if value.id == "scalar" else ""
                self._note(value, _unknown("type of a label", word, LABEL_TYPES))

    def _flag(self, found: Mapping[str, Node], key: str) -> bool:
        node = found.get(key)
        if node is None:
            return False
        if node.id != "scalar" or not node.tag.endswith(":bool"):
            self._note(node, f"`{key}` must be true or false")
            return False
        return str(node.value).lower() in ("true", "yes", "on")

    def _text(self, found: Mapping[str, Node], key: str) -> str | None:
        node = found.get(key)
        if node is None or node.id == "scalar":
            return None if node is None else str(node.value)
        self._note(node, f"`{key}` must be a text")
        return None

    def _one_of(self, found: Mapping[str, Node], key: str, known: Sequence[str]) -> str | None:
        text = self._text(found, key)
        if text is None or text in known:
            return text
        self._note(found[key], f"`{key}`: {_unknown('level', text, known)}")
        return None


def _unknown(what: str, word: str, known: Sequence[str]) -> str:
    hint = nearest(word, known)
    tail = f": did you mean `{hint}`?" if hint else f" (one of {', '.join(known)})"
    return f"unknown {what} `{word}`{tail}"
