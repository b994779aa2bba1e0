"""The public keys of a token issuer: its JSON Web Key Set (RFC 7517), fetched when needed and kept."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from typing import Final
from urllib.request import HTTPRedirectHandler, Request, build_opener

import jwt
import orjson

from graph_api.errors import Unauthenticated, Unavailable

log = logging.getLogger(__name__)

FETCH_SECONDS: Final = 5.0
MAX_BYTES: Final = 1_000_000
KEPT_SECONDS: Final = 300.0
REST_SECONDS: Final = 10.0


class KeySet:
    """The keys behind an address, by id, for one algorithm; keys of other kinds and uses are passed over.

    They are fetched off the event loop, once for all who wait: at the first use, again when they are
    older than KEPT_SECONDS, and when a token names a key that is not among them; but never within `rest`
    seconds of the last time. While the issuer cannot be reached, the keys of before serve.
    """

    def __init__(self, url: str, *, algorithm: str, rest: float = REST_SECONDS) -> None:
        self._url = url
        self._algorithm = algorithm
        self._rest = rest
        self._keys: Mapping[str, jwt.PyJWK] | None = None
        self._asked = self._fetched = float("-inf")
        self._flight: asyncio.Task[None] | None = None

    async def key(self, kid: str | None) -> jwt.PyJWK:
        """The key of this id; without an id the only key there is.

        Raises Unauthenticated when the issuer has no such key, Unavailable when it was never reached.
        """
        found = self._find(kid)
        if found is None:
            await self._refresh()
            found = self._find(kid)
        elif time.monotonic() - self._fetched > KEPT_SECONDS:
            self._take_off()  # nobody has to wait for it
        if found is not None:
            return found
        if self._keys is None:
            raise Unavailable("The keys of the token issuer cannot be fetched now.")
        raise Unauthenticated("The token is signed with a key that its issuer does not have.")

    def _find(self, kid: str | None) -> jwt.PyJWK | None:
        keys = self._keys or {}
        if kid is None:
            return next(iter(keys.values())) if len(keys) == 1 else None
        return keys.get(kid)

    async def _refresh(self) -> None:
        flight = self._take_off()
        if flight is not None:
            await asyncio.shield(flight)

    def _take_off(self) -> asyncio.Task[None] | None:
        """The flight under way, or a new one unless the last one was a moment ago."""
        if self._flight is None and time.monotonic() - self._asked >= self._rest:
            self._flight = asyncio.create_task(self._fetch())
        return self._flight

    async def _fetch(self) -> None:
        self._asked = time.monotonic()
        try:
            async with asyncio.timeout(2 * FETCH_SECONDS):
                data = await asyncio.to_thread(_get, self._url)
            self._keys = dict(_parsed(data, self._algorithm))
            self._fetched = time.monotonic()
        except (OSError, HTTPException, TimeoutError, ValueError) as error:
            log.warning("The keys of the token issuer were not fetched: %s", error)
        finally:
            self._flight = None


class _NoRedirects(HTTPRedirectHandler):
    """An issuer's keys come from the address of the setting and from nowhere else."""

    def redirect_request(self, *_: object) -> None:
        """Follow none: it becomes an HTTPError."""


def _get(url: str) -> bytes:
    request = Request(url, headers={"accept": "application/json", "user-agent": "roadmap-graph-api"})  # noqa: S310 - the setting lets https through, and http to this machine
    with build_opener(_NoRedirects).open(request, timeout=FETCH_SECONDS) as response:
        data: bytes = response.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"they are longer than {MAX_BYTES} bytes")
    return data


def _parsed(data: bytes, algorithm: str) -> Iterator[tuple[str, jwt.PyJWK]]:
    """The keys that can check a signature of this algorithm. Raises ValueError for what is no key set."""
    document = orjson.loads(data)
    found = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(found, list):
        raise ValueError("the answer is no JSON Web Key Set")  # noqa: TRY004 - of whatever type it is
    for each in found:
        if not isinstance(each, dict):
            continue
        if each.get("use", "sig") != "sig" or each.get("alg", algorithm) != algorithm:
            continue
        try:
            key = jwt.PyJWK(each, algorithm)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError):
            continue
        yield str(each.get("kid", "")), key
