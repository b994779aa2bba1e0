"""Kept answers and what stands before them: points, other sites, and a database that goes away."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit

import pytest

from graph_api.endpoint import answers, revision
from graph_api.neo4j_local import Connection
from graph_api.settings import Settings
from tests.chaos.proxy import Proxy
from tests.endpoint.kept import get, held, hits, post, remembering

QUERY = '{ topic(slug: "flour") { title resources { title } } }'
FRIEND = "https://app.example.org"
POLL = 1.0


def left(headers: dict[str, str]) -> int:
    """The points that are left, as a header tells."""
    return int(headers["ratelimit"].split("r=")[1].split(";")[0])


@pytest.mark.usefixtures("catalogue")
async def test_a_kept_answer_costs_what_an_execution_costs(settings: Settings) -> None:
    async with remembering(settings, rate_limit=1, rate_limit_burst=1000) as client:
        remaining = [left(dict((await post(client, QUERY)).headers)) for _ in range(4)]
        assert hits(client) == 3
    cost = 1000 - remaining[0]
    assert cost > 1
    assert remaining == [1000 - cost * count for count in (1, 2, 3, 4)]


@pytest.mark.usefixtures("catalogue")
async def test_who_has_spent_all_gets_no_kept_answer_either(settings: Settings) -> None:
    async with remembering(settings, rate_limit=1) as client:
        ada, bob = client.as_("reader", subject="ada"), client.as_("reader", subject="bob")
        statuses = [(await post(each, QUERY)).status_code for each in (client, client, ada, bob, ada)]
        assert statuses == [200, 429, 200, 200, 429]
        refused = await get(client, QUERY, {"if-none-match": "*"})
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.headers["cache-control"] == "no-store"
        assert "Flour" not in refused.text


@pytest.mark.usefixtures("catalogue")
async def test_an_answer_that_caches_may_keep_tells_nobodys_points(settings: Settings) -> None:
    async with remembering(settings, rate_limit=1000) as client:
        for _ in range(2):
            assert "ratelimit" not in (await get(client, QUERY)).headers
        assert left(dict((await get(client.as_("reader"), QUERY)).headers)) < 1000


async def test_a_page_of_another_site_may_read_tag_and_revision_and_say_what_it_has_seen(
    settings: Settings,
) -> None:
    async with remembering(settings, cors_origins=FRIEND) as client:
        asked = {
            "origin": FRIEND,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,graph-min-revision",
        }
        allowed = await client.http.options("/graphql", headers=asked)
        assert allowed.status_code == 200
        for _ in range(2):
            answer = await get(client, "{ __typename }", {"origin": FRIEND})
            exposed = answer.headers["access-control-expose-headers"].lower()
            assert {"etag", "graph-revision"} <= {each.strip() for each in exposed.split(",")}
            assert answer.headers["access-control-allow-origin"] == FRIEND


@pytest.mark.usefixtures("catalogue")
async def test_while_the_database_is_away_only_what_is_fresh_is_answered(
    neo4j: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "PATIENCE", 0.5)
    monkeypatch.setattr(revision, "PATIENCE", 0.5)
    async with Proxy(urlsplit(neo4j.uri).port or 0).listening() as proxy:
        through = settings.model_copy(update={"neo4j_uri": f"bolt://127.0.0.1:{proxy.port}"})
        async with remembering(through, revision_poll=POLL, operation_timeout=2.0) as client:
            for _ in range(2):
                whole = await get(client, QUERY)
            seen, before = time.monotonic(), hits(client)
            proxy.lose()
            while time.monotonic() < seen + POLL / 2:
                assert (await get(client, QUERY)).content == whole.content
            assert hits(client) > before
            await asyncio.sleep(POLL)
            began, kept = time.monotonic(), held(client)
            late = await asyncio.gather(*(ask(client, QUERY) for ask in (get, post, get)))
            unseen = await get(client, QUERY, {"graph-min-revision": "2"})
            assert time.monotonic() - began < 0.5 + 2.0 + 5.0
            assert held(client) == kept > 0
    for answer in late:
        [error] = answer.json()["errors"]
        assert error["extensions"]["code"] in {"UNAVAILABLE", "TIMEOUT"}
        assert "etag" not in answer.headers
    assert unseen.status_code == 503
