"""Writes through the API: each mutation once, who may, and what is refused and how."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType

from graph_api.api.schema import build_schema
from graph_api.errors import Unavailable
from graph_api.store.present_reader import PresentReader
from graph_api.store.session import Database
from graph_api.store.writer import read_catalogue
from tests.conftest import Client
from tests.example import BAKER, CATALOGUE

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def editor(client: Client) -> Client:
    return client.as_("editor")


async def change(editor: Client, mutation: str, given: str, selection: str = "") -> dict[str, Any]:
    """The payload of a mutation that is not refused."""
    payload = await attempt(editor, mutation, given, selection)
    assert payload["userErrors"] == []
    return payload


async def attempt(editor: Client, mutation: str, given: str, selection: str = "") -> dict[str, Any]:
    selected = f"revision userErrors {{ field message code slugs }} {selection}"
    data = await editor.ask(f"mutation {{ {mutation}(input: {{{given}}}) {{ {selected} }} }}")
    payload: dict[str, Any] = data[mutation]
    return payload


async def refusal(editor: Client, mutation: str, given: str) -> dict[str, Any]:
    """The one reason against a mutation, which has written nothing."""
    before = await read_catalogue(editor.database)
    payload = await attempt(editor, mutation, given)
    assert payload["revision"] == 1
    assert await read_catalogue(editor.database) == before
    [error] = payload["userErrors"]
    found: dict[str, Any] = error
    return found


async def test_a_topic_from_its_making_to_its_end(editor: Client, database: Database) -> None:
    made = await change(
        editor,
        "createTopic",
        """slug: "brioche", title: "Brioche", hours: 8, tags: ["dough"],
           resources: [{url: "https://example.org/brioche", title: "On Brioche", kind: BOOK}],
           requires: [{topic: "yeast-dough", reason: "It is one."},
                      {atLeast: 2, of: [{topic: "flour"}, {any: [{topic: "mixer"}, {topic: "weighing"}]},
                                        {topic: "hand-kneading"}]}],
           recommends: [{topic: "croissant"}]""",
        "topic { slug hours resources { kind } requirements { need of { slug } reason } }",
    )
    topic = made["topic"]
    assert made["revision"] == 2
    reasons = {need["reason"]: [of["slug"] for of in need["of"]] for need in topic["requirements"]}
    assert reasons["It is one."] == ["yeast-dough"]
    assert topic["resources"] == [{"kind": "BOOK"}]
    stored = (await read_catalogue(database)).topics["brioche"]
    assert {(group.need, group.of) for group in stored.requires} == {
        (1, ("yeast-dough",)),
        (1, ("flour", "hand-kneading")),
        (1, ("flour", "mixer", "weighing")),
        (1, ("hand-kneading", "mixer", "weighing")),
    }

    changed = await change(
        editor,
        "updateTopic",
        'slug: "brioche", title: "Brioche!", hours: null',
        "topic { title hours }",
    )
    assert changed["topic"] == {"title": "Brioche!", "hours": None}
    await change(editor, "setTags", 'slug: "brioche", tags: ["sweet"]')
    await change(editor, "setResources", 'slug: "brioche", resources: []')
    await change(editor, "setRecommendations", 'slug: "brioche", recommends: [{topic: "flour"}]')
    needs = await change(
        editor,
        "setRequirements",
        'slug: "brioche", requires: [{any: [{topic: "mixer"}, {topic: "hand-kneading"}]}]',
        "topic { requirements { of { slug } } tags resources { url } recommendations { nodes { slug } } }",
    )
    assert needs["topic"] == {
        "requirements": [{"of": [{"slug": "hand-kneading"}, {"slug": "mixer"}]}],
        "tags": ["sweet"],
        "resources": [],
        "recommendations": {"nodes": [{"slug": "flour"}]},
    }
    renamed = await change(editor, "renameTopic", 'slug: "brioche", to: "brioches"', "topic { slug }")
    assert renamed["topic"] == {"slug": "brioches"}
    found = await editor.ask(
        '{ topic(slug: "brioche") { slug } knowledge(known: ["brioche"]) { known { nodes { slug } } } }'
    )
    assert found["topic"] == {"slug": "brioches"}
    assert found["knowledge"]["known"]["nodes"] == [{"slug": "brioches"}]
    merged = await change(editor, "mergeTopics", 'slug: "brioches", into: "croissant"', "topic { slug tags }")
    assert "sweet" in merged["topic"]["tags"]
    assert (await editor.ask('{ topic(slug: "brioche") { slug } }'))["topic"] == {"slug": "croissant"}
    gone = await change(editor, "deleteTopic", 'slug: "croissant", detach: true', "deleted")
    assert gone["deleted"] == "croissant"
    assert (await editor.ask('{ topic(slug: "brioche") { slug } }'))["topic"] is None


async def test_a_roadmap_from_its_making_to_its_end(editor: Client) -> None:
    shown = "roadmap { slug title sections { slug optional topics { edges { optional node { slug } } } } }"
    await change(editor, "createRoadmap", 'slug: "home", title: "At Home"')
    await change(editor, "createSection", 'roadmap: "home", slug: "first", title: "First"')
    await change(editor, "createSection", 'roadmap: "home", slug: "zeroth", title: "Zeroth", position: 0')
    for topic in ("flour", "weighing", "mixer"):
        await change(editor, "placeTopic", f'topic: "{topic}", roadmap: "home", section: "first"')
    await change(editor, "moveTopic", 'topic: "mixer", roadmap: "home", section: "zeroth", optional: true')
    await change(editor, "moveTopic", 'topic: "weighing", roadmap: "home", position: 0')
    await change(editor, "removeTopic", 'topic: "flour", roadmap: "home"')
    await change(editor, "placeTopic", 'topic: "flour", roadmap: "home", section: "first", position: 0')
    await change(editor, "reorderTopics", 'roadmap: "home", section: "first", order: ["weighing", "flour"]')
    await change(editor, "reorderSections", 'roadmap: "home", order: ["first", "zeroth"]')
    await change(editor, "updateSection", 'roadmap: "home", slug: "zeroth", title: "Last", optional: true')
    await change(editor, "renameSection", 'roadmap: "home", slug: "zeroth", to: "last"')
    await change(editor, "updateRoadmap", 'slug: "home", title: "Baking at Home"')
    payload = await change(editor, "renameRoadmap", 'slug: "home", to: "home-baker"', shown)

    def placed(*edges: tuple[str, bool]) -> dict[str, Any]:
        return {"edges": [{"optional": optional, "node": {"slug": slug}} for slug, optional in edges]}

    assert payload["roadmap"] == {
        "slug": "home-baker",
        "title": "Baking at Home",
        "sections": [
            {"slug": "first", "optional": False, "topics": placed(("weighing", False), ("flour", False))},
            {"slug": "last", "optional": True, "topics": placed(("mixer", True))},
        ],
    }
    assert (await editor.ask('{ roadmap(slug: "home") { slug } }'))["roadmap"] == {"slug": "home-baker"}
    await change(editor, "deleteSection", 'roadmap: "home", slug: "last", detach: true')
    assert (await change(editor, "deleteRoadmap", 'slug: "home"', "deleted"))["deleted"] == "home"
    assert (await editor.ask('{ roadmap(slug: "home-baker") { slug } }'))["roadmap"] is None


async def test_a_whole_document_is_tried_first_and_then_written(editor: Client) -> None:
    document = BAKER.replace("title: Weighing", "title: Weighing to the Gram")
    query = """mutation ($document: String!, $dryRun: Boolean!) {
      applyRoadmap(input: {document: $document, dryRun: $dryRun}) {
        revision summary topics { created changed removed } roadmaps { changed } unnamed
        diff(known: ["flour"]) {
          topics { kind topic { slug } fields { field } }
          effects { newlyReady { slug } pathBefore { hours } pathAfter { hours } }
        }
        roadmap { slug } userErrors { code }
      }
    }"""
    expected = {
        "summary": "1 topic changed.",
        "topics": {"created": [], "changed": ["weighing"], "removed": []},
        "roadmaps": {"changed": []},
        "unnamed": [],
        "diff": {
            "topics": [{"kind": "CHANGED", "topic": {"slug": "weighing"}, "fields": [{"field": "title"}]}],
            "effects": {"newlyReady": [], "pathBefore": {"hours": 41}, "pathAfter": {"hours": 41}},
        },
        "roadmap": {"slug": "baker"},
        "userErrors": [],
    }
    tried = (await editor.ask(query, document=document, dryRun=True))["applyRoadmap"]
    assert tried == {"revision": 1, **expected}
    assert await read_catalogue(editor.database) == CATALOGUE
    assert (await editor.ask(query, document=document, dryRun=False))["applyRoadmap"] == {
        "revision": 2,
        **expected,
    }


async def test_faults_of_a_document_are_told_all_at_once(editor: Client) -> None:
    query = """mutation ($document: String!) {
      applyRoadmap(input: {document: $document}) { revision roadmap { slug } userErrors { field code } }
    }"""
    document = BAKER.replace("slug: weighing", "slug: Weighing").replace("hours: 6", "hours: many")
    payload = (await editor.ask(query, document=document))["applyRoadmap"]
    assert (payload["revision"], payload["roadmap"]) == (1, None)
    assert {error["code"] for error in payload["userErrors"]} == {"INVALID_DOCUMENT"}
    assert len(payload["userErrors"]) >= 2
    assert ["input", "document", "sections", "0", "topics", "1", "slug"] in [
        error["field"] for error in payload["userErrors"]
    ]


@pytest.mark.parametrize(
    ("mutation", "given", "expected"),
    [
        ("createTopic", 'slug: "flour", title: "F"', (["slug"], "BAD_USER_INPUT", [])),
        ("createTopic", 'slug: "Not a slug", title: "F"', (["slug"], "BAD_USER_INPUT", [])),
        ("createTopic", 'slug: "x", title: ""', (["title"], "BAD_USER_INPUT", [])),
        ("createTopic", 'slug: "x", title: "X", tags: ["a", "a"]', (["tags", "1"], "BAD_USER_INPUT", [])),
        ("updateTopic", 'slug: "flour", title: null', (["title"], "BAD_USER_INPUT", [])),
        ("updateTopic", 'slug: "flour", hours: -1', (["hours"], "BAD_USER_INPUT", [])),
        ("updateTopic", 'slug: "flour"', ([], "BAD_USER_INPUT", [])),
        ("updateTopic", 'slug: "fluor", title: "F"', (["slug"], "BAD_USER_INPUT", ["fluor"])),
        (
            "updateTopic",
            'slug: "flour", title: "F", expectedRevision: 7',
            ([], "CONFLICT", []),
        ),
        (
            "setRequirements",
            'slug: "flour", requires: [{topic: "yeast-dough"}]',
            ([], "UNLEARNABLE", ["flour", "yeast-dough"]),
        ),
        (
            "setRequirements",
            'slug: "flour", requires: [{topic: "flour"}]',
            (["requires"], "BAD_USER_INPUT", []),
        ),
        (
            "setRequirements",
            'slug: "flour", requires: [{atLeast: 3, of: [{topic: "mixer"}]}]',
            (["requires"], "BAD_USER_INPUT", []),
        ),
        (
            "setRequirements",
            'slug: "flour", requires: [{any: [{topic: "mixr"}]}]',
            (["requires"], "BAD_USER_INPUT", ["mixr"]),
        ),
        (
            "deleteTopic",
            'slug: "yeast-dough"',
            (["slug"], "STILL_REQUIRED", ["croissant", "pizza-dough"]),
        ),
        ("renameTopic", 'slug: "flour", to: "A B"', (["to"], "BAD_USER_INPUT", [])),
        ("renameTopic", 'slug: "flour", to: "mixer"', (["to"], "BAD_USER_INPUT", [])),
        ("mergeTopics", 'slug: "flour", into: "flour"', (["into"], "BAD_USER_INPUT", [])),
        (
            "placeTopic",
            'topic: "flour", roadmap: "baker", section: "basics"',
            (["topic"], "BAD_USER_INPUT", []),
        ),
        ("deleteSection", 'roadmap: "baker", slug: "basics"', (["slug"], "BAD_USER_INPUT", [])),
        (
            "createSection",
            'roadmap: "baker", slug: "x", title: "X", position: 99',
            (["position"], "BAD_USER_INPUT", []),
        ),
        ("reorderSections", 'roadmap: "baker", order: ["basics"]', (["order"], "BAD_USER_INPUT", [])),
    ],
)
async def test_a_refusal_names_field_code_and_what_stands_in_the_way(
    editor: Client, mutation: str, given: str, expected: tuple[list[str], str, list[str]]
) -> None:
    error = await refusal(editor, mutation, given)
    field, code, slugs = expected
    assert error["field"][1 : len(field) + 1] == field
    assert (error["code"], sorted(error["slugs"])) == (code, slugs)
    assert error["message"].endswith((".", "?"))
    assert "\n" not in error["message"]


async def test_a_blocking_set_is_named_one_error_each(editor: Client) -> None:
    error = await refusal(editor, "setRequirements", 'slug: "flour", requires: [{topic: "pizza-dough"}]')
    assert sorted(error["slugs"]) == ["flour", "pizza-dough", "yeast-dough"]
    assert "waits for another" in error["message"]


async def test_several_mutations_of_one_request_see_each_other(editor: Client) -> None:
    data = await editor.ask(
        """mutation {
          one: createTopic(input: {slug: "one", title: "One"}) { revision topic { slug } userErrors { code } }
          two: createTopic(input: {slug: "two", title: "Two", requires: [{topic: "one"}]}) {
            revision topic { prerequisites { nodes { slug } } learnable } userErrors { code }
          }
          again: updateTopic(input: {slug: "one", title: "One"}) { revision userErrors { code } }
        }"""
    )
    assert [data[name]["revision"] for name in ("one", "two", "again")] == [2, 3, 3]
    assert data["two"]["topic"] == {"prerequisites": {"nodes": [{"slug": "one"}]}, "learnable": True}


def content_mutations() -> list[str]:
    """A call of every content mutation with as little input as its type allows, and no meaning."""
    root = build_schema()._schema.mutation_type
    assert root is not None
    return sorted(name for name, field in root.fields.items() if _is_content(field.type))


def _is_content(payload: Any) -> bool:
    kind = payload.of_type if isinstance(payload, GraphQLNonNull) else payload
    return isinstance(kind, GraphQLObjectType) and "ContentPayload" in {each.name for each in kind.interfaces}


@pytest.mark.parametrize(
    ("roles", "code"), [(None, "UNAUTHENTICATED"), ((), "FORBIDDEN"), (("learner",), "FORBIDDEN")]
)
async def test_content_is_for_editors(client: Client, roles: tuple[str, ...] | None, code: str) -> None:
    asking = client if roles is None else client.as_(*roles)
    mutations = content_mutations()
    assert len(mutations) == 23
    for mutation in mutations:
        kind = mutation[0].upper() + mutation[1:]
        answer = await asking.answer(
            f"mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ revision }} }}",
            input=least_input(f"{kind}Input"),
        )
        assert answer["data"] is None, mutation
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code], mutation
    assert await read_catalogue(client.database) == CATALOGUE


def least_input(name: str) -> dict[str, Any]:
    fields = build_schema()._schema.type_map[name].fields  # type: ignore[attr-defined]  # an input type
    needed = {key: str(each.type) for key, each in fields.items() if str(each.type).endswith("!")}
    return {key: [] if kind.startswith("[") else "x" for key, kind in needed.items() if kind != "Boolean!"}


async def test_an_admin_may_what_an_editor_may(client: Client) -> None:
    await change(client.as_("admin"), "updateTopic", 'slug: "flour", title: "Flour"')


@pytest.mark.parametrize(
    ("mutation", "given", "shown"),
    [
        ("setTags", 'slug: "flour", tags: ["dry"]', "topic"),
        ("updateRoadmap", 'slug: "baker", summary: "All of it"', "roadmap"),
    ],
)
async def test_a_write_is_told_though_what_it_wrote_cannot_be_read_again(
    editor: Client, monkeypatch: pytest.MonkeyPatch, mutation: str, given: str, shown: str
) -> None:
    async def away(*_: object) -> dict[str, Any]:
        raise Unavailable("The database cannot be reached now.")

    monkeypatch.setattr(PresentReader, "load", away)
    selected = f"revision userErrors {{ code }} {shown} {{ slug }}"
    response = await editor.http.post(
        "/graphql",
        json={"query": f"mutation {{ {mutation}(input: {{{given}}}) {{ {selected} }} }}"},
        headers=editor.headers,
    )
    answer = response.json()
    assert answer["data"] == {mutation: {"revision": 2, "userErrors": [], shown: None}}
    [error] = answer["errors"]
    assert error["path"] == [mutation, shown]
    assert (await change(editor, "setTags", 'slug: "weighing", tags: ["wet"]'))["revision"] == 3
