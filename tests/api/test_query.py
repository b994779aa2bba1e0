"""Whole queries over the worked example, with their exact answers."""

from __future__ import annotations

from typing import Any

import pytest

from graph_api.api.node import global_id, parse_global_id
from graph_api.errors import BadInput
from graph_api.store.rows import identity
from tests.conftest import Client

pytestmark = pytest.mark.usefixtures("catalogue")

FLOUR = global_id("Topic", identity("topic", "flour"))
BAKER = global_id("Roadmap", identity("roadmap", "baker"))
MASTERY = global_id("Section", identity("section", "baker", "mastery"))


def slugs(connection: dict[str, Any]) -> list[str]:
    return [node["slug"] for node in connection["nodes"]]


async def test_the_page_of_a_roadmap(client: Client) -> None:
    data = await client.ask("""{
      roadmap(slug: "pizzaiolo") {
        id slug title summary language revision
        hours
        withOptional: hours(includeOptional: true)
        sections {
          slug title summary optional position
          roadmap { slug }
          topics { totalCount edges { position optional section { slug } node { slug title hours tags } } }
        }
      }
    }""")

    def edge(section: str, position: int, optional: bool, *node: Any) -> dict[str, Any]:
        said = dict(zip(("slug", "title", "hours", "tags"), node, strict=True))
        return {"position": position, "optional": optional, "section": {"slug": section}, "node": said}

    impasto = [
        edge("impasto", 0, False, "flour", "Flour & Water", 2, ["theory"]),
        edge("impasto", 1, False, "weighing", "Weighing", 1, ["practice"]),
        edge("impasto", 2, False, "yeast-dough", "Yeast Dough", 6, ["dough"]),
        edge("impasto", 3, True, "wild-yeast", "Wild Yeast", 10, ["dough", "theory"]),
        edge("impasto", 4, False, "pizza-dough", "Pizza Dough", 5, ["dough"]),
    ]
    forno = [
        edge("forno", 0, False, "tomato-sauce", "Tomato Sauce", 2, []),
        edge("forno", 1, False, "wood-fired-oven", "Wood-Fired Oven", None, ["practice", "machine"]),
    ]

    def section(position: int, slug: str, title: str, edges: list[dict[str, Any]]) -> dict[str, Any]:
        own = {"slug": slug, "title": title, "summary": "", "optional": False, "position": position}
        topics = {"totalCount": len(edges), "edges": edges}
        return {**own, "roadmap": {"slug": "pizzaiolo"}, "topics": topics}

    assert data["roadmap"] == {
        "id": global_id("Roadmap", identity("roadmap", "pizzaiolo")),
        "slug": "pizzaiolo",
        "title": "Pizzaiolo",
        "summary": "",
        "language": "it",
        "revision": 1,
        "hours": 17,
        "withOptional": 27,
        "sections": [section(0, "impasto", "Impasto", impasto), section(1, "forno", "Forno", forno)],
    }


async def test_the_page_of_a_topic(client: Client) -> None:
    data = await client.ask("""{
      topic(slug: "sourdough-bread") {
        id slug title summary hours tags learnable
        resources { url title kind }
        placements { position optional section { slug optional } roadmap { slug } }
        requirements { need reason of { slug } }
        prerequisites { totalCount nodes { slug } }
        all: prerequisites(transitive: true) { totalCount nodes { slug } }
        dependents { nodes { slug } }
        allDependents: dependents(transitive: true) { nodes { slug } }
        recommendations { totalCount edges { reason node { slug } } nodes { slug } }
      }
    }""")
    topic = data["topic"]
    assert {name: topic[name] for name in ("id", "slug", "title", "summary", "hours", "tags")} == {
        "id": global_id("Topic", identity("topic", "sourdough-bread")),
        "slug": "sourdough-bread",
        "title": "Sourdough Bread",
        "summary": "",
        "hours": 20,
        "tags": ["dough"],
    }
    assert topic["learnable"] is True
    assert topic["resources"] == []
    assert topic["placements"] == [
        {
            "position": 2,
            "optional": False,
            "section": {"slug": "doughs", "optional": False},
            "roadmap": {"slug": "baker"},
        }
    ]
    requirements = {tuple(one["slug"] for one in group["of"]): group for group in topic["requirements"]}
    assert requirements.keys() == {("wild-yeast",), ("hand-kneading", "mixer")}
    assert requirements["wild-yeast",]["reason"] == "It is the only leaven in it."
    assert {group["need"] for group in requirements.values()} == {1}
    assert slugs(topic["prerequisites"]) == ["hand-kneading", "mixer", "wild-yeast"]
    assert slugs(topic["all"]) == ["flour", "hand-kneading", "mixer", "sourdough-bread", "wild-yeast"]
    assert topic["all"]["totalCount"] == 5
    assert slugs(topic["dependents"]) == ["night-shift", "wild-yeast"]
    assert slugs(topic["allDependents"]) == ["night-shift", "sourdough-bread", "wild-yeast"]
    patience = "A dough that rises on time teaches patience for one that does not."
    assert topic["recommendations"] == {
        "totalCount": 1,
        "edges": [{"reason": patience, "node": {"slug": "yeast-dough"}}],
        "nodes": [{"slug": "yeast-dough"}],
    }


async def test_optional_belongs_to_the_place_and_not_to_the_topic(client: Client) -> None:
    data = await client.ask('{ topic(slug: "wild-yeast") { placements { optional roadmap { slug } } } }')
    assert data["topic"]["placements"] == [
        {"optional": False, "roadmap": {"slug": "baker"}},
        {"optional": True, "roadmap": {"slug": "pizzaiolo"}},
    ]


async def test_a_topic_of_an_optional_section_is_optional(client: Client) -> None:
    data = await client.ask("""{ roadmap(slug: "baker") {
      optional: topics(optional: true) { totalCount nodes { slug } }
      required: topics(optional: false) { totalCount nodes { slug } }
      all: topics { totalCount nodes { slug } }
    } }""")
    roadmap = data["roadmap"]
    assert slugs(roadmap["optional"]) == ["mixer", "croissant", "night-shift"]
    assert slugs(roadmap["required"]) == [
        "flour",
        "weighing",
        "hand-kneading",
        "yeast-dough",
        "wild-yeast",
        "sourdough-bread",
    ]
    assert [roadmap[name]["totalCount"] for name in ("optional", "required", "all")] == [3, 6, 9]
    assert sorted(slugs(roadmap["all"])) == sorted(slugs(roadmap["optional"]) + slugs(roadmap["required"]))


async def test_resources_say_what_they_are(client: Client) -> None:
    data = await client.ask('{ topic(slug: "flour") { resources { url title kind } } }')
    assert data["topic"]["resources"] == [
        {
            "url": "https://www.fao.org/fao-who-codexalimentarius/",
            "title": "Codex standard for wheat flour",
            "kind": "SPEC",
        },
        {"url": "https://example.org/flour", "title": "On Flour", "kind": "ARTICLE"},
    ]


async def test_a_requirement_may_ask_for_several_of_its_topics(client: Client) -> None:
    data = await client.ask('{ topic(slug: "night-shift") { requirements { need reason of { slug } } } }')
    assert sorted(data["topic"]["requirements"], key=lambda group: int(group["need"])) == [
        {"need": 1, "reason": "Others will eat it.", "of": [{"slug": "hygiene"}]},
        {
            "need": 2,
            "reason": "A bakery never makes only one thing.",
            "of": [{"slug": "croissant"}, {"slug": "pizza-dough"}, {"slug": "sourdough-bread"}],
        },
    ]


async def test_the_catalogue_is_counted(client: Client) -> None:
    data = await client.ask("{ catalogue { revision roadmaps sections topics requirements resources } }")
    assert data["catalogue"] == {
        "revision": 1,
        "roadmaps": 2,
        "sections": 5,
        "topics": 13,
        "requirements": 16,
        "resources": 2,
    }


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", ["baker", "pizzaiolo"]),
        ("(orderBy: {})", ["baker", "pizzaiolo"]),
        ("(orderBy: {direction: DESC})", ["pizzaiolo", "baker"]),
        ("(orderBy: {field: TITLE, direction: DESC})", ["pizzaiolo", "baker"]),
    ],
)
async def test_roadmaps_in_every_order(client: Client, order: str, expected: list[str]) -> None:
    data = await client.ask(f"{{ roadmaps{order} {{ totalCount nodes {{ slug }} }} }}")
    assert slugs(data["roadmaps"]) == expected
    assert data["roadmaps"]["totalCount"] == 2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('filter: {roadmap: "pizzaiolo", section: "forno"}', ["tomato-sauce", "wood-fired-oven"]),
        ("filter: {optional: true}", ["croissant", "mixer", "night-shift", "wild-yeast"]),
        ('filter: {optional: false, tags: ["theory", "dough"]}', ["wild-yeast"]),
        ("filter: {minHours: 3, maxHours: 5}", ["hand-kneading", "hygiene", "pizza-dough"]),
        ('filter: {section: "nowhere"}', []),
        (
            "filter: {minHours: 8}, orderBy: {field: HOURS}",
            ["night-shift", "wild-yeast", "croissant", "sourdough-bread"],
        ),
        (
            'filter: {tags: ["practice"]}, orderBy: {field: HOURS, direction: DESC}',
            ["wood-fired-oven", "hand-kneading", "mixer", "weighing"],
        ),
        (
            'filter: {section: "basics"}, orderBy: {field: TITLE}',
            ["flour", "hand-kneading", "mixer", "weighing"],
        ),
    ],
)
async def test_topics_are_filtered_and_sorted(client: Client, arguments: str, expected: list[str]) -> None:
    data = await client.ask(f"{{ topics({arguments}) {{ totalCount nodes {{ slug }} }} }}")
    assert slugs(data["topics"]) == expected
    assert data["topics"]["totalCount"] == len(expected)


async def test_search_finds_all_kinds_with_falling_scores(client: Client) -> None:
    data = await client.ask("""{ search(text: "pizza dough") {
      totalCount
      edges { score node { __typename ...R ...S ...T } }
    } }
    fragment R on Roadmap { slug } fragment S on Section { slug } fragment T on Topic { slug }""")
    found = data["search"]["edges"]
    assert found[0]["node"] == {"__typename": "Topic", "slug": "pizza-dough"}
    assert {edge["node"]["__typename"] for edge in found} == {"Roadmap", "Section", "Topic"}
    scores = [edge["score"] for edge in found]
    assert scores == sorted(scores, reverse=True)
    assert data["search"]["totalCount"] == len(found)


async def test_search_can_be_told_what_to_search_for(client: Client) -> None:
    query = 'query ($kinds: [SearchKind!]) { search(text: "pizza", kinds: $kinds) { nodes { __typename } } }'
    for kinds, expected in [(["ROADMAP"], {"Roadmap"}), ([], set()), (["SECTION"], set())]:
        data = await client.ask(query, kinds=kinds)
        assert {node["__typename"] for node in data["search"]["nodes"]} == expected


async def test_a_node_of_each_kind_is_read_by_its_id(client: Client) -> None:
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) {
      __typename id ... on Roadmap { slug } ... on Section { slug } ... on Topic { slug }
    } }"""
    unknown = [global_id("Topic", "gone"), global_id("Section", "gone"), global_id("Roadmap", "gone")]
    data = await client.ask(query, ids=[FLOUR, unknown[0], BAKER, unknown[1], MASTERY, unknown[2], FLOUR])
    flour = {"__typename": "Topic", "id": FLOUR, "slug": "flour"}
    assert data["nodes"] == [
        flour,
        None,
        {"__typename": "Roadmap", "id": BAKER, "slug": "baker"},
        None,
        {"__typename": "Section", "id": MASTERY, "slug": "mastery"},
        None,
        flour,
    ]


@pytest.mark.parametrize(("key", "kind"), [(FLOUR, "Topic"), (BAKER, "Roadmap"), (MASTERY, "Section")])
async def test_a_node_is_of_the_kind_that_its_id_says(client: Client, key: str, kind: str) -> None:
    data = await client.ask("query ($id: ID!) { node(id: $id) { __typename id } }", id=key)
    assert data["node"] == {"__typename": kind, "id": key}


async def test_an_id_of_one_kind_finds_nothing_of_another(client: Client) -> None:
    _, key = parse_global_id(FLOUR)
    other = global_id("Roadmap", key)
    assert await client.ask("query ($id: ID!) { node(id: $id) { id } }", id=other) == {"node": None}


async def test_an_unknown_slug_is_null(client: Client) -> None:
    query = "query ($slug: String!) { roadmap(slug: $slug) { id } topic(slug: $slug) { id } }"
    for slug in ("nobody", "", "FLOUR", "flour ", "🥐", "x" * 10_000):
        assert await client.ask(query, slug=slug) == {"roadmap": None, "topic": None}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("{ topics(first: 0) { totalCount } }", '"first" is 0; it can be 1 to 100.'),
        ("{ topics(first: 1000) { totalCount } }", '"first" is 1000; it can be 1 to 100.'),
        ("{ topics(last: -1) { totalCount } }", '"last" is -1; it can be 1 to 100.'),
        ("{ roadmaps(first: 1, last: 1) { totalCount } }", "not for both"),
        ('{ topics(after: "nonsense") { totalCount } }', '"after" is not a cursor of this list.'),
        ('{ search(text: "a", before: "W10") { totalCount } }', '"before" is not a cursor of this list.'),
        ('{ roadmap(slug: "baker") { topics(first: 0) { totalCount } } }', '"first" is 0'),
        ('{ roadmap(slug: "baker") { topics(after: "WyJhIl0") { totalCount } } }', "not a cursor"),
        ('{ roadmap(slug: "baker") { sections { topics(last: 101) { totalCount } } } }', '"last" is 101'),
        ('{ topic(slug: "flour") { dependents(first: 0) { totalCount } } }', '"first" is 0'),
        ('{ topic(slug: "flour") { recommendations(first: 0) { totalCount } } }', '"first" is 0'),
        ('{ node(id: "") { id } }', '"" is not an id of this graph.'),
        ('{ node(id: "nonsense") { id } }', '"nonsense" is not an id of this graph.'),
        ('{ node(id: "TGVhcm5lcjox") { id } }', "is not an id of this graph"),
        (f'{{ node(id: "{FLOUR}!") {{ id }} }}', "is not an id of this graph"),
        (f'{{ nodes(ids: ["{FLOUR}", "x"]) {{ id }} }}', '"x" is not an id of this graph.'),
        (f"{{ nodes(ids: [{', '.join([chr(34) + FLOUR + chr(34)] * 101)}]) {{ id }} }}", "takes 100 ids"),
        (f'{{ search(text: "{"x" * 201}") {{ totalCount }} }}', "takes 200 characters, not 201"),
        ("{ topics(filter: {minHours: 2, maxHours: 1}) { totalCount } }", "minHours is greater"),
        (
            f"{{ topics(filter: {{tags: {['a'] * 21}}}) {{ totalCount }} }}".replace("'", '"'),
            "20 tags, not 21",
        ),
    ],
)
async def test_what_cannot_be_used_is_bad_user_input(client: Client, query: str, said: str) -> None:
    errors = await client.errors(query)
    assert {error["extensions"]["code"] for error in errors} == {"BAD_USER_INPUT"}
    assert said in errors[0]["message"]
    assert errors[0]["path"]


async def test_a_very_long_id_is_named_by_its_beginning(client: Client) -> None:
    [error] = await client.errors("query ($id: ID!) { node(id: $id) { id } }", id="x" * 100_000)
    assert len(error["message"]) < 200


def test_a_global_id_stands_for_its_kind_and_key() -> None:
    assert parse_global_id(global_id("Section", "a:b/é")) == ("Section", "a:b/é")
    for text in ("", ":", "VG9waWM6", "Topic:x", "VG9waWM", "\x00", "é"):
        with pytest.raises(BadInput, match="not an id"):
            parse_global_id(text)


def test_no_id_is_so_long_that_those_that_are_kept_take_much_memory() -> None:
    past = f"{identity('section', 'baker', 'mastery')}@{10**15 - 1}"
    assert parse_global_id(global_id("Section", past)) == ("Section", past)
    for text in (global_id("Topic", "x" * 1000), "x" * 1000):
        with pytest.raises(BadInput, match="not an id"):
            parse_global_id(text)
