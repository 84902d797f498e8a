"""The build context: what is there, what is let in, and what should not be there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dflint import context as module
from dflint import tree as tree_module
from dflint.context import (
    Context,
    exists,
    memory_context,
    open_context,
    plausible,
    sources,
    survey,
    unwanted,
)
from dflint.dockerignore import ignored
from dflint.knowledge import load
from dflint.tree import DiskTree, UnreadableError

KEY = "-----BEGIN RSA PRIVATE KEY-----\nabc\n"


def _write(root: Path, *paths: str, content: str = "x") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)


def _open(root: Path) -> Context:
    found = open_context(root / "Dockerfile", root)
    assert found is not None
    return found


def _in(context: Context, pattern: str) -> list[str]:
    return [entry.path for entry in sources(context, pattern).entries]


def _out(context: Context, pattern: str) -> list[tuple[str, str]]:
    return [(entry.path, by.text) for entry, by in sources(context, pattern).ignored]


def _ids(context: Context, *below: str) -> dict[str, tuple[str, ...]]:
    return {found.id: found.paths for found in unwanted(context, below or ("",))}


# --- opening ---


def test_standard_input_has_no_context() -> None:
    assert open_context(None, None) is None


def test_a_folder_alone_is_a_context(tmp_path: Path) -> None:
    _write(tmp_path, "a")
    context = open_context(None, tmp_path)
    assert context is not None
    assert (context.dockerfile, context.certain) == (None, True)
    assert exists(context, "a")


def test_the_context_is_the_dockerfiles_folder_unless_given(tmp_path: Path) -> None:
    dockerfile = tmp_path / "docker" / "app.Dockerfile"
    own = open_context(dockerfile, None)
    given_one = open_context(dockerfile, tmp_path)
    elsewhere = open_context(dockerfile, tmp_path / "src")
    assert own is not None
    assert given_one is not None
    assert elsewhere is not None
    assert (own.root, own.dockerfile, own.certain) == (dockerfile.parent, "app.Dockerfile", False)
    assert (given_one.dockerfile, given_one.certain) == ("docker/app.Dockerfile", True)
    assert elsewhere.dockerfile is None


def test_nothing_is_read_before_a_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise AssertionError("read too early")

    with monkeypatch.context() as patch:
        for name in ("open", "stat", "lstat", "scandir"):
            patch.setattr(os, name, refuse)
        patch.setattr(Path, "read_bytes", refuse)
        context = open_context(tmp_path / "Dockerfile", None)
    assert context is not None
    assert context.ignore.patterns == ()


def test_the_file_beside_the_dockerfile_wins(tmp_path: Path) -> None:
    _write(tmp_path, ".dockerignore", content="root\n")
    context = open_context(tmp_path / "docker" / "Dockerfile", tmp_path)
    assert context is not None
    assert context.ignore_path == tmp_path / ".dockerignore"

    _write(tmp_path, "docker/Dockerfile.dockerignore", content="own\n")
    context = open_context(tmp_path / "docker" / "Dockerfile", tmp_path)
    assert context is not None
    assert context.ignore_path == tmp_path / "docker" / "Dockerfile.dockerignore"
    assert [pattern.text for pattern in context.ignore.patterns] == ["own"]


def test_no_dockerignore(tmp_path: Path) -> None:
    context = _open(tmp_path)
    assert context.ignore_path is None
    assert context.ignore.patterns == ()
    assert context.known


def test_a_dockerignore_that_cannot_be_read_leaves_all_unknown(tmp_path: Path) -> None:
    _write(tmp_path, ".env", content="A=1")
    (tmp_path / ".dockerignore").mkdir()
    context = _open(tmp_path)
    assert not context.known
    assert sources(context, ".env").unknown
    assert unwanted(context) == ()


# --- what is there ---


def test_exists(tmp_path: Path) -> None:
    _write(tmp_path, "a/b", "c")
    context = _open(tmp_path)
    for path in ("a", "a/", "/a/b", "./a/b", "../../c", "", ".", "a/../c"):
        assert exists(context, path) is True, path
    for path in ("b", "a/c", "c/d", "a/b/c", "\0", "C"):
        assert exists(context, path) is False, path


def test_exists_does_not_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: str) -> None:
        raise AssertionError("listed a folder")

    _write(tmp_path, "a/b")
    monkeypatch.setattr(os, "scandir", refuse)
    assert exists(_open(tmp_path), "a/b") is True


def test_a_folder_that_is_not_there_is_unknown(tmp_path: Path) -> None:
    context = _open(tmp_path / "missing")
    assert exists(context, "a") is None
    assert sources(context, "a").unknown
    assert sources(context, "*").unknown
    assert unwanted(context) == ()
    assert not survey(context).complete


def test_a_path_through_a_link_is_unknown(tmp_path: Path) -> None:
    _write(tmp_path, "real/a")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "dangling").symlink_to("nowhere")
    context = _open(tmp_path)
    assert exists(context, "link") is True
    assert exists(context, "dangling") is True
    assert exists(context, "link/a") is None
    assert sources(context, "link/a").unknown
    assert sources(context, "l*/a").unknown
    assert [entry.kind for entry in sources(context, "l*").entries] == ["link"]


def test_entries_tell_kind_size_and_mode(tmp_path: Path) -> None:
    _write(tmp_path, "run.sh", content="12345")
    (tmp_path / "run.sh").chmod(0o750)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    context = _open(tmp_path)
    (entry,) = sources(context, "run.sh").entries
    assert (entry.name, entry.kind, entry.size, entry.mode) == ("run.sh", "file", 5, 0o750)
    assert [one.kind for one in sources(context, "[fp]*").entries] == ["folder", "other"]


def test_a_folder_without_permission_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, "open/.env", "shut/.env", content="TOKEN=1")
    real = os.scandir

    def scandir(path: str) -> Any:
        if path.endswith("shut"):
            raise PermissionError(path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    context = _open(tmp_path)
    assert sources(context, "shut/*").unknown
    assert sources(context, "shut/.env").entries
    assert _ids(context) == {"dotenv": ("open/.env",)}
    assert not survey(context).complete


def test_a_path_without_permission_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lstat(path: str) -> None:
        raise PermissionError(path)

    context = _open(tmp_path)
    monkeypatch.setattr(os, "lstat", lstat)
    assert exists(context, "a") is None
    assert sources(context, "a").unknown


# --- sources ---

FILES = {
    "requirements.txt": "flask\n",
    "constraints.txt": "",
    "app/main.py": "",
    "app/sub/util.py": "",
    "app/main.pyc": "",
    "arr[0].txt": "",
    "docs/a.md": "",
    "docs/README.md": "",
    "empty/": "",
}


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("requirements.txt", ["requirements.txt"]),
        ("/requirements.txt", ["requirements.txt"]),
        ("./requirements.txt", ["requirements.txt"]),
        ("../requirements.txt", ["requirements.txt"]),
        ("app/../../requirements.txt", ["requirements.txt"]),
        ("app/", ["app"]),
        ("empty", ["empty"]),
        (".", [""]),
        ("", [""]),
        ("/", [""]),
        ("missing", []),
        ("requirements.txt/a", []),
        ("*.txt", ["arr[0].txt", "constraints.txt", "requirements.txt"]),
        ("re*s.txt", ["requirements.txt"]),
        ("app/*", ["app/main.py", "app/main.pyc", "app/sub"]),
        ("*/main.py", ["app/main.py"]),
        ("**/util.py", []),
        ("**/**/util.py", ["app/sub/util.py"]),
        ("a*/s*/*.py", ["app/sub/util.py"]),
        ("app/main.py?", ["app/main.pyc"]),
        ("app/main.p[xy]", ["app/main.py"]),
        ("arr[[]0].txt", ["arr[0].txt"]),
        ("arr[0].txt", []),
        ("*/*/*/*", []),
        ("missing/*", []),
        ("requirements.txt/*", []),
    ],
)
def test_sources(pattern: str, found: list[str], tmp_path: Path) -> None:
    for path, content in FILES.items():
        if path.endswith("/"):
            (tmp_path / path).mkdir()
        else:
            _write(tmp_path, path, content=content)
    for context in (memory_context(FILES), _open(tmp_path)):
        matches = sources(context, pattern)
        assert [entry.path for entry in matches.entries] == found
        assert matches.ignored == ()
        assert matches.missing is not bool(found)


@pytest.mark.parametrize("pattern", ["a\\b", "[", "a[", "a/[]b]*"])
def test_sources_that_cannot_be_judged(pattern: str) -> None:
    matches = sources(memory_context({"a/x": ""}), pattern)
    assert matches.unknown
    assert not matches.missing


def test_ignored_sources_name_the_pattern() -> None:
    context = memory_context(FILES, "*.txt\n!requirements.txt\ndocs\n**/*.pyc\n")
    assert _in(context, "requirements.txt") == ["requirements.txt"]
    assert _out(context, "constraints.txt") == [("constraints.txt", "*.txt")]
    assert not sources(context, "constraints.txt").missing
    assert _out(context, "docs/a.md") == [("docs/a.md", "docs")]
    assert _in(context, "c*.txt") == []
    assert _in(context, "*.txt") == ["requirements.txt"]
    assert [path for path, _ in _out(context, "*.txt")] == ["arr[0].txt", "constraints.txt"]
    assert _in(context, "app/*") == ["app/main.py", "app/sub"]
    assert _in(context, ".") == [""]


def test_an_ignored_folder_is_there_where_something_in_it_is_let_in() -> None:
    context = memory_context(FILES, "*\n!app/sub/*.py\n!docs/*.rst\n")
    assert _in(context, "app") == ["app"]
    assert _in(context, "app/sub") == ["app/sub"]
    assert _out(context, "docs") == [("docs", "*")]
    assert _out(context, "empty") == [("empty", "*")]


def test_a_folder_whose_content_is_ignored_is_still_sent() -> None:
    context = memory_context(FILES, "docs/*\n")
    assert _in(context, "docs") == ["docs"]
    assert _in(context, "docs/*") == []


def test_a_search_for_something_let_in_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 2)
    context = memory_context({f"a/{number}": "" for number in range(9)}, "*\n!**/x\n")
    assert sources(context, "a").unknown


def test_a_folder_with_too_many_entries_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree_module, "MOST_ENTRIES", 2)
    _write(tmp_path, "a", "b", "c")
    assert sources(_open(tmp_path), "*").unknown
    assert sources(_open(tmp_path), "a").entries
    context = _open(tmp_path)
    assert isinstance(context.tree, tree_module.DiskTree)
    assert [sources(context, "*").unknown for _ in range(3)] == [True] * 3
    assert list(context.tree.crowded) == [""]


def test_entries_times_patterns_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_DECISIONS", 60)
    files = {f"{number:03}": "" for number in range(50)}
    assert survey(memory_context(files, "a\n")).files == 30
    assert survey(memory_context(files, "a\nb\nc\nd\ne\n")).files == 10
    _write(tmp_path, "a")
    _write(tmp_path, ".dockerignore", content="x\n" * 501)
    assert sources(_open(tmp_path), "a").unknown


# --- is it the context? ---


@pytest.mark.parametrize(
    ("copied", "expected"),
    [
        (["requirements.txt", "missing/"], True),
        (["missing", "app/*.py"], True),
        (["missing"], False),
        (["missing/*"], False),
        (["."], True),
        (["./"], True),
        (["*"], True),
        ([".", "missing"], False),
        ([".", "app"], True),
        ([], False),
    ],
)
def test_plausible(copied: list[str], expected: bool, tmp_path: Path) -> None:
    _write(tmp_path, "requirements.txt", "app/main.py")
    guessed = open_context(tmp_path / "Dockerfile", None)
    assert guessed is not None
    assert plausible(guessed, copied) is expected
    assert plausible(_open(tmp_path), copied)


def test_an_ignored_source_makes_a_folder_plausible_too(tmp_path: Path) -> None:
    _write(tmp_path, "a")
    _write(tmp_path, ".dockerignore", content="a\n")
    guessed = open_context(tmp_path / "Dockerfile", None)
    assert guessed is not None
    assert plausible(guessed, ["a"])


# --- what should not be there ---

PRESENT: dict[str, str | bytes] = {
    ".git/HEAD": "ref: x",
    ".git/objects/ab": "12345",
    ".env": "SECRET=1\n",
    "app/.env.local": "export TOKEN = x\n",
    ".venv/pyvenv.cfg": "home = /usr",
    ".venv/lib/x.py": "",
    ".venv/lib/__pycache__/x.pyc": "",
    "tools/python/pyvenv.cfg": "",
    "miniconda/bin/python": "",
    "miniconda/conda-meta/history": "",
    "app/__pycache__/a.pyc": "abc",
    "lib/__pycache__/b.pyc": "abcd",
    "old.pyc": "",
    "node_modules/left-pad/index.js": "",
    ".mypy_cache/x": "",
    ".pytest_cache/x": "",
    ".ruff_cache/x": "",
    ".tox/py/x": "",
    ".nox/py/x": "",
    "id_rsa": KEY,
    "certs/server.pem": f"Bag Attributes\n{KEY}",
    "certs/server.key": "-----BEGIN PRIVATE KEY-----\n",
    ".ssh/deploy": KEY,
    "store.p12": b"0\x82\x01",
    ".netrc": "machine x login y password z\n",
    ".pypirc": "[pypi]\npassword: pypi-abc\n",
    ".npmrc": "//registry.npmjs.org/:_authToken=npm_abc\n",
    ".aws/credentials": "[default]\naws_secret_access_key = abc\n",
    ".docker/config.json": '{"auths": {"x": {"auth": "abc"}}}',
    ".kube/config": "users:\n- user:\n    token: abc\n",
    "my-service-account.json": '{"private_key": "-----BEGIN PRIVATE KEY"}',
    "db.sqlite3": b"SQLite format 3\x00...",
    ".hg/requires": "",
    ".svn/wc.db": "",
}

HARMLESS: dict[str, str | bytes] = {
    ".git": "gitdir: ../.git/worktrees/x",
    "sub/.git/config": "",
    ".env": "",
    "a/.env": "# SECRET=1\nEMPTY=\n",
    "quiet/.env": "DEBUG=1\nDB_PASSWORD=change-me\nVITE_TOKEN=pk.1\n",
    "stand-ins/.env": "SECRET=secret\r\nDB_PASSWORD='postgres'\nSECRET_KEY=generate_a_random_key\n",
    "stand-ins/.env.ci": "STRIPE_SECRET_KEY=sk_test_1234\nOPENAI_API_KEY=sk-XXXXXXXX\nTOKEN=my-example-token\n",
    "settings/.env": "ACCESS_TOKEN_EXPIRE_MINUTES=60\nJWT_SECRET_LENGTH=32\nMAX_TOKENS_TTL=5\n",
    "address/.env": "DATABASE_URL=sqlite:///x.db\nDATABASE_URL=postgres://postgres:postgres@db/x\n",
    "sentry/.env": "SENTRY_DSN=https://abc@o1.ingest.sentry.io/2\n",
    ".env.example": "SECRET=1\n",
    ".env.sample": "SECRET=1\n",
    ".env.template": "SECRET=1\n",
    ".env.dist": "SECRET=1\n",
    ".env.prod.example": "SECRET=1\n",
    ".env.d/x": "SECRET=1\n",
    "prod.env": "SECRET=1\n",
    ".envrc": "export A=1",
    "env/__init__.py": "",
    "venv/notes": "",
    "conda-meta/history": "",
    "__pycache__/": "",
    "node_modules": "",
    "id_rsa.pub": "ssh-rsa AAA",
    "server.pem": "-----BEGIN CERTIFICATE-----\n",
    "talk.key": "PK",
    ".ssh/known_hosts": "github.com ssh-rsa AAA",
    "x.p12": "text",
    ".netrc": "machine x login y\n",
    ".pypirc": "[distutils]\nindex-servers = pypi\n",
    ".npmrc": "save-exact=true\n//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n",
    "web/.npmrc": '//registry.npmjs.org/:_authToken="${NPM_TOKEN}"\n',
    "credentials": "aws_secret_access_key = abc",
    "config.json": '{"auth": "abc"}',
    ".docker/config.json": '{"credsStore": "x"}',
    ".kube/config": "clusters: []\n",
    "credentials.json": "{}",
    "thumbs.db": "x",
}


def test_everything_unwanted_is_found_once() -> None:
    found = _ids(memory_context(PRESENT))
    assert set(found) == {item["id"] for item in load("context")["items"]}
    assert found["venv"] == (".venv", "tools/python")
    assert found["pycache"] == ("app/__pycache__", "lib/__pycache__")
    assert found["pyc"] == ("old.pyc",)
    assert found["dotenv"] == (".env", "app/.env.local")
    assert found["private-key"] == (".ssh/deploy", "certs/server.key", "certs/server.pem", "id_rsa")


@pytest.mark.parametrize(
    "text",
    [
        "DB_PASSWORD=postgres1",
        "# SECRET=secret\nSECRET=secret-of-ours",
        "DATABASE_URL=postgres://app:hunter2@db/app",
        "export SENTRY_DSN='https://abc:def@sentry.corp.io/2'",
        "ACCESS_TOKEN_EXPIRE_MINUTES=60\nACCESS_TOKEN=abc",
        "SECRET=secret # not\nSECRET=hunter2",
    ],
)
def test_a_file_of_settings_with_a_secret(text: str) -> None:
    assert _ids(memory_context({".env": f"DEBUG=1\n{text}\n"})) == {"dotenv": (".env",)}


def test_names_alone_are_no_finding() -> None:
    assert _ids(memory_context(HARMLESS)) == {}


@pytest.mark.parametrize("item", load("context")["items"], ids=lambda item: str(item["id"]))
def test_the_advised_pattern_keeps_it_out(item: dict[str, Any]) -> None:
    before = {found.id: found for found in unwanted(memory_context(PRESENT))}[item["id"]]
    after = memory_context(PRESENT, "\n".join(before.patterns))
    assert item["id"] not in _ids(after)
    assert all(ignored(after.ignore, path) for path in before.paths)
    assert not ignored(after.ignore, "app/main.py")


def test_counts_kinds_and_patterns() -> None:
    found = {one.id: one for one in unwanted(memory_context(PRESENT))}
    assert (found["git"].kind, found["git"].files, found["git"].size) == ("vcs", 2, 11)
    assert found["git"].patterns == ("**/.git",)
    assert (found["pycache"].files, found["pycache"].size) == (2, 7)
    assert found["venv"].patterns == ("**/.venv", "**/python")
    assert found["venv"].files == 4
    assert found["dotenv"].patterns == ("**/.env", "**/.env.local")
    assert found["docker-login"].patterns == ("**/.docker/config.json",)
    assert (found["netrc"].title, found["dotenv"].title) == (
        "a .netrc with a password",
        "environment files",
    )
    assert all(one.counted for one in found.values())


def test_a_name_with_wildcards_is_escaped() -> None:
    (found,) = unwanted(memory_context({"a[1]*.pem": KEY}))
    assert found.patterns == (r"**/a\[1\]\*.pem",)


def test_what_is_ignored_is_not_found() -> None:
    context = memory_context(PRESENT, "**/.git\n.env\n**/__pycache__\n*.pyc\n")
    found = _ids(context)
    assert {"git", "pycache", "pyc"}.isdisjoint(found)
    assert found["dotenv"] == ("app/.env.local",)


def test_only_what_is_let_in_is_counted() -> None:
    (found,) = unwanted(memory_context({".git/HEAD": "x", ".git/big": "12345"}, ".git/b*"))
    assert (found.files, found.size) == (1, 1)
    assert unwanted(memory_context({"node_modules/a/b": ""}, "node_modules/*")) == ()


def test_an_exception_lets_it_in_again() -> None:
    context = memory_context({"a/.env": "TOKEN=1", "b/.env": "TOKEN=1"}, "*\n!a/.env\n")
    assert _ids(context) == {"dotenv": ("a/.env",)}


def test_below_limits_the_question() -> None:
    context = memory_context(PRESENT)
    assert _ids(context, "app") == {"pycache": ("app/__pycache__",), "dotenv": ("app/.env.local",)}
    assert _ids(context, "app/", "lib") == {
        "pycache": ("app/__pycache__", "lib/__pycache__"),
        "dotenv": ("app/.env.local",),
    }
    assert _ids(context, ".npmrc") == {"npmrc": (".npmrc",)}
    assert _ids(context, ".venv") == {"venv": (".venv",)}
    assert _ids(context, "missing") == {}
    assert _ids(memory_context(PRESENT, ".venv\n.npmrc"), ".venv", ".npmrc") == {}
    assert _ids(context, "", "app")["dotenv"] == (".env", "app/.env.local")


def test_unclear_patterns_silence_it() -> None:
    assert unwanted(memory_context({".env": "TOKEN=1"}, "\\bin*\n")) == ()


def test_links_are_not_followed(tmp_path: Path) -> None:
    _write(tmp_path, "outside/.env", content="A=1")
    _write(tmp_path, "root/a")
    (tmp_path / "root/.env").symlink_to("../outside/.env")
    (tmp_path / "root/folder").symlink_to("../outside")
    (tmp_path / "root/loop").symlink_to(".")
    context = _open(tmp_path / "root")
    assert _ids(context) == {}
    assert survey(context).files == 4
    assert survey(context).complete


def test_a_real_folder(tmp_path: Path) -> None:
    _write(tmp_path, ".git/HEAD", ".venv/pyvenv.cfg", "app/__pycache__/a.pyc", "app/main.py")
    _write(tmp_path, ".dockerignore", content="**/__pycache__\n")
    context = _open(tmp_path)
    assert _ids(context) == {"git": (".git",), "venv": (".venv",)}
    assert survey(context).files == 4
    assert survey(context).size == 3 + len("**/__pycache__\n")


def test_a_file_that_cannot_be_read_is_no_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, "id_rsa", content=KEY)

    def refuse(path: str, _mode: str) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(tree_module, "open", refuse, raising=False)
    assert _ids(_open(tmp_path)) == {}


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    real = os.scandir

    def scandir(path: str) -> Any:
        seen.append(Path(path).name)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    return seen


def test_one_walk_for_all_questions(tmp_path: Path, listed: list[str]) -> None:
    _write(tmp_path, "a/b/c", ".git/HEAD")
    context = _open(tmp_path)
    unwanted(context)
    walked = list(listed)
    unwanted(context)
    survey(context)
    sources(context, "a/*")
    assert listed == walked
    assert len(set(walked)) == len(walked)


def test_ignored_folders_are_not_entered(tmp_path: Path, listed: list[str]) -> None:
    _write(tmp_path, "skip/deep/x", "enter/deep/x", "keep/x")
    _write(tmp_path, ".dockerignore", content="skip\nenter\n!enter/deep/y\n")
    unwanted(_open(tmp_path))
    assert set(listed) == {tmp_path.name, "enter", "deep", "keep"}


def test_the_walk_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"data/{number:03}": "" for number in range(100)}
    context = memory_context({**files, ".env": "TOKEN=1", ".git/HEAD": "x"})
    monkeypatch.setattr(module, "MOST_ENTRIES", 50)
    assert _ids(context) == {"dotenv": (".env",), "git": (".git",)}
    found = survey(context)
    assert not found.complete
    assert found.files < 60
    assert {one.id: one.counted for one in unwanted(context)} == {"dotenv": True, "git": False}


@given(
    st.dictionaries(st.text(min_size=1).filter(lambda path: path.strip("/. ")), st.binary()),
    st.text(),
    st.text(),
)
def test_nothing_raises(files: dict[str, bytes], dockerignore: str, pattern: str) -> None:
    context = memory_context(files, dockerignore)
    matches = sources(context, pattern)
    assert not (matches.missing and matches.entries)
    assert exists(context, pattern) in (True, False)
    assert survey(context).complete
    unwanted(context)


# --- reading files ---


def test_a_file_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lock").write_bytes(b"x" * 5000)
    (tmp_path / "link").symlink_to("lock")
    tree = DiskTree(str(tmp_path))
    assert tree.read("lock") == b"x" * 5000
    assert tree.head("lock") == b"x" * 4096
    for path in ("link", "missing", ""):
        with pytest.raises(UnreadableError):
            tree.read(path)
    monkeypatch.setattr("dflint.tree.MOST_BYTES", 4999)
    with pytest.raises(UnreadableError):
        tree.read("lock")


def test_files_in_memory_have_modes_and_texts() -> None:
    context = memory_context({"run.sh": "#!", "a/b.py": ""}, executable={"run.sh"})
    modes = [entry.mode for name in ("run.sh", "a/b.py") if (entry := context.tree.entry(name))]
    assert modes == [0o755, 0o644]
    assert context.tree.read("run.sh") == b"#!"
    with pytest.raises(UnreadableError):
        context.tree.read("a")
