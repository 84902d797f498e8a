"""Credentials: the shapes of tokens, passwords in addresses, and what only looks like them."""

from __future__ import annotations

import base64
from datetime import date

import pytest

from dflint.knowledge import load
from dflint.model import make_build
from dflint.reader import read
from dflint.scripts import make_scripts
from dflint.source import make_source
from dflint.subjects.base import Facts
from dflint.subjects.secret import secret_places
from dflint.subjects.tokens import addresses, opaque, placeholder, tokens


def body(length: int, letters: str = "Aq7Zk2") -> str:
    """A text of a length that is nobody's secret."""
    return (letters * length)[:length]


def claims(text: str) -> str:
    """A JWT with these claims, and no true signature."""
    middle = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return "eyJhbGciOiJIUzI1NiJ9." + middle + "." + body(43)


# Put together here, so that nobody's scanner takes this file for a leak.
TOKENS = {
    "github": ["ghp_" + body(36), "ghs_" + body(36), "github_pat_" + body(22) + "_" + body(59)],
    "gitlab": ["glpat-" + body(20), "gldt-" + body(20)],
    "aws": ["AKIA" + body(16, "QZ7K2"), "ASIA" + body(16, "QZ7K2")],
    "slack": ["xoxb-" + body(40), "xapp-" + body(40)],
    "slack-webhook": ["hooks.slack.com/services/T" + body(8, "K7") + "/B" + body(8, "K7") + "/" + body(24)],
    "discord-webhook": ["discord.com/api/webhooks/" + body(18, "1279") + "/" + body(68)],
    "telegram": [body(9, "7291") + ":AA" + body(33)],
    "stripe": ["sk_live_" + body(24), "rk_live_" + body(24)],
    "google-api": ["AIza" + body(35)],
    "google-oauth": ["GOCSPX-" + body(28)],
    "npm": ["npm_" + body(36)],
    "pypi": ["pypi-AgEI" + body(80)],
    "docker-hub": ["dckr_pat_" + body(27), "dckr_oat_" + body(32)],
    "private-key": [
        "-----BEGIN " + kind + "PRIVATE KEY-----" + between + body(64) + between + body(20)
        + between + "-----END " + kind + "PRIVATE KEY-----"
        for kind, between in (("", "\n"), ("RSA ", "\\n"), ("OPENSSH ", "\\n\\\n"), ("EC ", " "))
    ],
    "age": ["AGE-SECRET-KEY-1" + body(58, "QZ7K2")],
    "jwt": [claims('{"sub":"app","role":"service_role"}')],
    "sendgrid": ["SG." + body(22) + "." + body(43)],
    "hugging-face": ["hf_" + body(34)],
    "anthropic": ["sk-ant-api03-" + body(95)],
    "openai": ["sk-proj-" + body(64), "sk-" + body(48)],
    "groq": ["gsk_" + body(52)],
    "replicate": ["r8_" + body(37)],
    "azure-storage": ["AccountKey=" + body(86) + "=="],
    "digitalocean": ["dop_v1_" + body(64, "a7f2")],
    "databricks": ["dapi" + body(32, "a7f2")],
    "terraform": [body(14) + ".atlasv1." + body(64)],
    "vault": ["hvs." + body(95)],
    "grafana": ["glsa_" + body(32) + "_" + body(8, "a7f2")],
    "shopify": ["shpat_" + body(32, "a7f2")],
    "rubygems": ["rubygems_" + body(48, "a7f2")],
    "new-relic": ["NRAK-" + body(27, "QZ7K2")],
}  # fmt: skip


def found(text: str) -> list[tuple[str, str]]:
    return [(each.id, text[each.start : each.end]) for each in tokens(text)]


def test_every_shape_has_an_example() -> None:
    assert [row["id"] for row in load("secrets")["tokens"]] == list(TOKENS)


@pytest.mark.parametrize(("kind", "token"), [(k, t) for k, all_ in TOKENS.items() for t in all_])
def test_shapes(kind: str, token: str) -> None:
    for before, after in (("", ""), ('x "', '" y'), ("A=", "\n"), ("//h/:_authToken=", " ")):
        assert found(before + token + after) == [(kind, token)]


@pytest.mark.parametrize(
    ("kind", "token"),
    [(k, t) for k, all_ in TOKENS.items() for t in all_ if k not in ("private-key", "telegram")],
)
def test_no_token_within_a_longer_word_or_cut_short(kind: str, token: str) -> None:
    assert kind not in dict(found("a" + token))
    assert kind not in dict(found(token[: len(token) // 2]))


@pytest.mark.parametrize(
    "text",
    [
        "ghp_" + "x" * 36,
        "sk-" + "0" * 48,
        "AKIAIOSFODNN7" + "EXAMPLE",
        "glpat-your_token_here_please",
        "AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
        claims('{"role": "anon"}'),
        claims('{"iss":"supabase-demo","role":"service_role"}'),
        "eyJhbGciOiJIUzI1NiJ9.eyJ!.x",
        'grep "-----BEGIN RSA PRIVATE KEY-----" key.pem',
        "-----BEGIN CERTIFICATE-----\nMIIBAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d",
        "sk-learn-contrib-with-a-very-long-name-that-goes-on-and-on",
        "npm_config_cache npm_package_json npm_lifecycle_event",
    ],
)
def test_no_tokens(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("https://ci:hunter2@corp.io/a", "hunter2"),
        ("git+https://ci:hunter2@corp.io/a@v1", "hunter2"),
        ("'https://ci:p%40ss@corp.io'", "p%40ss"),
        ("https://:hunter2@corp.io", "hunter2"),
        ("https://0a1b2c3d4e5f60718293@github.com/a", "0a1b2c3d4e5f60718293"),
        ("postgres://app:hunter2@db.corp.io/x", "hunter2"),
        ("https://corp.io/a https://ci:hunter2@nexus:8081", "hunter2"),
    ],
)
def test_addresses(text: str, secret: str) -> None:
    assert [text[slice(*each.secret)] for each in addresses(text)] == [secret]


@pytest.mark.parametrize(
    "text",
    [
        "https://corp.io/@scope/a:b@c",
        "https://git@github.com/a",
        "https://some-user-name@github.com/a",
        "https://ci:$PASSWORD@corp.io",
        "https://ci:${PASSWORD}@corp.io",
        "https://user:pass@corp.io",
        "https://ci:hunter2@example.com",
        "https://ci:hunter2@localhost:3000",
        "https://ci:hunter2@127.0.0.1",
        "postgres://app:hunter2@db/x",
        "ftp://anonymous:a%40b.io@ftp.corp.io",
        "http://corp.io:8080/a@b",
        "ssh://git@corp.io:22/a",
        "s|https://[^:]*:[^@]*@corp|x|",
    ],
)
def test_no_addresses(text: str) -> None:
    assert list(addresses(text)) == []


@pytest.mark.parametrize(
    "value", ["changeme", "<token>", "${X}", "xxx", "test", "***", "dummy-key"]
)
def test_placeholders(value: str) -> None:
    assert placeholder(value)


@pytest.mark.parametrize("value", ["hunter2", "s3cr3t-k3y", "Tr0ub4dor&3", "toor"])
def test_no_placeholders(value: str) -> None:
    assert not placeholder(value)


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ("24454f830cdb571e2c4ad15481119c43", True),
        ("q1w2E3r4T5y6U7i8O9p0A1s2D3f4G5h6J7k8L9z0X1c=", True),
        ("base64:q1w2E3r4T5y6U7i8O9p0A1s2D3f4G5h6J7k8L9z0X1c=", True),
        ("91A6E7F85D05C65630BEF18951852D87348FFC4C", False),
        ("00000000000000000000000000000000", False),
        ("9b2c4e1f-4a0e-4c5e-9d6e-1f2a3b4c5d6e", False),
        ("/usr/Local/Bin/Application1/Main", False),
        ("a-long-name-of-some-kind-of-thing", False),
        ("hunter2", False),
    ],
)
def test_opaque(value: str, answer: bool) -> None:
    assert opaque(value) is answer


def secrets(text: str) -> list[tuple[str, str, str | None]]:
    source = make_source("Dockerfile", text)
    build = make_build(read(source))
    facts = Facts(build, make_scripts(build), None, date(2026, 11, 21))
    return [(each.by, source.slice(each.span), each.given) for each in secret_places(facts)]


@pytest.mark.parametrize(
    ("command", "secret", "given"),
    [
        ("docker login -u ci -phunter2 corp.io", "hunter2", "docker -p"),
        ("docker login --password='hunter2' corp.io", "hunter2", "docker --password"),
        ("skopeo copy --src-creds ci:hunter2 a b", "hunter2", "skopeo --src-creds"),
        ("smbclient //h/s -U me%hunter2", "hunter2", "smbclient -U"),
        ("htpasswd -cb /etc/users me hunter2", "hunter2", "htpasswd -cb /etc/users me"),
        ("x11vnc -storepasswd hunter2 /p", "hunter2", "x11vnc -storepasswd"),
        ("aws --profile p configure set x y", None, None),
        ("docker run -p 80:80 x", None, None),
        ("docker login -p $(cat /p)", None, None),
        ("docker login -p `cat /p`", None, None),
        ('curl -H "Accept: application/json"', None, None),
        ("curl -u ci: https://corp.io", None, None),
        ("curl -u ci https://corp.io", None, None),
        ("curl -fsSLu ci:hunter2 https://corp.io", "hunter2", "curl -fsSLu"),
        ("curl -u admin:hunter2 http://localhost:3000/api", None, None),
        ('curl -H "Authorization: Bearer QQ==" https://ghcr.io/v2/', None, None),
        (
            "bundle config set --global gems.corp.io ci:hunter2",
            "ci:hunter2",
            "bundle config set --global gems.corp.io",
        ),
        ("bundle config set mirror.https://rubygems.org https://mirror.corp.io", None, None),
    ],
)
def test_commands(command: str, secret: str | None, given: str | None) -> None:
    expected = [] if secret is None else [("option", secret, given)]
    assert secrets(f"FROM debian:13\nRUN {command}\n") == expected


def test_a_place_is_found_once() -> None:
    token = TOKENS["github"][0]
    text = f'FROM a\nRUN curl -H "Authorization: token {token}" https://ci:{token}@corp.io\n'
    assert [each[:2] for each in secrets(text)] == [("token", token), ("token", token)]


def test_comments_between_the_lines_are_no_part_of_an_instruction() -> None:
    token = TOKENS["github"][0]
    text = f"FROM a\nRUN a \\\n# {token}\n  b {token}\n"
    assert secrets(text) == [("token", token, None)]
