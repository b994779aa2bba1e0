"""How much a caller may ask for: a token bucket for each, from which an operation takes what it costs."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final, Protocol, TypeGuard

from starlette.requests import HTTPConnection

from graph_api.endpoint.tokens import Identity
from graph_api.errors import RoadmapError

_ADDRESSES: Final = 1_000
_NETWORK: Final = 64
"""Bits of an IPv6 address that one customer has."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What an operation took from its caller's bucket of `limit` points: `cost`, and `remaining` are left.

    An empty bucket fills in `window` seconds; this one is full again after `reset_after` seconds, which is
    at `resets_at`, in seconds since 1970.
    """

    limit: int
    remaining: int
    cost: int
    window: float
    reset_after: float
    resets_at: float

    def headers(self) -> dict[str, str]:
        """The headers of draft-ietf-httpapi-ratelimit-headers-10."""
        return {
            "ratelimit": f'"default";r={self.remaining};t={math.ceil(self.reset_after)}',
            "ratelimit-policy": f'"default";q={self.limit};w={math.ceil(self.window)}',
        }


class RateLimited(RoadmapError):
    """The caller's bucket does not hold what the operation costs; it will after `retry_after` seconds."""

    code = "RATE_LIMITED"

    def __init__(self, spending: Spending, retry_after: float) -> None:
        self.spending = spending
        self.retry_after = max(1, math.ceil(retry_after))
        super().__init__(
            f"This costs {spending.cost}, and {spending.remaining} of {spending.limit} points are left;"
            f" try again in {self.retry_after} s."
        )

    @property
    def details(self) -> Mapping[str, object]:
        """The seconds to wait."""
        return {"retryAfter": self.retry_after}


class Rates(Protocol):
    """The buckets of all callers."""

    async def take(self, caller: str, cost: int, /) -> Spending:
        """Take what an operation costs; one that costs more than a bucket holds takes a full one.

        Raises RateLimited, and takes nothing, when there is not enough.
        """


class Charged(Protocol):
    """A context that knows who asks, and is told what it was charged."""

    caller: str
    spending: Spending | None


def is_charged(context: object) -> TypeGuard[Charged]:
    """Whether a context is one of these."""
    return hasattr(context, "caller") and hasattr(context, "spending")


def caller(connection: HTTPConnection, identity: Identity | None) -> str:
    """Who is charged: the subject of the token, or the address; of an IPv6 address its network.

    The address is that of the connection, or what a trusted proxy has said in its place.
    """
    if identity is not None:
        return f"token:{sha256(identity.subject.encode('utf-8', 'surrogatepass')).hexdigest()}"
    return f"address:{_network(connection.client.host if connection.client else '')}"


@lru_cache(maxsize=_ADDRESSES)
def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), _NETWORK), strict=False))
