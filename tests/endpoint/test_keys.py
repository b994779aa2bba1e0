"""The keys of an issuer: fetched once, anew for a new name, and kept while it is away."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from graph_api.endpoint.keys import KeySet
from graph_api.endpoint.tokens import Secret, Verifier
from graph_api.errors import Unauthenticated, Unavailable
from tests.endpoint.forged import CLAIMS, NAME, unsigned

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
