"""What the model says of the plain commands on files, held against this machine's own commands.

Each script runs in an empty folder of the disk, and stands in a RUN below WORKDIR /t.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dflint.image.files import Entry, Files, NotThere, There, Unknown
from tests.test_image_model import model

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the commands are GNU's")
ROOT = sys.platform == "linux" and os.geteuid() == 0
KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}


def really(script: str, folder: Path) -> bool:
    """Run a script in a folder, as root's RUN would: whether it ended well."""
    lines = ["umask 022", *script.splitlines()]
    run = subprocess.run(
        ["/bin/sh", "-ec", "\n".join(lines)],
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(folder), "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    return run.returncode == 0


def modelled(script: str) -> Files:
    """The files of an image after the same script."""
    run = "RUN " + " && ".join(script.splitlines())
    images = model(f"FROM debian:bookworm-slim\nWORKDIR /t\n{run}\n")
    assert images.product is not None
    return images.product.files


def below(folder: Path) -> list[str]:
    """All that lies below a folder, as relative paths."""
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))


def wrong(files: Files, folder: Path) -> tuple[list[str], list[str]]:
    """What the model says and is not so, and what it does not know, below /t."""
    bad, unsure = [], []
    real = below(folder)
    written = {path[len("/t/") :] for path, _ in files.walk("/t")}
    for path in sorted(written - set(real)):
        bad.append(f"{path} is not there")
    for path in real:
        found = files.lookup(f"/t/{path}", follow=False)
        if isinstance(found, Unknown):
            unsure.append(path)
        elif isinstance(found, NotThere):
            bad.append(f"{path} is there")
        else:
            entry = found.entry
            bad += _differences(entry, folder / path, path)
            unsure += [f"{path}:owner"] if entry.owner is None else []
            unsure += [f"{path}:mode"] if entry.mode is None else []
    for path in real:
        if not (folder / path).is_dir():
            continue
        if not isinstance(files.lookup(f"/t/{path}/nobody-made-it"), NotThere):
            unsure.append(f"{path}/nobody-made-it")
    for path in real:
        if not (folder / path).is_symlink():
            continue
        found = files.lookup(f"/t/{path}")
        leads = (folder / path).exists()
        if isinstance(found, (There, NotThere)) and leads != isinstance(found, There):
            bad.append(f"{path} leads somewhere: {leads}")
        elif isinstance(found, There) and leads:
            real_path = "/t/" + str((folder / path).resolve().relative_to(folder.resolve()))
            if found.path != real_path.rstrip("/.") and found.path != real_path:
                bad.append(f"{path} leads to {real_path}, not {found.path}")
    return bad, unsure


def _differences(entry: Entry, path: Path, name: str) -> list[str]:
    status = path.lstat()
    kind, mode = KINDS[stat.S_IFMT(status.st_mode)], stat.S_IMODE(status.st_mode)
    bad = []
    if entry.kind != kind:
        bad.append(f"{name} is a {kind}, not a {entry.kind}")
    if kind != "link" and entry.mode is not None and entry.mode != mode:
        bad.append(f"{name} has {mode:o}, not {entry.mode:o}")
    if kind == "link" and entry.target is not None and entry.target != str(path.readlink()):
        bad.append(f"{name} leads to {path.readlink()!s}, not {entry.target}")
    owner = {"root": 0}.get(entry.owner or "", entry.owner)
    if ROOT and owner is not None and str(owner) != str(status.st_uid):
        bad.append(f"{name} belongs to {status.st_uid}, not {owner}")
    return bad


# Scripts after which the model knows all that lies below /t.
KNOWN = [
    # mkdir
    "mkdir a",
    "mkdir a b",
    "mkdir -p a/b/c",
    "mkdir -p a/b\nmkdir -p a/c",
    "mkdir -m 700 a",
    "mkdir --mode=700 a",
    "mkdir -p -m 700 a/b",
    "mkdir -pm 1777 a",
    "mkdir -v a",
    "mkdir ./a",
    "mkdir -p a/../b a",
    "mkdir -m 700 a\nmkdir -p a",
    "mkdir -m 700 a\nmkdir -p a/b",
    "mkdir -- a",
    # touch, tee, redirections
    "touch a",
    "touch a b",
    "mkdir d\ntouch d/a",
    "mkdir d\ntouch d",
    "touch a\nchmod 600 a\ntouch a",
    "echo x > a",
    "echo x >> a",
    "echo x > a\nchmod 700 a\necho y > a",
    "echo x > a\nchmod 700 a\necho y >> a",
    "mkdir d\necho x > d/a",
    "echo x | tee a",
    "echo x | tee -a a b",
    ": > a",
    "cat > a < /dev/null",
    "echo x > /dev/null",
    "touch a\nln -s a b\necho x > b",
    "mkdir d\nln -s d/a b\necho x > b",
    "printf x > a 2> b",
    # rm
    "touch a b\nrm a",
    "touch a\nrm -f a b",
    "mkdir -p a/b\nrm -rf a",
    "mkdir -p a/b\nrm -r a/b",
    "mkdir -p a/b c\nrmdir a/b",
    "touch a b\nunlink a",
    "mkdir d\ntouch d/a\nrm -rf d/*",
    "touch d a\nrm -rf ./*",
    "touch a\nln -s a b\nrm b",
    "mkdir b\nln -s b a\nmkdir -p a",
    "mkdir b\ntouch b/x\nln -s b a\ncp -r a/. d",
    "mkdir b\ntouch b/x\nln -s b a\ncp -r a/ d",
    "touch a\nln -s a b\nrm a",
    "mkdir d\ntouch d/a\nln -s d e\nrm e/a",
    "mkdir d\ntouch d/a\nln -s d e\nrm e",
    "rm -rf nowhere",
    # cp
    "touch a\ncp a b",
    "touch a\nmkdir d\ncp a d",
    "touch a\nmkdir d\ncp a d/",
    "touch a b\nmkdir d\ncp a b d",
    "touch a b\nmkdir d\ncp -t d a b",
    "touch a b\nmkdir d\ncp --target-directory=d a b",
    "touch a\nchmod 755 a\ncp a b",
    "touch a b\nchmod 755 a\ncp -p a b",
    "mkdir d\ntouch d/a\ncp -r d e",
    "mkdir d e\ntouch d/a\ncp -r d e",
    "mkdir d e\ntouch d/a\ncp -r d/. e",
    "mkdir d e\ntouch d/a\ncp -r d/. e/",
    "mkdir -p d/x e/x\ntouch d/x/a e/x/b\ncp -r d/. e",
    "mkdir d e\ntouch d/a d/b\ncp d/* e",
    "mkdir d e\ntouch d/a d/b\ncp d/* e/",
    "mkdir -p d/x e\ntouch d/x/a\ncp -R d/* e",
    "mkdir -p d/x\ntouch d/x/a\ncp -a d e",
    "touch a\nmkdir d\nln -s d e\ncp a e",
    "touch a\nmkdir d\nln -s d e\ncp a e/",
    "touch a\nmkdir d\ncp a d/b",
    "mkdir d\ntouch d/a\ncd d\ncp a ../b",
    # mv
    "touch a\nmv a b",
    "touch a b\nmv a b",
    "touch a\nmkdir d\nmv a d",
    "touch a\nmkdir d\nmv a d/b",
    "touch a b\nmkdir d\nmv a b d",
    "touch a b\nmkdir d\nmv -t d a b",
    "mkdir d\ntouch d/a\nmv d e",
    "mkdir d e\ntouch d/a\nmv d e",
    "mkdir d\ntouch d/a\nmv d/a .",
    "mkdir d\ntouch a\nchmod 600 a\nmv a d",
    "touch a\nln -s a b\nmv b c",
    # ln
    "touch a\nln -s a b",
    "ln -s nowhere b",
    "mkdir d\nln -s d e\ntouch e/a",
    "mkdir d\ntouch d/a\nln -s d/a b",
    "mkdir d\ntouch a\nln -s ../a d",
    "mkdir d\ntouch a\nln -s ../a d/b",
    "mkdir d\ntouch a\nln -s -t d ../a",
    "mkdir d e\nln -s d l\nln -sfn e l",
    "mkdir d e\nln -s d l\nln -sfT e l",
    "touch a b\nln -s a l\nln -sf b l",
    "touch a\nchmod 600 a\nln a b",
    "mkdir d\ntouch d/a\ncd d\nln -s a b",
    "mkdir d\ntouch d/a\nln -s d/a",
    "mkdir -p d/x\nln -s x d/y\ntouch d/y/a",
    "ln -s a b\nln -s b a",
    # chmod
    "touch a\nchmod 755 a",
    "touch a\nchmod 0755 a",
    "touch a\nchmod +x a",
    "touch a\nchmod a+x a",
    "touch a\nchmod ugo+x a",
    "touch a b\nchmod +x a b",
    "touch a\nchmod 4755 a",
    "mkdir d\ntouch d/a\nchmod -R 700 d",
    "mkdir d\ntouch d/a\nchmod 700 d",
    "mkdir d\ntouch d/a\nchmod -R a+x d",
    "touch a\nchmod u+x a",
    "touch a\nchmod g+x a",
    "touch a\nchmod u=rwx,go= a",
    "touch a\nchmod -x a",
    "touch a\nchmod 755 a\nchmod -x a",
    "touch a\nchmod u+x,g+w a",
    "touch a\nln -s a b\nchmod 700 b",
    # install
    "install -d a b",
    "install -d a/b",
    "install -d -m 700 a",
    "install -d -m 0700 a/b",
    "touch a\ninstall a b",
    "touch a\ninstall -m 644 a b",
    "touch a\ninstall -m 0600 a b",
    "touch a\nmkdir d\ninstall a d",
    "touch a\nmkdir d\ninstall -m 644 a d",
    "touch a\nmkdir d\ninstall -m 644 a d/",
    "touch a b\nmkdir d\ninstall -m 600 a b d",
    "touch a b\nmkdir d\ninstall -m 600 -t d a b",
    "touch a b\nmkdir d\ninstall -t d a b",
    "touch a\ninstall -D a d/e/b",
    "touch a\ninstall -D -m 600 a d/e/b",
    "touch a\ninstall -Dm 600 a d/e/b",
    "touch a\ninstall -Dm755 a d/e/b",
    "touch a\ninstall -D -t d/e a",
    "touch a\nchmod 600 a\ninstall a b",
    "touch a b\nchmod 600 b\ninstall a b",
    # what the umask takes away
    "touch a\nchmod 777 a\ncp a b",
    "touch a\nchmod 4755 a\ncp a b",
    "mkdir d\nchmod 777 d\ncp -r d e",
    "mkdir d\nchmod 1777 d\ncp -r d e",
    "mkdir d\nchmod 1777 d\ncp -a d e",
    "touch a b\nchmod 600 a\ncp a b",
    "touch a b\nchmod 600 b\ncp a b",
    "touch a b\nchmod 600 a\ncp --preserve a b",
    "mkdir d e\ntouch d/a e/a\nchmod 600 e/a\ncp -r d/. e",
    "mkdir d e\nchmod 700 e\ntouch d/a\ncp -r d/. e",
    # modes as clauses
    "touch a\nchmod +w a",
    "touch a\nchmod a+w a",
    "touch a\nchmod go-r a",
    "touch a\nchmod -r a",
    "touch a\nchmod =r a",
    "touch a\nchmod a=rx a",
    "touch a\nchmod u+x-w a",
    "touch a\nchmod u=rw,g=r,o= a",
    "mkdir d\ntouch d/a d/b\nchmod 755 d/b\nchmod -R go-rwx,a+X d",
    "mkdir d\nchmod +X d",
    "mkdir -m u=rwx a",
    "mkdir -m go= a",
    "mkdir -m u=rwx,go=rx a b",
    "touch a\ninstall -m u=rwx,go=rx a b",
    "touch a\ninstall -m u+x a b",
    "install -d -m u=rwx a",
    "mkdir -m 700 a\ninstall -d a",
    "mkdir a\ninstall -d -m 700 a",
    # names with a dot, and patterns
    "mkdir d\ntouch d/a d/.b\nrm d/*",
    "mkdir d\ntouch d/a d/.b\nrm d/.[!.]*",
    "mkdir d e\ntouch d/a d/.b\ncp d/* e",
    "mkdir d e\ntouch d/a d/.b\nmv d/* e",
    "mkdir d\ntouch d/a.sh d/b.py d/.c.sh\nchmod +x d/*.sh",
    "touch a.sh b.py\nchmod 700 *.sh",
    "mkdir -p d/x\ntouch d/x/a\nchmod -R 700 d/*",
    # links
    "touch a\nln -s a b\ncp b c",
    "touch a\nln -s a b\ncp -P b c",
    "mkdir d\ntouch d/a\nln -s a d/b\ncp -r d e",
    "mkdir d\ntouch d/a\nln -s a d/b\ncp -a d/b c",
    "mkdir d\ntouch d/a\nln -s d/a b\ncp -rL b c",
    "touch a b\nln -s a l\ncp b l",
    "touch a b\nln -s a l\nmv b l",
    "touch a b\nln -s a l\ninstall b l",
    "mkdir d\nln -s d l\ntouch a\nmv a l",
    "mkdir d\nln -s d l\ntouch a\ninstall a l",
    "mkdir d\nln -s d l\ntouch a\ncp a l/b",
    "mkdir d e\ntouch d/a\nln -sr d/a e/b",
    "touch a\nln -s a l\ntouch l",
    "ln -s a l\ntouch l",
    "ln -s a l\necho x > l",
    "touch a\nln -s a l\nrm -rf l",
    "mkdir d\nln -s d l\nmkdir -p l/x",
    "touch a\nln a b\nrm a",
    "touch a\nmkdir d\nln a d",
    "mkdir d\nln -s d l\nmkdir e\nln -s ../e l",
    "mkdir d\nln -sT nowhere l\nln -sfT d l",
    # paths that lead up
    "mkdir -p a/../b",
    "mkdir -p a/b/../../c/d",
    "mkdir -pm 700 a/../b",
    "mkdir d\nmkdir d/../e",
    "install -d a/../b",
    "mkdir d\ntouch d/../a",
    "mkdir -p a/b\nln -s a/b l\ntouch l/../x",
    "mkdir -p a/b\nln -s a/b l\ncd l\ntouch ../x",
    "mkdir -p a/b\nln -s a/b l\ncd l/..\ntouch x",
    "mkdir -p a/b\nln -s a/b l\ncd l\ncd ..\ntouch x",
    "mkdir -p a/b\nln -s a/b l\ntouch x\nmv x l/..",
    "mkdir -p s/d/e\ncp -r s/d/e/.. x",
    "mkdir -p s/d/e x\ncp -r s/d/e/.. x",
    "mkdir -p s/d/e x\ncp -r s/d/e/../ x/",
    "mkdir -p a/b\nmv a/b/../b c",
    # wildcards above the last name
    "mkdir a b\ntouch a/f b/f\nchmod 600 */f",
    "mkdir -p a/x b/x c\ntouch a/x/f b/x/f\nchmod 600 [ab]/?/f",
    "mkdir a b\ntouch a/f b/g\nchmod -R 700 ?",
    "mkdir -p d/e\ntouch d/e/f\nln -s d l\nchmod 600 l/*/f",
    "mkdir -p d/e\nln -s ../e d/l\nmkdir e\ntouch e/f\nchmod 600 d/*/f",
    "mkdir a b\ntouch a/f b/f\nrm -f */g */x*",
    # what changes nothing here
    "touch a\ntouch -c a b",
    "touch a\ncat a\nls\ngrep -q x a || true",
    "touch a\nsed -i s/a/b/ a",
    "touch a b\ntar -cf /dev/null a",
    "touch a\nfind . -name '*.pyc' -delete",
    "set -e\ncd .\ntouch a",
    # several together
    "mkdir -p a/b\ntouch a/b/c\nmv a/b d\nrm -rf a\nln -s d/c e\nchmod 600 e",
    "mkdir s\ntouch s/x\ncp -r s t\nrm s/x\ncp -r s t",
]  # fmt: skip


@pytest.mark.parametrize("script", KNOWN)
def test_all_is_known_and_so(script: str, tmp_path: Path) -> None:
    assert really(script, tmp_path), "the script fails"
    bad, unsure = wrong(modelled(script), tmp_path)
    assert (bad, unsure) == ([], [])


# Scripts after which something is not certain: the paths that are not known, and nothing else.
UNSURE = [
    ("touch abc x\nrm -f a*", "abc"),
    ("touch abc x\nrm -f ?bc", "abc"),
    ("mkdir a b\ntouch a/f b/f a/g\nrm */f", "a/f b/f"),
    ("mkdir -p a/x b/x\ntouch a/x/f b/x/f b/f\nrm -rf */x/f", "a/x/f b/x/f"),
    ("mkdir -p a/x b/x\ntouch a/x/f b/x/f b/f\nrm -rf [a]/*", "a/x a/x/f a/x/nobody-made-it"),
    ("mkdir -p d/e\ntouch d/e/f d/f\nln -s d l\nrm l/*/f", "d/e/f"),
    ("mkdir -p d/e e\nln -s ../e d/l\ntouch e/f d/f\nrm d/*/f", "e/f"),
    ("mkdir -p a b c\ntouch a/f b/g\nmv */f c", "a/f c/f c/nobody-made-it"),
    ("mkdir -p a/b\ntouch f1 a/f1\nrm a/../?1", "f1"),
    ("mkdir -p a/b c\ntouch a/f c/f\nrm -f */../c/f", "a a/b a/f a/nobody-made-it a/b/nobody-made-it c/f c c/nobody-made-it"),
    ("mkdir d\ntouch d/abc d/x\nrm -f d/a*", "d/abc"),
    ("mkdir d\ntouch d/a\nrm -f d/$(echo b)", "d/a"),
    ("mkdir d e\ntouch d/$(echo a)", "d/a d/nobody-made-it e/nobody-made-it"),
    ("mkdir d e\necho x > d/$(echo a)", "d/a d/nobody-made-it"),
    ("mkdir d e\necho x >> d/$(echo a).conf", "d/a.conf d/nobody-made-it"),
    ("mkdir d e\ncd d\necho x > $(echo a)", "d/a d/nobody-made-it e/nobody-made-it"),
    ("touch a b\nmkdir d\ncp a* d", "d/a d/nobody-made-it"),
    ("touch a b\nmkdir d\nmv a* d", "a d/a d/nobody-made-it"),
    ("touch a\nmkdir d e\ncp $(echo a) d", "d/a d/nobody-made-it"),
    ("touch a\nmkdir d e\ninstall $(echo a) d", "d/a d/nobody-made-it"),
    ("touch a\ntest -f nowhere || rm a", "a"),
    ("touch a\ntest ! -f a || mkdir b", "b"),
    ("touch a\nmkdir b || true", "b"),
    ("mkdir -p a/b a/c e\nfind a -name b -delete", "a a/b a/c a/c/nobody-made-it a/nobody-made-it"),
    ("mkdir d e\nln -s $(echo nowhere) d/l", "d/l"),
    ("touch a b\nX=$(echo a)\nchmod 700 b", ""),
    ("touch a b\nchmod 600 a\nchmod --reference=a b", "b:mode"),
    ("touch a b\nchown --reference=b a", "a:owner"),
    ("touch a b\nchmod $(echo 700) a", "a:mode"),
    ("mkdir d e\nchmod u+s d", "d:mode"),
    ("mkdir d e\nchmod g=u d", "d:mode"),
    ("touch a\nchmod 4755 a\nchmod u+w a", "a:mode"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "expected"), UNSURE)
def test_what_cannot_be_known(script: str, expected: str, tmp_path: Path) -> None:
    assert really(script, tmp_path), "the script fails"
    files = modelled(script)
    bad, unsure = wrong(files, tmp_path)
    gone = [each for each in expected.split() if each not in unsure]
    asked = [each for each in gone if isinstance(files.lookup(f"/t/{each}"), Unknown)]
    assert (bad, sorted(unsure + asked)) == ([], sorted(expected.split()))


OWNERS = [
    "touch a\nchown 1000 a",
    "touch a\nchown 1000:1000 a",
    "touch a b\nchown 1000:1000 a b",
    "mkdir d\ntouch d/a\nchown -R 1000 d",
    "mkdir d\ntouch d/a\nchown 1000 d",
    "touch a\nchgrp 1000 a",
    "touch a\nchown :1000 a",
    "touch a\nchown 1000 a\ncp a b",
    "touch a\nchown 1000 a\nmv a b",
    "touch a\nchown 1000 a\ninstall a b",
    "touch a\nchown 1000 a\necho x > a",
    "touch a\nchown 1000 a\ntouch a",
    "touch a b\nchown 1000 b\ncp a b",
    "touch a\nchown 1000 a\ncp -p a b",
    "touch a\nchown 1000 a\ncp -a a b",
    "mkdir d\ntouch d/a\nchown -R 1000 d\ncp -r d e",
    "mkdir d\ntouch d/a\nchown -R 1000 d\ncp -a d e",
    "mkdir d\nchown 1000 d\ntouch d/a",
    "touch a\ninstall -o 1000 a b",
    "touch a\ninstall --owner=1000 a b",
    "touch a\nmkdir d\ninstall -o 1000 a d",
    "touch a\nmkdir d\ninstall -o 1000 -t d a",
    "install -d -o 1000 d",
    "install -d -o 1000 d/e",
    "mkdir d\nchown 1000 d\ninstall -d d",
    "mkdir d\ninstall -d -o 1000 d",
    "touch a b\nmkdir d\nchown 1000 a\ncp a b d",
    "touch a b\nchown 1000 b\ninstall a b",
    "touch a b\nchown 1000 b\nmv a b",
    "mkdir d e\ntouch d/a e/a\nchown -R 1000 e\ncp -r d/. e",
    "mkdir d e\ntouch d/a d/b\nchown -R 1000 d\ncp d/* e",
    "mkdir d e\ntouch d/a d/b\nchown 1000 d/*\nmv d/* e",
    "mkdir d\ntouch d/a d/b\nln -s a d/l\nchown -R 1000 d",
    "mkdir d\nln -s d l\nchown -R 1000 l",
    "mkdir d\ntouch d/a d/b.sh\nchown 1000 d/*.sh",
    "mkdir a b\ntouch a/f b/f\nchown 1000 */f",
    "mkdir -p a/b\ntouch a/b/f\nchown -R 1000 */b",
    "touch a\nchown 1000 a\necho x | tee a b",
    "touch a\nchown 1000 a\nln a b",
    "touch a\nln -s a b\nchown 1000 b",
    "touch a\nln -s a b\nchown -h 1000 b",
]  # fmt: skip


@pytest.mark.skipif(not ROOT, reason="only root gives files away")
@pytest.mark.parametrize("script", OWNERS)
def test_who_owns_what(script: str, tmp_path: Path) -> None:
    assert really(script, tmp_path), "the script fails"
    bad, unsure = wrong(modelled(script), tmp_path)
    assert (bad, unsure) == ([], [])


NAMES = st.sampled_from(["a", "b", "d", "d/x", "d/y", "e", "e/x", "l"])
PATTERNS = st.sampled_from(["*/x", "?/*", "[de]/y", "d*/x", "*/*"])
MODES = st.sampled_from(["700", "644", "1777", "+x", "u+x", "go-rwx", "a=rx", "u=rw,go=", "a+X"])
COMMANDS = st.one_of(
    st.builds("mkdir -p {}".format, NAMES),
    st.builds("mkdir -m {} {}".format, MODES, NAMES),
    st.builds("touch {}".format, NAMES),
    st.builds("echo x > {}".format, NAMES),
    st.builds("rm -rf {}".format, NAMES),
    st.builds("rm -rf {}/*".format, NAMES),
    st.builds("rm -rf {}".format, PATTERNS),
    st.builds("chmod {} {}".format, MODES, PATTERNS),
    st.builds("mkdir -p {}/../{}".format, NAMES, NAMES),
    st.builds("touch {}/../{}".format, NAMES, NAMES),
    st.builds("mv {}/.. {}".format, NAMES, NAMES),
    st.builds("cp -r {}/../{} {}".format, NAMES, NAMES, NAMES),
    st.builds("cp {} {}".format, NAMES, NAMES),
    st.builds("cp -r {} {}".format, NAMES, NAMES),
    st.builds("cp -a {} {} {}".format, NAMES, NAMES, NAMES),
    st.builds("cp -r {}/. {}".format, NAMES, NAMES),
    st.builds("mv {} {}".format, NAMES, NAMES),
    st.builds("mv {} {} {}/".format, NAMES, NAMES, NAMES),
    st.builds("ln -s {} {}".format, NAMES, NAMES),
    st.builds("ln -sfn {} {}".format, NAMES, NAMES),
    st.builds("ln {} {}".format, NAMES, NAMES),
    st.builds("chmod {} {}".format, MODES, NAMES),
    st.builds("chmod -R {} {}".format, MODES, NAMES),
    st.builds("install -m {} {} {}".format, MODES, NAMES, NAMES),
    st.builds("install -D {} {}".format, NAMES, NAMES),
    st.builds("install -d -m {} {}".format, MODES, NAMES),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(COMMANDS, min_size=1, max_size=8))
def test_what_is_certain_is_so_after_any_commands(commands: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done: list[str] = []
        for each in commands:
            if really(each, folder):
                done.append(each)
                continue
            for path in folder.iterdir():  # it may have failed half-way
                remove = shutil.rmtree if path.is_dir() and not path.is_symlink() else os.unlink
                remove(path)
            assert really("\n".join(done), folder)
        if done:
            bad, _ = wrong(modelled("\n".join(done)), folder)
            assert bad == [], done
