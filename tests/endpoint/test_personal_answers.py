"""What depends on who asks is for them alone: tried with every way of asking for it that there is."""

from __future__ import annotations

import itertools
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import pytest

from graph_api.settings import Settings
from graph_api.store.reader import GraphReader
from tests.conftest import Client
from tests.endpoint.kept import forgetting, get, held, hits, post, remembering

PERSONAL: Final = "private, no-store"
OF_ALL: Final = '{ topic(slug: "flour") { title } }'

RECORD: Final = """mutation ($slug: String!) {
  recordProgress(input: {topics: [$slug], status: KNOWN}) { revision } }"""
VIEWER: Final = "viewer { id revision knowledge { known { nodes { slug } } } }"
BOTH: Final = 'query Mine { viewer { id } } query Ours { topic(slug: "flour") { title } }'
WHO: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    (f"{{ {VIEWER} }}", {}),
    ("{ topic: viewer { slug: id } }", {}),
    (f'{{ topic(slug: "flour") {{ title }} {VIEWER} }}', {}),
    (f"query {{ ...Far }} fragment Far on Query {{ ...Near }} fragment Near on Query {{ {VIEWER} }}", {}),
    (f"{{ ... on Query {{ ... {{ {VIEWER} }} }} }}", {}),
    (
        "query ($mine: Boolean!) { __typename viewer @include(if: $mine) { id } }",
        {"variables": {"mine": True}},
    ),
    ("query ($all: Boolean = false) { __typename viewer @skip(if: $all) { id } }", {}),
    (BOTH, {"operationName": "Mine"}),
    ("{ __typename viewer { __typename } }", {}),
    ("{ rateLimit { remaining cost } }", {}),
    ("{ catalogue { history(first: 1) { nodes { by } } } }", {}),
    ('{ roadmap(slug: "baker") { history(first: 1) { edges { node { who: by } } } } }', {}),
    ('{ roadmapDiff(slug: "baker", from: 1) { effects { newlyReady { slug } pathAfter { hours } } } }', {}),
    ('{ roadmapDiff(slug: "baker", from: 1, known: ["flour"]) { empty } }', {}),
)


@asynccontextmanager
async def recorded(settings: Settings) -> AsyncIterator[tuple[Client, Client]]:
    """Two APIs over what ada and bob have recorded: one that keeps answers, and one that keeps nothing."""
    limited = {"rate_limit": 1_000_000}
    async with remembering(settings, **limited) as keeping, forgetting(settings, **limited) as plain:
        await plain.ask("{ catalogue { revision } }")  # or else it would know no revision to tell
        for subject, slug in (("ada", "flour"), ("bob", "mixer")):
            await keeping.as_("learner", subject=subject).ask(RECORD, slug=slug)
        yield keeping, plain


def askers(client: Client) -> list[Client]:
    """Nobody, two learners, an editor who learns nothing, and somebody who may only read."""
    return [
        client,
        client.as_("learner", subject="ada"),
        client.as_("learner", subject="bob"),
        client.as_("editor", subject="ada"),
        client.as_("reader", subject="bob"),
    ]


def shown(answer: httpx.Response) -> Any:
    """What an answer says, but for what is different each time."""
    told: dict[str, Any] = answer.json()
    limit = (told.get("data") or {}).get("rateLimit")
    return {**told, "data": {"cost": limit["cost"]}} if limit else told


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(("query", "more"), WHO)
async def test_the_same_bytes_are_answered_to_each_as_if_nobody_had_asked_before(
    query: str, more: Mapping[str, Any], settings: Settings
) -> None:
    chance = random.Random(query)
    async with recorded(settings) as (keeping, plain):
        for ask in (post, get):
            expected = [await ask(each, query, **more) for each in askers(plain)]
            for _ in range(2):
                order = chance.sample(range(5), 5)
                for place in order:
                    answer = await ask(askers(keeping)[place], query, **more)
                    assert shown(answer) == shown(expected[place])
                    assert answer.headers["cache-control"] == PERSONAL
                    assert "etag" not in answer.headers
        assert hits(keeping) == held(keeping) == 0


@pytest.mark.usefixtures("catalogue")
async def test_each_pair_of_askers_in_either_order_sees_only_its_own(settings: Settings) -> None:
    query = f"{{ {VIEWER} }}"
    async with recorded(settings) as (keeping, _):
        ada, bob = askers(keeping)[1:3]
        known = {"ada": "flour", "bob": "mixer"}
        for one in itertools.chain(*itertools.permutations([ada, bob, keeping])):
            viewer = (await get(one, query)).json()["data"]["viewer"]
            if one is keeping:
                assert viewer is None
            else:
                slugs = [node["slug"] for node in viewer["knowledge"]["known"]["nodes"]]
                assert slugs == [known[viewer["id"]]]
                assert viewer["id"] == ("ada" if one is ada else "bob")


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("query", "more"),
    [
        (BOTH, {"operationName": "Ours"}),
        ("query ($m: Boolean!) { __typename viewer @include(if: $m) { id } }", {"variables": {"m": False}}),
        (f"{{ __typename ...F @skip(if: true) }} fragment F on Query {{ {VIEWER} }}", {}),
    ],
)
async def test_what_is_written_but_not_asked_for_makes_no_answer_personal(
    query: str, more: Mapping[str, Any], settings: Settings
) -> None:
    async with recorded(settings) as (keeping, _):
        first = await post(keeping.as_("learner", subject="ada"), query, **more)
        again = await post(keeping, query, **more)
        assert hits(keeping) == 1
        assert first.content == again.content
        assert "ada" not in again.text


@pytest.mark.usefixtures("catalogue")
async def test_a_kept_answer_may_be_given_to_whoever_asks_the_same(settings: Settings) -> None:
    async with remembering(settings) as client:
        answers = [await get(each, OF_ALL) for each in askers(client)]
    assert len({each.content for each in answers}) == 1
    assert [each.headers["cache-control"] for each in answers] == ["public, no-cache", *[PERSONAL] * 4]
    assert {each.headers["vary"] for each in answers} == {"accept, authorization"}


@pytest.mark.usefixtures("catalogue")
async def test_what_is_answered_by_post_is_for_no_cache(settings: Settings) -> None:
    async with remembering(settings) as client:
        for _ in range(2):
            answer = await post(client, OF_ALL)
            assert answer.headers["cache-control"] == PERSONAL
            assert answer.headers["vary"] == "accept"
            assert "etag" not in answer.headers


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("{", {"GRAPHQL_PARSE_FAILED"}),
        ("{ nothing }", {"GRAPHQL_VALIDATION_FAILED"}),
        ("{ topics(first: 0) { totalCount } }", {"BAD_USER_INPUT"}),
        ('{ topic(slug: "flour") { title } node(id: "no id") { id } }', {"BAD_USER_INPUT"}),
        ('{ knowledge(known: ["nothing like it"]) { isConsistent } }', {"BAD_USER_INPUT"}),
        ('{ roadmap(slug: "baker", revision: 99) { title } }', {"BAD_USER_INPUT"}),
        ("query ($a: String!) { topic(slug: $a) { title } }", {"BAD_USER_INPUT"}),
        ('mutation { deleteTopic(input: {slug: "flour"}) { revision } }', {"UNAUTHENTICATED"}),
        ("mutation { recordProgress(input: {topics: [], status: KNOWN}) { revision } }", {"UNAUTHENTICATED"}),
    ],
)
async def test_errors_and_what_comes_with_them_are_not_kept(
    query: str, codes: set[str], settings: Settings
) -> None:
    async with remembering(settings) as client:
        await post(client, OF_ALL)
        before = held(client)
        answers = [await ask(client, query) for ask in (post, post, get, get)]
        for answer in answers:
            if answer.status_code == 405:
                continue
            assert {error["extensions"]["code"] for error in answer.json()["errors"]} == codes
            assert answer.headers["cache-control"] == PERSONAL
            assert "etag" not in answer.headers
        assert hits(client) == 0
        assert held(client) == before


@pytest.mark.usefixtures("catalogue")
async def test_a_fault_is_not_kept_and_the_next_one_is_answered(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> dict[str, object]:
        raise ZeroDivisionError

    query = '{ __typename topic(slug: "flour") { title } }'
    async with remembering(settings) as client:
        with monkeypatch.context() as patch:
            patch.setattr(GraphReader, "topics_by_slug", broken)
            failed = await get(client, query)
        answer = await get(client, query)
    assert failed.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert failed.headers["cache-control"] == PERSONAL
    assert "errors" not in answer.json()
    caplog.clear()


@pytest.mark.usefixtures("catalogue")
async def test_what_one_may_not_do_is_not_answered_to_one_who_may(settings: Settings) -> None:
    query = 'mutation { updateTopic(input: {slug: "flour", title: "Flour"}) { revision } }'
    async with remembering(settings) as client:
        nobody, reader, editor = client, client.as_("reader"), client.as_("editor")
        codes = []
        for each in (nobody, reader, editor, reader, nobody, editor):
            errors = (await post(each, query)).json().get("errors", [])
            codes.append([error["extensions"]["code"] for error in errors])
        refused, denied = ["UNAUTHENTICATED"], ["FORBIDDEN"]
        assert codes == [refused, denied, [], denied, refused, []]
        assert hits(client) == held(client) == 0


@pytest.mark.usefixtures("catalogue")
async def test_a_mutation_is_made_each_time_it_is_asked_for(settings: Settings) -> None:
    query = """mutation ($title: String!) {
      updateTopic(input: {slug: "flour", title: $title}) { revision topic { title } } }"""
    async with remembering(settings) as client:
        editor = client.as_("editor")
        revisions = []
        for title in ("One", "Two", "One", "Two"):
            answer = (await post(editor, query, variables={"title": title})).json()
            assert answer["data"]["updateTopic"]["topic"]["title"] == title
            assert answer["extensions"]["revision"] == answer["data"]["updateTopic"]["revision"]
            revisions.append(answer["data"]["updateTopic"]["revision"])
        assert revisions == [2, 3, 4, 5]
        assert hits(client) == held(client) == 0


@pytest.mark.usefixtures("catalogue")
async def test_where_everybody_needs_a_token_no_kept_answer_is_given_without(settings: Settings) -> None:
    async with remembering(settings, require_auth=True) as client:
        ada = client.as_("reader")
        for ask in (get, post):
            assert [(await ask(ada, OF_ALL)).status_code for _ in range(2)] == [200, 200]
            for headers in ({}, {"authorization": "Bearer nonsense"}, {"if-none-match": "*"}):
                refused = await ask(client, OF_ALL, headers)
                assert refused.status_code == 401
                assert "flour" not in refused.text.lower()
        assert hits(client) == 2


@pytest.mark.usefixtures("catalogue")
async def test_where_only_trusted_documents_are_executed_no_other_is_answered_at_all(
    settings: Settings,
) -> None:
    async with remembering(settings, trusted_documents="only") as client:
        for _ in range(2):
            refused = await get(client, OF_ALL)
            assert refused.status_code == 403
            assert refused.json()["errors"][0]["extensions"]["code"] == "PERSISTED_DOCUMENT_REQUIRED"
        assert held(client) == 0
