"""Tokens: which ones are trusted, what the others are told, and that none of them is ever written down."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import httpx
import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from graph_api.app import create_app
from graph_api.endpoint.keys import KeySet
from graph_api.endpoint.tokens import Identity, Secret, Verifier
from graph_api.errors import ConfigurationError, Unauthenticated
from graph_api.settings import Settings
from tests.conftest import DAY, SECRET, in_process, serving, token_of
from tests.endpoint.conftest import build, over, post
from tests.endpoint.forged import CLAIMS, NAME, NOW, unsigned
from tests.endpoint.test_keys import signed

VERIFIER: Final = Verifier(Secret(SECRET.encode()), algorithm="HS256", audience=NAME, issuer=NAME)


DEEP: Final = b'{"alg": ' + b"[" * 2500 + b"]" * 2500 + b"}"
WRITE: Final = 'mutation { recordProgress(input: {topics: ["none"], status: KNOWN}) { revision } }'
NONE: Final = unsigned({"alg": "none", "typ": "JWT"}, CLAIMS)

BAD: Final = {
    "another scheme": ("Basic YTpi", "must be: Bearer"),
    "nothing at all": ("", "must be: Bearer"),
    "no token": ("Bearer ", "cannot be read"),
    "not a token": ("Bearer not-a-token", "cannot be read"),
    "not even text": ("Bearer \xff\xfe.\x00.x", "cannot be read"),
    "two tokens": (f"Bearer {token_of()}, Bearer {token_of()}", "cannot be read"),
    "another secret": (f"Bearer {token_of('admin', secret='x' * 32)}", "signature is wrong"),
    "a changed token": (f"Bearer {token_of('admin')[:-8]}AAAAAAAA", "signature is wrong"),
    "no signature": (f"Bearer {NONE}", "another algorithm"),
    "another algorithm": (f"Bearer {jwt.encode(CLAIMS, 'x' * 64, 'HS512')}", "another algorithm"),
    "expired": (f"Bearer {token_of('admin', exp=NOW - 60)}", "has expired"),
    "not valid yet": (f"Bearer {token_of('admin', nbf=NOW + DAY)}", "not valid yet"),
    "issued in the future": (f"Bearer {token_of('admin', iat=NOW + DAY)}", "not valid yet"),
    "another audience": (f"Bearer {token_of('admin', aud='other')}", "another audience"),
    "another issuer": (f"Bearer {token_of('admin', iss='other')}", "another issuer"),
    "no expiry": (f"Bearer {token_of('admin', exp=None)}", "lacks one of the claims"),
    "no subject": (f"Bearer {token_of('admin', sub=None)}", "lacks one of the claims"),
    "no audience": (f"Bearer {token_of('admin', aud=None)}", "lacks one of the claims"),
    "no issuer": (f"Bearer {token_of('admin', iss=None)}", "lacks one of the claims"),
    "an empty subject": (f"Bearer {token_of('admin', sub=' ')}", "is not a name"),
    "half a character": (f"Bearer {token_of('admin', sub=chr(0xD800))}", "is not a name"),
    "a number for a subject": (f"Bearer {token_of('admin', sub=7)}", "cannot be read"),
    "a number for the roles": (f"Bearer {token_of(roles=7)}", "not a list of names"),
    "endless expiry": (f"Bearer {token_of('admin', exp=float('inf'))}", "cannot be read"),
    "too long": (f"Bearer {token_of(more='x' * 9000)}", "longer than 8192 bytes"),
    "a deep header": (f"Bearer {'W' * 6000}.{'e30'}.x", "cannot be read"),
    "a deep object": (f"Bearer {unsigned(DEEP, CLAIMS, 'x')}", "cannot be read"),
}


@pytest.mark.parametrize(("header", "says"), BAD.values(), ids=BAD)
async def test_a_token_that_cannot_be_trusted_is_refused_in_one_sentence(header: str, says: str) -> None:
    with pytest.raises(Unauthenticated, match=says) as refused:
        await VERIFIER.identify(header)
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert not any(len(part) > 5 and part in sentence for part in header.removeprefix("Bearer ").split("."))
    assert refused.value.__cause__ is None


async def test_a_good_token_names_its_bearer() -> None:
    assert await VERIFIER.identify(None) is None
    expected = Identity("ada", frozenset({"editor", "something of others"}), float(NOW + DAY))
    token = token_of("editor", "something of others", exp=NOW + DAY)
    assert await VERIFIER.identify(f"Bearer {token}") == expected
    assert await VERIFIER.identify(f"bEaReR  {token} ") == expected
    barely = await VERIFIER.identify(f"Bearer {token_of(exp=int(time.time()) - 5)}")
    assert barely is not None, "Clocks may be some seconds apart."
    without = await VERIFIER.identify(f"Bearer {token_of(roles=None)}")
    assert without is not None
    assert without.roles == frozenset()


@given(st.one_of(st.text(max_size=80), st.lists(st.binary(max_size=40), min_size=3, max_size=3)))
@settings(max_examples=100, deadline=None)
def test_whatever_is_sent_is_refused_and_nothing_worse(sent: str | list[bytes]) -> None:
    token = (
        sent
        if isinstance(sent, str)
        else ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in sent)
    )
    with pytest.raises(Unauthenticated):
        asyncio.run(VERIFIER.identify(f"Bearer {token}"))


async def test_a_server_without_keys_takes_no_tokens() -> None:
    assert await Verifier(None).identify(None) is None
    with pytest.raises(Unauthenticated, match="takes no tokens"):
        await Verifier(None).identify(f"Bearer {token_of('admin')}")


@pytest.fixture
async def closed() -> AsyncIterator[httpx.AsyncClient]:
    """The endpoint, which answers nobody without a token."""
    async with over(build(identify=VERIFIER.identify, require_auth=True)) as http:
        yield http


def refusal(response: httpx.Response) -> tuple[int, str, list[str], str]:
    [error] = response.json()["errors"]
    return (
        response.status_code,
        error["extensions"]["code"],
        list(response.json()),
        response.headers["www-authenticate"],
    )


async def test_without_a_token_nobody_is_answered_where_one_is_required(closed: httpx.AsyncClient) -> None:
    hello = {"query": "{ hello }"}
    assert refusal(await post(closed, hello)) == (401, "UNAUTHENTICATED", ["errors"], "Bearer")
    assert refusal(await closed.get("/graphql", params=hello))[0] == 401
    assert refusal(await closed.get("/graphql", params={**hello, "access_token": token_of()}))[0] == 401
    answer = await post(closed, hello, authorization=f"Bearer {token_of()}")
    assert answer.json() == {"data": {"hello": "hello world"}}


async def test_a_bad_token_is_refused_before_anything_runs_also_where_none_is_needed() -> None:
    async with over(build(identify=VERIFIER.identify)) as http:
        assert (await post(http, {"query": "{ hello }"})).status_code == 200
        refused = await post(http, {"query": "{ broken }"}, authorization="Bearer nonsense")
        assert refusal(refused) == (401, "UNAUTHENTICATED", ["errors"], 'Bearer error="invalid_token"')
        twice = [("authorization", f"Bearer {token_of()}"), ("authorization", f"Bearer {token_of()}")]
        assert refusal(await http.post("/graphql", json={"query": "{ hello }"}, headers=twice))[0] == 401


async def test_without_the_issuers_keys_the_answer_is_503(closed_port: int) -> None:
    keys = KeySet(f"http://127.0.0.1:{closed_port}/", algorithm="RS256")
    async with over(build(identify=Verifier(keys, algorithm="RS256").identify)) as http:
        response = await post(http, {"query": "{ hello }"}, authorization=signed())
    assert response.status_code == 503
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}


# --- the application ----------------------------------------------------------------------------------


async def test_health_and_graphiql_stay_open(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"require_auth": True}))
    async with in_process(app) as client:
        for path in ("/livez", "/readyz", "/graphiql/", "/graphiql/operations.json"):
            assert (await client.http.get(path)).status_code == 200
        assert (await client.http.get("/graphql", params={"query": "{ __typename }"})).status_code == 401
        assert await client.as_().ask("{ __typename }") == {"__typename": "Query"}


def test_a_closed_server_needs_something_to_check_tokens_with(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="REQUIRE_AUTH needs"):
        create_app(settings.model_copy(update={"require_auth": True, "auth_secret": None}))


@contextmanager
def all_logs(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """Everything that a server logs, by whatever library, at the finest level."""
    with caplog.at_level(logging.DEBUG):
        yield lambda: "\n".join(
            logging.Formatter(record.name + " %(message)s").format(record) + repr(record.__dict__)
            for record in caplog.records
            if record.name != "websockets.client"  # the one that sends the tokens here
        )


QUERIES: Final = ("{ viewer { revision } }", "{ nothing }", "{", WRITE)


async def ask_everywhere(address: str, token: str) -> AsyncIterator[str]:
    """All that is answered to a token, wherever one can be sent."""
    headers = {"authorization": f"Bearer {token}"}
    events = {**headers, "accept": "text/event-stream"}
    async with httpx.AsyncClient(base_url=address) as http:
        answers = [await http.post("/graphql", json={"query": query}, headers=headers) for query in QUERIES]
        answers.append(await http.get("/graphql", params={"query": QUERIES[0]}, headers=headers))
        answers.append(await http.post("/graphql", json={"query": "{ __typename }"}, headers=events))
        answers += [await http.get(path, headers=headers) for path in ("/readyz", "/graphiql/", "/nowhere")]
    for answer in answers:
        yield f"{answer.headers}{answer.text}"
    uri, protocol = f"{address.replace('http', 'ws')}/graphql", Subprotocol("graphql-transport-ws")
    async with connect(uri, subprotocols=[protocol], max_size=None) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": headers}))
        with suppress(ConnectionClosed):
            yield str(await socket.recv())
    yield f"{socket.close_code} {socket.close_reason}"


async def test_no_token_is_ever_logged_or_answered(
    settings: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    good = token_of("learner", "editor", "admin")
    bad = token_of("admin", secret="y" * 40)
    tokens = [good, bad, NONE, token_of(exp=1), "malformed.token.text-in-the-clear", "x" * 9000]
    with all_logs(caplog) as logged, serving(create_app(settings), log_level="info") as address:
        answers = [
            answer for token in tokens for answer in [each async for each in ask_everywhere(address, token)]
        ]
    told = capfd.readouterr()
    secrets = [part for token in tokens for part in (token, token.split(".")[-1]) if len(part) > 9]
    for text in (logged(), told.out, told.err, *answers):
        assert not [line[:300] for line in text.splitlines() for secret in secrets if secret in line]
    assert "POST /graphql" in logged() + told.out, "The server does log its requests."
    assert sum("connection_ack" in answer for answer in answers) == 1
