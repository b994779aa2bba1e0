"""How much a caller may ask for: what is taken from whom, what is told, and what processes share."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from graph_api.app import create_app, server_options
from graph_api.endpoint.buckets import Buckets
from graph_api.endpoint.rates import RateLimited, Spending, caller
from graph_api.endpoint.tokens import Identity
from graph_api.errors import ConfigurationError
from graph_api.knowledge.model import Catalogue
from graph_api.settings import Settings
from tests.conftest import Client, in_process

QUERY = "{ catalogue { revision } rateLimit { limit remaining cost resetAt } }"
CHEAP = "{ __typename }"


@asynccontextmanager
async def limited(settings: Settings, points: int, **other: Any) -> AsyncIterator[Client]:
    """The API with so many points a minute."""
    update = {"rate_limit": points, **other}
    async with in_process(create_app(settings.model_copy(update=update))) as client:
        yield client


async def ask(client: Client, query: str = CHEAP, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.http.post("/graphql", json={"query": query}, headers={**client.headers, **named})


def code(answer: httpx.Response) -> str:
    [error] = answer.json()["errors"]
    return str(error["extensions"]["code"])


async def test_an_operation_takes_its_cost_and_tells_what_is_left(
    settings: Settings, catalogue: Catalogue
) -> None:
    async with limited(settings, 1000) as client:
        answer = await ask(client, QUERY)
    told = answer.json()["data"]["rateLimit"]
    assert told["limit"] == 1000
    assert told["cost"] > 1
    assert told["remaining"] == 1000 - told["cost"]
    assert abs(datetime.fromisoformat(told["resetAt"]) - datetime.now(UTC)) < timedelta(seconds=60)
    assert answer.headers["ratelimit-policy"] == '"default";q=1000;w=60'
    assert re.fullmatch(rf'"default";r={told["remaining"]};t=\d+', answer.headers["ratelimit"])
    assert catalogue.topics


async def test_one_past_the_limit_is_429_and_told_when_to_come_back(settings: Settings) -> None:
    async with limited(settings, 3) as client:
        answers = [await ask(client) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert code(answers[-1]) == "RATE_LIMITED"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
    assert answers[-1].headers["ratelimit"].startswith('"default";r=0;')


async def test_each_token_and_each_address_has_its_own_points(settings: Settings) -> None:
    async with limited(settings, 1) as client:
        ada, bob = client.as_("reader", subject="ada"), client.as_("reader", subject="bob")
        statuses = [(await ask(each)).status_code for each in (client, ada, bob, client, ada, bob)]
    assert statuses == [200, 200, 200, 429, 429, 429]


async def test_a_proxy_is_believed_only_when_it_is_trusted(settings: Settings) -> None:
    async with limited(settings, 1) as client:
        statuses = [(await ask(client, x_forwarded_for=f"192.0.2.{n}")).status_code for n in (1, 2)]
        assert statuses == [200, 429]
    async with limited(settings, 1, trusted_proxies="127.0.0.1, 10.0.0.0/8") as client:
        statuses = [(await ask(client, x_forwarded_for=f"192.0.2.{n}")).status_code for n in (1, 2, 1)]
        assert statuses == [200, 200, 429]
        # What a client writes there itself stands left of what the proxies add.
        forged = "203.0.113.9, 192.0.2.1, 10.1.2.3"
        assert (await ask(client, x_forwarded_for=forged)).status_code == 429


async def test_uvicorn_is_told_to_believe_no_proxy(settings: Settings) -> None:
    assert server_options(settings)["proxy_headers"] is False


async def test_a_streamed_operation_is_charged_too(settings: Settings) -> None:
    async with limited(settings, 1) as client:
        answers = [(await ask(client, accept="text/event-stream")).text for _ in range(2)]
    assert '"data":' in answers[0]
    assert '"code":"RATE_LIMITED","retryAfter":60' in answers[1]


async def test_health_costs_nothing(settings: Settings) -> None:
    async with limited(settings, 1) as client:
        assert [(await client.http.get("/livez")).status_code for _ in range(3)] == [200, 200, 200]


async def test_without_a_limit_nothing_is_told(client: Client) -> None:
    answer = await ask(client, "{ rateLimit { limit } }")
    assert answer.json() == {"data": {"rateLimit": None}}
    assert "ratelimit" not in answer.headers


async def test_points_flow_back_and_are_saved_up_to_the_burst() -> None:
    rates = Buckets(600, burst=2)  # ten a second
    assert [await taken(rates) for _ in range(3)] == [True, True, False]
    await asyncio.sleep(0.11)
    assert [await taken(rates) for _ in range(2)] == [True, False]
    await asyncio.sleep(0.5)
    assert [await taken(rates) for _ in range(3)] == [True, True, False]


async def test_what_costs_more_than_a_bucket_holds_takes_a_full_one() -> None:
    rates = Buckets(60, burst=5)
    spending = await rates.take("ada", 1000)
    assert (spending.cost, spending.remaining) == (5, 0)
    with pytest.raises(RateLimited) as limited:
        await rates.take("ada", 1000)
    assert limited.value.retry_after == 5
    assert limited.value.details == {"retryAfter": 5}


async def test_nothing_is_taken_from_whoever_is_refused() -> None:
    rates = Buckets(60, burst=3)
    await rates.take("ada", 1)
    with pytest.raises(RateLimited):
        await rates.take("ada", 3)
    assert (await rates.take("ada", 2)).remaining == 0


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("192.0.2.1", "address:192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"),
        ("::1", "address:::/64"),
        ("::ffff:192.0.2.1", "address:192.0.2.1"),
        ("somewhere", "address:unknown"),
        (None, "address:unknown"),
    ],
)
def test_who_has_no_token_is_named_by_the_address(address: str | None, named: str) -> None:
    client = None if address is None else (address, 1)
    assert caller(HTTPConnection({"type": "http", "client": client}), None) == named


def test_who_has_a_token_is_named_by_its_subject_which_cannot_be_read_from_the_name() -> None:
    connection = HTTPConnection({"type": "http", "client": ("192.0.2.1", 1)})
    one, other = (caller(connection, Identity(each, frozenset(), 0.0)) for each in ("ada", "bob"))
    assert one != other
    assert one.startswith("token:")
    assert "ada" not in one


def test_the_headers_are_those_of_the_draft() -> None:
    spending = Spending(limit=90, remaining=7, cost=2, window=60.0, reset_after=3.2, resets_at=0.0)
    assert spending.headers() == {"ratelimit": '"default";r=7;t=4', "ratelimit-policy": '"default";q=90;w=60'}


@pytest.mark.parametrize(
    ("name", "value"),
    [("trusted_proxies", "10.0.0.1/8"), ("trusted_proxies", "*"), ("redis_url", "http://x")],
)
def test_a_setting_that_cannot_be_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name.upper()):
        Settings.read(**{name: value})


class Redis:
    """A Redis server of our own, which can be taken away."""

    def __init__(self, program: str, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self._command = [
            program,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(folder),
        ]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise AssertionError("Redis did not start.")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server is installed")
    redis = Redis(program, tmp_path)
    redis.start()
    yield redis
    redis.kill()


async def test_processes_share_the_limits_through_redis(redis: Redis) -> None:
    async with Buckets(60, burst=3, redis=redis.url) as one, Buckets(60, burst=3, redis=redis.url) as other:
        assert [await taken(rates) for rates in (one, other, one, other)] == [True, True, True, False]
        assert (await one.take("bob", 2)).remaining == 1


async def test_an_api_uses_the_redis_of_its_setting(redis: Redis, settings: Settings) -> None:
    shared = {"redis_url": SecretStr(redis.url)}
    async with limited(settings, 1, **shared) as one, limited(settings, 1, **shared) as other:
        assert [(await ask(each)).status_code for each in (one, other)] == [200, 429]


async def test_while_redis_is_away_each_process_keeps_its_own_limits_and_says_so_once(
    redis: Redis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_api.endpoint.buckets.REST_SECONDS", 0.0)
    async with Buckets(60, burst=2, redis=redis.url) as rates:
        assert await taken(rates)
        redis.kill()
        with caplog.at_level(logging.WARNING):
            assert [await taken(rates) for _ in range(3)] == [True, True, False]
        assert len(caplog.records) == 1
        redis.start()
        await taken(rates)
        assert "again" in caplog.records[-1].message


async def test_a_redis_that_does_not_answer_delays_nobody_for_long(
    redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        async with Buckets(60, burst=9, redis=url) as rates:
            began = time.monotonic()
            assert [await taken(rates) for _ in range(5)] == [True] * 5
            assert time.monotonic() - began < 2
    assert len(caplog.records) == 1
    assert redis.url


async def taken(rates: Buckets) -> bool:
    try:
        await rates.take("ada", 1)
    except RateLimited:
        return False
    return True
