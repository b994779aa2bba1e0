"""Tokens: which ones are trusted, what the others are told, and that none of them is ever written down."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Final

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from graph_api.app import create_app
from graph_api.endpoint.keys import KeySet
from graph_api.endpoint.tokens import Identity, Secret, Verifier
from graph_api.errors import ConfigurationError, Unauthenticated, Unavailable
from graph_api.settings import Settings
from tests.conftest import DAY, SECRET, in_process, serving, token_of
from tests.endpoint.conftest import build, over, post

NAME: Final = "roadmap-graph-api"
VERIFIER: Final = Verifier(Secret(SECRET.encode()), algorithm="HS256", audience=NAME, issuer=NAME)
NOW: Final = int(time.time())


def unsigned(header: object, claims: object, signature: str = "") -> str:
    """A token made by hand, with whatever header."""
    texts = (each if isinstance(each, bytes) else json.dumps(each).encode() for each in (header, claims))
    parts = (base64.urlsafe_b64encode(each).decode() for each in texts)
    return ".".join((*(part.rstrip("=") for part in parts), signature))


CLAIMS: Final = {"sub": "eve", "roles": ["admin"], "iss": NAME, "aud": NAME, "exp": NOW + DAY}
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


# --- an issuer with public keys -----------------------------------------------------------------------


RSA: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC: Final = ec.generate_private_key(ec.SECP256R1())


def jwk(kid: str | None, **other: object) -> dict[str, object]:
    """The public half of the RSA key."""
    found: dict[str, object] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key()))
    return {key: value for key, value in {**found, "kid": kid, **other}.items() if value is not None}


def signed(kid: str | None = "one", key: Any = RSA, algorithm: str = "RS256", **claims: object) -> str:
    headers = None if kid is None else {"kid": kid}
    return f"Bearer {jwt.encode({**CLAIMS, **claims}, key, algorithm, headers=headers)}"


class Issuer:
    """A server of a key set on the loopback interface."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.status = 200
        self.body = b""
        self.asked = 0
        self.holds = threading.Event()
        self.holds.set()

    def offer(self, *keys: object) -> None:
        self.body = json.dumps({"keys": keys}).encode()

    def verifier(self, *, rest: float = 0.0, algorithm: str = "RS256") -> Verifier:
        keys = KeySet(self.url, algorithm=algorithm, rest=rest)
        return Verifier(keys, algorithm=algorithm, audience=NAME, issuer=NAME)


@contextmanager
def issuing() -> Iterator[Issuer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            source.asked += 1
            source.holds.wait(5)
            self.send_response(source.status)
            self.send_header("location", f"{source.url}/other")
            self.end_headers()
            self.wfile.write(source.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    source = Issuer(f"http://127.0.0.1:{server.server_port}/keys")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield source
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        issuer.offer(jwk("one"))
        yield issuer


async def test_a_token_of_the_issuer_is_trusted_and_the_keys_are_fetched_once(issuer: Issuer) -> None:
    verifier = issuer.verifier()
    issuer.holds.clear()
    asking = asyncio.gather(*(verifier.identify(signed()) for _ in range(20)))
    await asyncio.sleep(0.05)
    issuer.holds.set()
    assert {identity and identity.subject for identity in await asking} == {"eve"}
    await verifier.identify(signed())
    assert issuer.asked == 1


async def test_a_public_key_is_no_secret(issuer: Issuer) -> None:
    """Who knows the public key could else sign with it as with a shared secret (RFC 8725, 2.1)."""
    pem = RSA.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head = unsigned({"alg": "HS256", "kid": "one"}, CLAIMS).rstrip(".")
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = base64.urlsafe_b64encode(mac.sign(head.encode(), pem)).decode().rstrip("=")
    for verifier in (issuer.verifier(), Verifier(Secret(pem), algorithm="RS256", audience=NAME, issuer=NAME)):
        with pytest.raises(Unauthenticated, match="another algorithm"):
            await verifier.identify(f"Bearer {head}.{signature}")
    with pytest.raises(Unauthenticated, match="another algorithm"):
        await issuer.verifier().identify(signed(algorithm="PS256"))
    assert issuer.asked == 0


async def test_a_new_key_is_fetched_but_not_for_every_unknown_name(issuer: Issuer) -> None:
    verifier = issuer.verifier(rest=0.2)
    await verifier.identify(signed())
    issuer.offer(jwk("one"), jwk("two"))
    for _ in range(5):
        with pytest.raises(Unauthenticated, match="does not have"):
            await verifier.identify(signed("two"))
    assert issuer.asked == 1
    await asyncio.sleep(0.25)
    assert await verifier.identify(signed("two"))
    assert issuer.asked == 2


async def test_without_a_name_the_only_key_counts(issuer: Issuer) -> None:
    assert await issuer.verifier().identify(signed(None))
    issuer.offer(jwk("one"), jwk("two"))
    with pytest.raises(Unauthenticated, match="does not have"):
        await issuer.verifier().identify(signed(None))


async def test_keys_of_other_kinds_are_passed_over(issuer: Issuer) -> None:
    elliptic = {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(EC.public_key())), "kid": "ec"}
    shared = {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"}
    strange = ({"kty": "RSA", "kid": "broken", "n": "", "e": 7}, 5, {"kid": "bare"}, {"kty": ["x"]})
    issuer.offer(elliptic, shared, *strange, jwk("enc", use="enc"), jwk("512", alg="RS512"), jwk("one"))
    verifier = issuer.verifier()
    assert await verifier.identify(signed(None)), "Of all these one is for RS256 signatures."
    for kid in ("ec", "shared", "broken", "bare", "enc", "512"):
        with pytest.raises(Unauthenticated, match="does not have"):
            await verifier.identify(signed(kid))
    assert await issuer.verifier(algorithm="ES256").identify(signed("ec", EC, "ES256"))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (302, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"keys": 1}'),
        (200, b" " * 1_000_001),
    ],
    ids=["failing", "elsewhere", "a page", "a list", "no list", "too long"],
)
async def test_an_issuer_that_gives_no_keys_makes_us_unavailable(
    issuer: Issuer, status: int, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    verifier = issuer.verifier(rest=60)
    issuer.status, good, issuer.body = status, issuer.body, body
    for _ in range(2):
        with pytest.raises(Unavailable, match="cannot be fetched now"):
            await verifier.identify(signed())
    assert issuer.asked == 1, "It is not asked again and again, and no redirect is followed."
    assert "were not fetched" in caplog.text
    issuer.status, issuer.body = 200, good
    assert await issuer.verifier().identify(signed())


async def test_while_the_issuer_is_away_its_keys_of_before_serve(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = issuer.verifier()
    await verifier.identify(signed())
    monkeypatch.setattr("graph_api.endpoint.keys.KEPT_SECONDS", -1.0)
    issuer.status = 500
    assert await verifier.identify(signed())
    with pytest.raises(Unauthenticated):
        await verifier.identify(signed("two"))
    assert issuer.asked == 2


# --- over HTTP ----------------------------------------------------------------------------------------


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
