"""Every list that is read in pages: all of it once, in both directions, whatever the size of the page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import pytest

from tests.conftest import Client

pytestmark = pytest.mark.usefixtures("catalogue")

SLUG = "... on Topic { slug } ... on Roadmap { slug } ... on Section { slug }"


@dataclass(frozen=True)
class Listing:
    """A connection: how a query gets to it, with `%s` for its arguments."""

    path: tuple[str, ...]
    around: str
    node: str = "slug"

    def query(self, arguments: str) -> str:
        body = (
            f"{{ totalCount nodes {{ {self.node} }} edges {{ cursor node {{ {self.node} }} }}"
            " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
        )
        return self.around.replace("%s", arguments).replace("%b", body)


LISTINGS = {
    "roadmaps": Listing(("roadmaps",), "{ roadmaps(%s) %b }"),
    "topics": Listing(("topics",), "{ topics(%s) %b }"),
    "topics by hours, falling": Listing(
        ("topics",), "{ topics(orderBy: {field: HOURS, direction: DESC}, %s) %b }"
    ),
    "topics by title": Listing(("topics",), "{ topics(orderBy: {field: TITLE}, %s) %b }"),
    "topics that are optional": Listing(("topics",), "{ topics(filter: {optional: true}, %s) %b }"),
    "search": Listing(("search",), '{ search(text: "bread dough", %s) %b }', node=SLUG),
    "topics of a roadmap": Listing(("roadmap", "topics"), '{ roadmap(slug: "baker") { topics(%s) %b } }'),
    "optional topics of a roadmap": Listing(
        ("roadmap", "topics"), '{ roadmap(slug: "baker") { topics(optional: true, %s) %b } }'
    ),
    "topics of a section": Listing(
        ("roadmap", "sections", "topics"), '{ roadmap(slug: "pizzaiolo") { sections { topics(%s) %b } } }'
    ),
    "prerequisites": Listing(
        ("topic", "prerequisites"), '{ topic(slug: "night-shift") { prerequisites(%s) %b } }'
    ),
    "all prerequisites": Listing(
        ("topic", "prerequisites"),
        '{ topic(slug: "night-shift") { prerequisites(transitive: true, %s) %b } }',
    ),
    "all dependents": Listing(
        ("topic", "dependents"), '{ topic(slug: "flour") { dependents(transitive: true, %s) %b } }'
    ),
    "recommendations": Listing(
        ("topic", "recommendations"), '{ topic(slug: "pizza-dough") { recommendations(%s) %b } }'
    ),
}


async def page(client: Client, listing: Listing, arguments: str) -> dict[str, Any]:
    """One page, the first of several equal lists, checked to be one that Relay would take."""
    data = await client.ask(listing.query(arguments))
    found: dict[str, Any] = reduce(_into, listing.path, data)
    assert found["nodes"] == [edge["node"] for edge in found["edges"]]
    cursors = [edge["cursor"] for edge in found["edges"]]
    assert len(set(cursors)) == len(cursors)
    assert found["pageInfo"]["startCursor"] == (cursors[0] if cursors else None)
    assert found["pageInfo"]["endCursor"] == (cursors[-1] if cursors else None)
    return found


def _into(value: Any, name: str) -> Any:
    inside = value[name]
    return inside[0] if isinstance(inside, list) else inside


@pytest.mark.parametrize("name", LISTINGS)
async def test_walking_all_pages_in_either_direction_gives_the_whole_list_once(
    client: Client, name: str
) -> None:
    listing = LISTINGS[name]
    whole = await page(client, listing, "first: 100")
    count = len(whole["nodes"])
    assert whole["totalCount"] == count > 0
    assert not whole["pageInfo"]["hasNextPage"]
    assert not whole["pageInfo"]["hasPreviousPage"]
    assert (await page(client, listing, "last: 100"))["edges"] == whole["edges"]

    size = max(1, count // 3)
    forward: list[Any] = []
    after = ""
    while True:
        part = await page(client, listing, f"first: {size}{after}")
        assert part["totalCount"] == count
        forward += part["edges"]
        if not part["pageInfo"]["hasNextPage"]:
            break
        after = f', after: "{part["pageInfo"]["endCursor"]}"'
    assert forward == whole["edges"]

    backward: list[Any] = []
    before = ""
    while True:
        part = await page(client, listing, f"last: {size}{before}")
        backward = part["edges"] + backward
        if not part["pageInfo"]["hasPreviousPage"]:
            break
        before = f', before: "{part["pageInfo"]["startCursor"]}"'
    assert backward == whole["edges"]


@pytest.mark.parametrize("name", LISTINGS)
async def test_a_page_between_two_cursors_holds_what_lies_between(client: Client, name: str) -> None:
    listing = LISTINGS[name]
    edges = (await page(client, listing, "first: 100"))["edges"]
    bounds = f'after: "{edges[0]["cursor"]}", before: "{edges[-1]["cursor"]}"'
    assert (await page(client, listing, f"first: 100, {bounds}"))["edges"] == edges[1:-1]
    for size, bound, expected in (("first", "before", edges[:-1]), ("last", "after", edges[1:])):
        cursor = edges[-1 if bound == "before" else 0]["cursor"]
        part = await page(client, listing, f'{size}: 100, {bound}: "{cursor}"')
        assert part["edges"] == expected
        assert part["totalCount"] == len(edges)
    assert (await page(client, listing, f"first: 1, {bounds}"))["edges"] == edges[1:-1][:1]
    assert (await page(client, listing, f"last: 1, {bounds}"))["edges"] == edges[1:-1][-1:]


async def test_without_arguments_a_page_holds_twenty(client: Client) -> None:
    found = await page(client, LISTINGS["topics"], "first: null")
    assert len(found["nodes"]) == 13
    assert not found["pageInfo"]["hasNextPage"]


async def test_a_list_without_entries_is_an_empty_page(client: Client) -> None:
    for query, path in [
        ('{ topics(filter: {section: "nowhere"}, %s) %b }', ("topics",)),
        ('{ search(text: "?!", %s) %b }', ("search",)),
        ('{ topic(slug: "flour") { prerequisites(%s) %b } }', ("topic", "prerequisites")),
        ('{ topic(slug: "flour") { recommendations(%s) %b } }', ("topic", "recommendations")),
    ]:
        found = await page(client, Listing(path, query, node="__typename"), "first: 5")
        assert found == {
            "totalCount": 0,
            "nodes": [],
            "edges": [],
            "pageInfo": {
                "hasNextPage": False,
                "hasPreviousPage": False,
                "startCursor": None,
                "endCursor": None,
            },
        }


async def test_total_count_is_asked_for_only_when_it_is_wanted_and_a_page_does_not_hold_all(
    client: Client,
) -> None:
    await client.structures.current()
    looks = 1  # at the clock, before; afterwards each statement shows it
    assert await client.statements("{ topics(first: 5) { nodes { slug } } }") == looks + 1
    assert await client.statements("{ topics(first: 5) { totalCount } }") == looks + 2
    assert await client.statements("{ topics(last: 5) { totalCount } }") == looks + 2
    assert await client.statements("{ topics(first: 20) { totalCount } }") == looks + 1
