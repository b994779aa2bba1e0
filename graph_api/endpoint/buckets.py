"""The buckets of all callers, metered as the generic cell rate algorithm does it: exact, and one number each.

Only a process that limits anybody imports this: the library takes 12 MB, most of it for stores that it has.
"""

from __future__ import annotations

import asyncio
import logging
import time
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Final, Self

from throttled.asyncio import MemoryStore, RateLimitResult, RedisStore, per_min
from throttled.asyncio.rate_limiter import GCRARateLimiter
from throttled.exceptions import StoreUnavailableError

from graph_api.endpoint.rates import RateLimited, Spending
from graph_api.errors import ConfigurationError

log = logging.getLogger(__name__)

CALLERS: Final = 100_000
"""So many are remembered in memory; whoever was quiet for longest is forgotten first."""

REDIS_SECONDS: Final = 0.25
REST_SECONDS: Final = 5.0
"""So long Redis is left alone after it failed."""

_PREFIX: Final = "roadmap-graph-api"


class Buckets:
    """The buckets of all callers: `per_minute` points flow into each, which holds `burst` at the most.

    With an address of a Redis they are shared with all processes that use it; while it is away, each
    process keeps its own. Used as a context manager, by one event loop.
    """

    def __init__(self, per_minute: int, *, burst: int | None = None, redis: str | None = None) -> None:
        """Raises ConfigurationError when the client of Redis is not installed."""
        self._quota = per_min(per_minute, burst=burst or per_minute)
        self._redis = redis
        self._here = self._limiter(MemoryStore(options={"MAX_SIZE": CALLERS}))
        self._shared: GCRARateLimiter | None = None
        self._store: RedisStore | None = None
        self._failed = False
        self._rest_until = 0.0
        if redis is not None and find_spec("redis") is None:
            raise ConfigurationError("REDIS_URL needs the extra: pip install roadmap-graph-api[redis].")

    async def __aenter__(self) -> Self:
        if self._redis is not None:
            # redis would try again with pauses that are longer than anybody waits for a limit
            options = {"SOCKET_TIMEOUT": REDIS_SECONDS, "SOCKET_CONNECT_TIMEOUT": REDIS_SECONDS}
            self._store = RedisStore(server=self._redis, options=options)
            self._shared = self._limiter(self._store)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._store is not None:
            client: Any = self._store._backend.get_client()  # noqa: SLF001 - it has no close of its own
            await client.aclose(close_connection_pool=True)
        self._shared = self._store = None

    async def take(self, caller: str, cost: int) -> Spending:
        """Take what an operation costs; one that costs more than a bucket holds takes a full one.

        Raises RateLimited, and takes nothing, when there is not enough.
        """
        cost = min(max(1, cost), self._quota.burst)
        result = await self._limit(caller, cost)
        state = result.state
        spending = Spending(
            limit=state.limit,
            remaining=state.remaining,
            cost=cost,
            window=self._quota.burst * self._quota.emission_interval,
            reset_after=state.reset_after,
            resets_at=time.time() + state.reset_after,
        )
        if result.limited:
            raise RateLimited(spending, state.retry_after)
        return spending

    async def _limit(self, caller: str, cost: int) -> RateLimitResult:
        if self._shared is None or time.monotonic() < self._rest_until:
            return await self._here.limit(caller, cost)
        from redis.exceptions import RedisError

        try:
            async with asyncio.timeout(2 * REDIS_SECONDS):
                result = await self._shared.limit(caller, cost)
        except (RedisError, OSError, StoreUnavailableError) as error:
            self._rest_until = time.monotonic() + REST_SECONDS
            if not self._failed:
                kind = type(error.__cause__ or error).__name__
                log.warning("Redis cannot be used (%s): each process keeps its own rate limits.", kind)
            self._failed = True
            return await self._here.limit(caller, cost)
        if self._failed:
            log.warning("Redis can be used again: rate limits are shared.")
            self._failed = False
        return result

    def _limiter(self, store: MemoryStore | RedisStore) -> GCRARateLimiter:
        return GCRARateLimiter(self._quota, store, key_prefix=_PREFIX)
