"""`graph-api token`, the secret that it shares with `serve`, and the settings of tokens."""

from __future__ import annotations

import asyncio
import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest

from graph_api.cli.secret import NAME, home_secret
from graph_api.endpoint.tokens import Identity, Secret, Verifier
from graph_api.errors import ConfigurationError
from graph_api.settings import Settings
from tests.conftest import ROOT

from .conftest import COMMAND, Result

Run = Callable[..., Result]

OURS = "roadmap-graph-api"
LONG = "a secret that is long enough for HS256"


def identity(token: str, secret: str, *, audience: str = OURS, issuer: str = OURS) -> Identity:
    verifier = Verifier(Secret(secret.encode()), audience=audience, issuer=issuer)
    found = asyncio.run(verifier.identify(f"Bearer {token}"))
    assert found is not None
    return found


def test_a_token_is_minted_before_the_server_ever_ran(run: Run, tmp_path: Path) -> None:
    told = run("token", "--role", "editor")
    assert told.code == 0
    assert told.err == "This makes its bearer me, as editor, for 12 hours.\n"
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", told.out), "Nothing but the token is on the output."
    path = tmp_path / "home" / NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (path.parent / ".gitignore").read_text() == "*\n"
    found = identity(told.out.strip(), path.read_text().strip())
    assert (found.subject, *found.roles) == ("me", "editor")
    assert abs(found.expires_at - time.time() - 12 * 3600) < 60
    again = run("token", "--role", "learner", "--subject", "ada", "--hours", "0.5")
    found = identity(again.out.strip(), path.read_text().strip())
    assert (found.subject, *found.roles) == ("ada", "learner")
    assert abs(found.expires_at - time.time() - 1800) < 60


def test_the_settings_secret_audience_and_issuer_are_used(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_SECRET", LONG)
    monkeypatch.setenv("AUTH_AUDIENCE", "them")
    monkeypatch.setenv("AUTH_ISSUER", "us")
    monkeypatch.setenv("NEO4J_URI", "bolt://db.example.org")
    monkeypatch.setenv("NEO4J_PASSWORD", "x")
    told = run("token", "--role", "ADMIN", "--subject", "Zoë")
    found = identity(told.out.strip(), LONG, audience="them", issuer="us")
    assert (found.subject, *found.roles) == ("Zoë", "admin")


def test_a_server_of_ones_own_has_no_secret_but_that_of_the_settings(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://db.example.org")
    monkeypatch.setenv("NEO4J_PASSWORD", "x")
    told = run("token", "--role", "editor")
    assert (told.code, told.out) == (1, "")
    assert told.err == "Error: Set AUTH_SECRET to the one that the API has; there is none to sign with.\n"
    assert not (tmp_path / "home").exists()


def test_with_public_keys_only_the_issuer_signs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in JWKS.items():
        monkeypatch.setenv(name.upper(), value)
    told = run("token", "--role", "editor")
    assert (told.code, told.out) == (1, "")
    assert told.err == "Error: Tokens come from the issuer of AUTH_JWKS_URL; only it has the key.\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 2),
        (("--role", "king"), 2),
        (("--role", "editor", "--hours", "0"), 2),
        (("--role", "editor", "--subject", " "), 1),
    ],
)
def test_wrong_usage_prints_no_token(run: Run, arguments: tuple[str, ...], code: int) -> None:
    told = run("token", *arguments)
    assert (told.code, told.out) == (code, "")


def test_a_spoilt_secret_is_told_and_not_replaced(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "home" / NAME
    path.parent.mkdir()
    path.write_text("short\n")
    told = run("token", "--role", "editor")
    assert told.code == 1
    assert told.err == f"Error: {path} is no secret of 32 bytes; delete it and a new one is made.\n"
    assert path.read_text() == "short\n"


def test_of_many_who_make_the_secret_at_once_all_get_the_same(tmp_path: Path) -> None:
    command = [*COMMAND, "token", "--role", "learner"]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    tokens = [each.communicate(timeout=60)[0].strip() for each in started]
    secret = home_secret(tmp_path / "home")
    assert [identity(token, secret).subject for token in tokens] == ["me"] * 3
    assert [path.name for path in (tmp_path / "home").iterdir() if path.name.startswith(f".{NAME}")] == []


JWKS = {
    "auth_jwks_url": "https://id.example.org/keys",
    "auth_algorithm": "RS256",
    "auth_issuer": "https://id.example.org/",
}
REMOTE = {"neo4j_uri": "bolt://db.example.org", "neo4j_password": "x"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"auth_secret": "x" * 31}, "AUTH_SECRET must have 32 bytes"),
        ({"auth_algorithm": "none"}, "AUTH_ALGORITHM: Input should be 'HS256'"),
        ({"auth_algorithm": "RS256"}, "AUTH_ALGORITHM RS256 needs AUTH_JWKS_URL"),
        ({"auth_algorithm": "RS256", "auth_secret": LONG}, "AUTH_ALGORITHM RS256 needs AUTH_JWKS_URL"),
        ({**JWKS, "auth_secret": LONG}, "exclude each other"),
        ({**JWKS, "auth_algorithm": "HS256"}, "AUTH_ALGORITHM must be RS256"),
        ({**JWKS, "auth_issuer": None}, "AUTH_ISSUER must say"),
        ({**JWKS, "auth_jwks_url": "http://id.example.org/keys"}, "must be an https:// address"),
        ({**JWKS, "auth_jwks_url": "file:///etc/passwd"}, "must be an https:// address"),
        ({**JWKS, "auth_jwks_url": "https://[::1/keys"}, "must be an https:// address"),
        ({**REMOTE, "require_auth": "true"}, "REQUIRE_AUTH needs AUTH_SECRET or AUTH_JWKS_URL"),
    ],
)
def test_settings_that_do_not_fit_are_refused_in_one_sentence(given: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(says)) as refused:
        Settings.read(**given)
    assert LONG not in str(refused.value)
    assert "x" * 31 not in str(refused.value)


@pytest.mark.parametrize(
    "given",
    [
        {"auth_secret": LONG},
        JWKS,
        {**JWKS, "auth_jwks_url": "http://127.0.0.1:8080/keys", "auth_algorithm": "EdDSA"},
        {"require_auth": "true"},  # the local server makes a secret
        {**REMOTE, "require_auth": "true", "auth_secret": LONG},
    ],
)
def test_settings_that_fit_are_taken(given: dict[str, str]) -> None:
    settings = Settings.read(**given)
    assert LONG not in repr(settings)


def test_the_command_needs_no_heavy_imports() -> None:
    script = (
        "import sys\nfrom graph_api.cli import main\n"
        "try: main(['token', '--role', 'editor'])\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {"neo4j", "numpy", "strawberry", "uvicorn"} & set(ran.stderr.split())
    assert jwt.get_unverified_header(ran.stdout.strip())["alg"] == "HS256"
