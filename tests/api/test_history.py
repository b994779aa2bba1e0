"""The history over GraphQL: roadmaps as they were, and what was written."""

from __future__ import annotations

from typing import Any, Final

import orjson
import pytest

from graph_api.api.node import parse_global_id
from graph_api.knowledge.edit import (
    ChangeRoadmap,
    DeleteRoadmap,
    RenameRoadmap,
)
from graph_api.store.session import Database
from graph_api.store.writer import GraphWriter, Writing
from tests.api.edited import EDITS, LAST, WRITING
from tests.conftest import Client, seed, wipe
from tests.example import DOCUMENTS

FULL: Final = """
query Full($slug: String!, $revision: Int) {
  roadmap(slug: $slug, revision: $revision) {
    slug title summary language revision hours all: hours(includeOptional: true) diagram
    history(first: 100) { totalCount nodes { revision summary action at by } }
    sections {
      slug title summary optional position roadmap { slug title }
      topics(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { slug } }
    }
    optional: topics(optional: true) { totalCount nodes { slug } }
    topics(first: 100) {
      totalCount
      edges {
        optional position section { slug position }
        node {
          slug title summary hours tags learnable
          resources { url title kind }
          requirements { need reason of { slug title hours } }
          recommendations { totalCount edges { reason node { slug } } }
          prerequisites(first: 100) { totalCount nodes { slug learnable } }
          everything: prerequisites(transitive: true, first: 100) { totalCount nodes { slug title } }
          dependents(first: 100) { nodes { slug } }
          placements { position optional section { slug } roadmap { slug hours } }
        }
      }
    }
  }
}
"""


async def test_a_roadmap_of_an_old_revision_is_what_it_was_then_by_any_of_its_names(
    client: Client, database: Database
) -> None:
    await seed(database, DOCUMENTS, name="example")
    writer = GraphWriter(database)
    snapshots: list[tuple[str, Any]] = []
    for edit in (None, *EDITS, DeleteRoadmap("bakery")):
        if edit is not None:
            await writer.edit(edit, writing=WRITING)
        slug = "baker" if len(snapshots) < 7 else "bakery"
        snapshots.append((slug, (await client.ask(FULL, slug=slug))["roadmap"]))
    *there, (_, gone) = snapshots
    assert gone is None
    for revision, (slug, said) in enumerate(there, start=1):
        assert said["revision"] == revision
        assert (await client.ask(FULL, slug=slug, revision=revision))["roadmap"] == said
    assert (await client.ask(FULL, slug="bakery", revision=len(snapshots)))["roadmap"] is None


async def test_a_renamed_roadmap_is_found_in_the_past_by_its_name_of_now(
    client: Client, database: Database
) -> None:
    await seed(database, DOCUMENTS, name="example")
    for edit in (RenameRoadmap("baker", "bakery"), RenameRoadmap("bakery", "bread")):
        await GraphWriter(database).edit(edit, writing=WRITING)
    for slug in ("baker", "bakery", "bread"):
        found = await client.ask(FULL, slug=slug, revision=1)
        assert (found["roadmap"]["slug"], found["roadmap"]["revision"]) == ("baker", 1)
    assert (await client.ask(FULL, slug="nobody", revision=1))["roadmap"] is None
    for odd in ("baker@1", "bread@2", "@1", "bread@"):
        for revision in (None, 1):
            assert (await client.ask(FULL, slug=odd, revision=revision))["roadmap"] is None
        assert (await client.ask("query T($s: String!) { topic(slug: $s) { id } }", s="flour@1"))[
            "topic"
        ] is None


@pytest.mark.usefixtures("edited")
async def test_a_node_of_the_past_stays_there_by_its_id(client: Client) -> None:
    data = await client.ask("""{ roadmap(slug: "baker", revision: 1) {
      id sections { id slug } topics(first: 1) { nodes { id placements { section { id } } } }
    } }""")
    roadmap = data["roadmap"]
    [flour] = roadmap["topics"]["nodes"]
    ids = [roadmap["id"], roadmap["sections"][1]["id"], flour["id"]]
    assert flour["placements"][0]["section"]["id"] == roadmap["sections"][0]["id"]
    assert [parse_global_id(key)[1].rpartition("@")[2] for key in ids] == ["1", "1", "1"]
    found = await client.ask(
        """query Nodes($ids: [ID!]!) { nodes(ids: $ids) {
          id
          ... on Roadmap { slug revision }
          ... on Section { slug roadmap { id } }
          ... on Topic { slug hours dependents { nodes { slug } } }
        } }""",
        ids=ids,
    )
    assert [node["slug"] for node in found["nodes"]] == ["baker", "doughs", "flour"]
    assert found["nodes"][0]["revision"] == 1
    assert found["nodes"][1]["roadmap"]["id"] == roadmap["id"]
    assert found["nodes"][2]["hours"] == 2
    assert "yeast-dough" in [node["slug"] for node in found["nodes"][2]["dependents"]["nodes"]]


@pytest.mark.usefixtures("edited")
async def test_topics_of_several_revisions_in_one_list_are_each_what_they_were(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_api.endpoint.execution.selection.WORTH", 1)
    listed = 'query R($at: Int) { roadmap(slug: "baker", revision: $at) { topics { nodes { id } } } }'
    asked = """query Nodes($ids: [ID!]!) { nodes(ids: $ids) { id ... on Topic {
      slug requirements { need of { id slug } }
      prerequisites { nodes { id slug dependents(first: 3) { nodes { slug } } } }
      dependents(transitive: true) { totalCount nodes { slug } }
    } } }"""
    every = [(await client.ask(listed, at=at))["roadmap"]["topics"]["nodes"] for at in (None, 1, 2)]
    ids = [topic["id"] for topics in zip(*every, strict=False) for topic in topics]
    assert len(ids) > 6
    alone = [node for key in ids for node in (await client.ask(asked, ids=[key]))["nodes"]]
    assert (await client.ask(asked, ids=ids))["nodes"] == alone
    for topics in every:
        together = [topic["id"] for topic in topics]
        assert (await client.ask(asked, ids=together))["nodes"] == [
            (await client.ask(asked, ids=[key]))["nodes"][0] for key in together
        ]


@pytest.mark.usefixtures("edited")
async def test_the_revision_of_now_is_the_present(cold: Client) -> None:
    asked = 'query R($at: Int) { roadmap(slug: "bakery", revision: $at) { id revision sections { id } } }'
    assert await cold.ask(asked, at=LAST) == await cold.ask(asked)
    cost = await cold.statements(asked, at=LAST) - await cold.statements(asked)
    assert cost == 2  # whether it is that of now, and a look at the clock after it


@pytest.mark.usefixtures("edited")
async def test_the_revision_of_now_is_that_of_the_database_whatever_a_process_has_seen(
    warm: Client, database: Database
) -> None:
    """A revision that is named is told truly, though this process would not look for another one yet."""
    asked = 'query R($at: Int) { roadmap(slug: "bakery", revision: $at) { title } }'
    before = await warm.ask(asked)
    await GraphWriter(database).edit(
        ChangeRoadmap("bakery", {"title": "Now"}), writing=Writing(by="ada", action="edit")
    )
    assert await warm.ask(asked) == before, "as it would not look for a minute"
    assert await warm.ask(asked, at=LAST + 1) == {"roadmap": {"title": "Now"}}
    assert await warm.ask(asked, at=LAST) == before
    await wipe(database)


@pytest.mark.usefixtures("edited")
async def test_a_revision_that_cannot_be_read_is_refused_in_a_sentence(
    client: Client, database: Database
) -> None:
    for revision in (-1, 99):
        [error] = await client.errors(FULL, slug="baker", revision=revision)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["message"] == f"There is no revision {revision}; there are 0 to {LAST}."
    await database.write(lambda t: t.run("MATCH (r:Revision) WHERE r.number < 10 DETACH DELETE r"))
    [error] = await client.errors(FULL, slug="baker", revision=8)
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert "begins at revision 9" in error["message"]
    assert (await client.ask(FULL, slug="baker", revision=9))["roadmap"]["slug"] == "bakery"
    await wipe(database)


@pytest.mark.usefixtures("edited")
async def test_the_past_costs_the_same_however_much_of_it_is_read(cold: Client) -> None:
    await cold.structures.current()
    await cold.ask('{ roadmap(slug: "baker", revision: 9) { slug } }')
    short = await cold.statements(FULL, slug="pizzaiolo", revision=9)
    assert short == await cold.statements(FULL, slug="bakery", revision=9)
    none = await cold.statements('{ roadmap(slug: "baker", revision: 9) { slug } }')
    assert short - none == 3  # the entries of its history, how many, and the clock after these


HISTORY: Final = """
query History($first: Int, $after: String, $last: Int, $before: String) {
  catalogue {
    history(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      nodes { revision action summary by at }
    }
  }
}
"""


@pytest.mark.usefixtures("edited")
async def test_the_history_is_told_newest_first_in_pages(client: Client) -> None:
    whole = (await client.ask(HISTORY, first=100))["catalogue"]["history"]
    assert whole["totalCount"] == LAST
    assert [entry["revision"] for entry in whole["nodes"]] == [*range(LAST, 0, -1)]
    assert whole["nodes"][0]["summary"] == "Deleted the topic night-shift."
    assert whole["nodes"][-1]["action"] == "import"
    assert whole["nodes"][0]["at"] >= whole["nodes"][-1]["at"]
    for size, after, seen in (("first", "after", "endCursor"), ("last", "before", "startCursor")):
        walked: list[Any] = []
        bound: dict[str, Any] = {}
        while True:
            part = (await client.ask(HISTORY, **{size: 4}, **bound))["catalogue"]["history"]
            walked = [*walked, *part["nodes"]] if size == "first" else [*part["nodes"], *walked]
            if not part["pageInfo"]["hasNextPage" if size == "first" else "hasPreviousPage"]:
                break
            bound = {after: part["pageInfo"][seen]}
        assert walked == whole["nodes"]


@pytest.mark.usefixtures("edited")
async def test_only_editors_see_who_wrote(client: Client) -> None:
    for asked, by in ((client, None), (client.as_("learner"), None), (client.as_("editor"), "ada")):
        entries = (await asked.ask(HISTORY, first=3))["catalogue"]["history"]["nodes"]
        assert {entry["by"] for entry in entries} == {by}


@pytest.mark.usefixtures("edited")
async def test_a_write_tells_what_it_changed_before_and_after(client: Client) -> None:
    data = await client.ask("""{ catalogue { history(last: 2) { nodes {
      changes(first: 3) {
        totalCount pageInfo { hasNextPage endCursor } nodes { kind slug before after }
      }
    } } } }""")
    flour, imported = (entry["changes"] for entry in data["catalogue"]["history"]["nodes"])
    [change] = flour["nodes"]
    assert (change["kind"], change["slug"]) == ("TOPIC", "flour")
    assert [orjson.loads(change[side])["hours"] for side in ("before", "after")] == [2, 3.5]
    assert imported["totalCount"] == 15
    assert [(one["kind"], one["slug"]) for one in imported["nodes"]] == [
        ("ROADMAP", "baker"),
        ("ROADMAP", "pizzaiolo"),
        ("TOPIC", "croissant"),
    ]
    assert {one["before"] for one in imported["nodes"]} == {None}
    more = await client.ask(
        """query More($after: String!) { catalogue { history(last: 1) { nodes {
          changes(first: 1, after: $after) { nodes { slug } }
          ends: changes(last: 1, after: $after) { nodes { slug } }
        } } } }""",
        after=imported["pageInfo"]["endCursor"],
    )
    [entry] = more["catalogue"]["history"]["nodes"]
    assert entry == {
        "changes": {"nodes": [{"slug": "flour"}]},
        "ends": {"nodes": [{"slug": "yeast-dough"}]},
    }


@pytest.mark.usefixtures("edited")
async def test_a_roadmap_has_the_history_of_what_touched_it(client: Client) -> None:
    query = """query Of($slug: String!, $revision: Int, $first: Int, $last: Int) {
      roadmap(slug: $slug, revision: $revision) {
        history(first: $first, last: $last) { totalCount nodes { revision } }
      }
    }"""

    async def told(slug: str, **asked: Any) -> tuple[int, list[int]]:
        history = (await client.ask(query, slug=slug, **asked))["roadmap"]["history"]
        return history["totalCount"], [entry["revision"] for entry in history["nodes"]]

    # Flour, the renamed dough, and all that names the merged mixer.
    assert await told("pizzaiolo") == (4, [7, 3, 2, 1])
    assert await told("pizzaiolo", first=2) == (4, [7, 3])
    assert await told("pizzaiolo", last=2) == (4, [2, 1])
    assert await told("pizzaiolo", revision=3) == (3, [3, 2, 1])
    assert (await told("bakery", last=1)) == (LAST, [1])
