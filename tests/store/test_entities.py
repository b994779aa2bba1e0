"""What is kept of nodes: carried over from revision to revision, but for what a write has touched."""

from __future__ import annotations

from typing import Any

import pytest

from graph_api.knowledge.model import Recommendation, Requirement, Resource, Topic
from graph_api.store.entities import TABLES, Entities, Tables
from graph_api.store.nodes import (
    Advice,
    Need,
    Outline,
    Place,
    PlacementNode,
    ResourceNode,
    RoadmapNode,
    SectionNode,
    TopicNode,
)
from graph_api.store.touches import Touches


def node(key: str, title: str = "T") -> TopicNode:
    return TopicNode(key, f"{key}-slug", title, "", None, [])


def outline(key: str, *sections: str) -> Outline:
    nodes = {each: SectionNode(each, each, "S", "", False, 0, key) for each in sections}
    return Outline(RoadmapNode(key, f"{key}-slug", "R", "", "en"), nodes, dict.fromkeys(sections, ()))


def tables(**given: dict[str, Any]) -> Tables:
    found = Tables.empty()
    for name, table in given.items():
        found.take(name, table)
    return found


def two_of_each() -> Tables:
    """Topics t and u, and roadmaps r and s, with all that can be said of them."""
    both = ("t", "u")
    return tables(
        topic={key: node(key) for key in both},
        requirements={key: (Need(1, ("x",), ""),) for key in both},
        recommendations={key: (Advice("x", ""),) for key in both},
        resources={key: [ResourceNode("https://example.org", "R", "docs")] for key in both},
        placements={key: [PlacementNode("r", "a", 0, False)] for key in both},
        outline={"r": outline("r", "a", "b"), "s": outline("s", "c")},
    )


def keys(found: Tables | None) -> dict[str, set[str]]:
    assert found is not None
    return {name: {*table} for name, table in found.items().items() if table}


@pytest.fixture
def touches() -> Touches:
    """A process that has come to revision 1."""
    touches = Touches()
    touches.note(1, None, since=-1)
    return touches


@pytest.fixture
def entities(touches: Touches) -> Entities:
    """All of both, kept at revision 1."""
    entities = Entities(touches)
    entities.keep(1, two_of_each())
    return entities


def write(touches: Touches, *ids: str) -> None:
    touches.note(touches.revision + 1, ids, since=touches.revision)


def test_what_is_kept_is_there_for_the_same_revision(entities: Entities) -> None:
    assert keys(entities.at(1)) == keys(two_of_each())
    assert len(entities) == 19


def test_nothing_is_there_before_anything_was_kept(touches: Touches) -> None:
    assert keys(Entities(touches).at(1)) == {}
    assert Entities(touches).at(2) is None


def test_what_no_write_has_touched_is_carried_over(touches: Touches, entities: Entities) -> None:
    before = entities.at(1)
    assert before is not None
    held = before.items()["topic"]["u"], before.items()["outline"]["s"]
    write(touches, "t", "r")
    after = entities.at(2)
    assert keys(after) == {
        "topic": {"u"},
        "requirements": {"u"},
        "recommendations": {"u"},
        "resources": {"u"},
        "topic_of_slug": {"u-slug"},
        "outline": {"s"},
        "outline_of_slug": {"s-slug"},
        "outline_of_section": {"c"},
    }
    assert after is not None
    assert after.topic["u"] is held[0]
    assert after.outline["s"] is held[1]


def become(touches: Touches, **topics: Topic) -> None:
    touches.note(touches.revision + 1, topics, since=touches.revision, topics=topics)


def test_what_is_known_of_a_topic_is_made_anew_of_what_it_has_become(
    touches: Touches, entities: Entities
) -> None:
    x = Resource("https://x.example/", "X", "book")
    become(
        touches,
        t=Topic(
            "t-new",
            "T2",
            "Of it.",
            2.5,
            ("tag",),
            (x,),
            (Requirement(("u-slug", "t-new"), 1, "Why."), Requirement(("u-slug",))),
            (Recommendation("u-slug", "Better."),),
        ),
    )
    found = entities.at(2)
    assert found is not None
    made = TopicNode("t", "t-new", "T2", "Of it.", 2.5, ["tag"])
    assert (found.topic["t"], found.topic_of_slug["t-new"]) == (made, made)
    assert "t-slug" not in found.topic_of_slug
    assert found.requirements["t"] == (Need(1, ("t", "u"), "Why."), Need(1, ("u",), ""))
    assert found.recommendations["t"] == (Advice("u", "Better."),)
    assert found.resources["t"] == [ResourceNode("https://x.example/", "X", "book")]


def test_what_names_a_topic_that_is_not_known_has_to_be_read(touches: Touches, entities: Entities) -> None:
    other = (Requirement(("nobody-knows",)),)
    become(touches, t=Topic("t-slug", "T", requires=other, recommends=(Recommendation("u-slug"),)))
    found = entities.at(2)
    assert found is not None
    assert "t" not in found.requirements
    assert found.recommendations["t"] == (Advice("u", ""),)


def test_nothing_is_made_of_what_was_not_known(touches: Touches) -> None:
    entities = Entities(touches)
    entities.keep(1, tables(topic={"u": node("u")}, resources={"t": []}))
    become(touches, t=Topic("t-slug", "T"), new=Topic("new", "New"))
    assert keys(entities.at(2)) == {"topic": {"u"}, "topic_of_slug": {"u-slug"}, "resources": {"t"}}


def test_a_write_that_touched_others_leaves_all_but_where_topics_stand(
    touches: Touches, entities: Entities
) -> None:
    write(touches, "new-roadmap")
    assert keys(entities.at(2)) == {
        name: there for name, there in keys(two_of_each()).items() if name != "placements"
    }


def test_several_writes_are_carried_over_at_once(touches: Touches, entities: Entities) -> None:
    write(touches, "t")
    write(touches, "s")
    write(touches, "x")
    found = keys(entities.at(4))
    assert (found["topic"], found["outline"]) == ({"u"}, {"r"})
    assert found["outline_of_section"] == {"a", "b"}


def test_a_slug_leads_to_who_has_it_now(touches: Touches, entities: Entities) -> None:
    """One topic is renamed, and another takes its slug."""
    write(touches, "t", "u")
    renamed, other = node("t")._replace(slug="new-slug"), node("u")._replace(slug="t-slug")
    entities.keep(2, tables(topic={"t": renamed, "u": other}))
    found = entities.at(2)
    assert found is not None
    assert found.topic_of_slug == {"new-slug": renamed, "t-slug": other}
    write(touches, "t")
    assert keys(entities.at(3))["topic_of_slug"] == {"t-slug"}


def test_all_keys_of_a_node_lead_to_one_value(entities: Entities) -> None:
    found = entities.at(1)
    assert found is not None
    assert found.topic_of_slug["t-slug"] is found.topic["t"]
    assert found.outline_of_slug["r-slug"] is found.outline["r"] is found.outline_of_section["b"]


def test_after_a_gap_nothing_is_carried_over(touches: Touches, entities: Entities) -> None:
    touches.note(7, ["x"], since=6)
    assert keys(entities.at(7)) == {}
    touches.note(9, None, since=7)
    entities.keep(9, two_of_each())
    assert keys(entities.at(9)) == keys(two_of_each())


def test_more_than_is_remembered_is_a_gap() -> None:
    touches = Touches(kept=3)
    touches.note(1, None, since=-1)
    entities = Entities(touches)
    entities.keep(1, two_of_each())
    write(touches, "v", "w")
    write(touches, "x", "y")
    assert keys(entities.at(3)) == {}


@pytest.mark.parametrize("back", [0, 1, 2])
def test_a_database_that_was_set_back_has_nothing_in_common(
    touches: Touches, entities: Entities, back: int
) -> None:
    write(touches, "x")
    assert entities.at(2) is not None
    touches.note(back, None, since=2)
    assert keys(entities.at(back)) == {}
    while touches.revision < 2:
        write(touches, "x")
    assert keys(entities.at(2)) == {}


def test_one_that_was_left_behind_gets_nothing_and_keeps_nothing(
    touches: Touches, entities: Entities
) -> None:
    write(touches, "t")
    assert entities.at(2) is not None
    assert entities.at(1) is None
    entities.keep(1, tables(topic={"t": node("t", "of revision 1")}))
    assert "t" not in keys(entities.at(2))["topic"]
    assert entities.at(3) is None
    entities.keep(3, tables(topic={"t": node("t", "of a revision to come")}))
    assert "t" not in keys(entities.at(2))["topic"]


def test_until_somebody_asks_at_the_next_revision_those_of_the_last_one_go_on(
    touches: Touches, entities: Entities
) -> None:
    write(touches, "t")
    assert keys(entities.at(1)) == keys(two_of_each())
    entities.keep(1, tables(topic={"v": node("v")}))
    assert keys(entities.at(2))["topic"] == {"u", "v"}


def test_who_holds_the_tables_of_a_revision_never_sees_those_of_the_next(
    touches: Touches, entities: Entities
) -> None:
    held = entities.at(1)
    assert held is not None
    write(touches, "t")
    entities.keep(2, tables(topic={"t": node("t", "of revision 2")}, requirements={"u": ()}))
    assert all(table.get("t") in (None, node("t")) for table in (held.topic,))
    assert held.requirements.get("u") in (None, (Need(1, ("x",), ""),))
    after = entities.at(2)
    assert after is not None
    assert after.topic["t"].title == "of revision 2"  # type: ignore[union-attr]  # it is kept


def test_what_is_not_there_is_not_kept(touches: Touches) -> None:
    entities = Entities(touches)
    nothing = Tables.empty()
    for name in TABLES:
        getattr(nothing, name)["nobody"] = None
    entities.keep(1, nothing)
    assert keys(entities.at(1)) == {}
    assert len(entities) == 0


def test_lists_without_entries_are_kept(touches: Touches) -> None:
    entities = Entities(touches)
    entities.keep(1, tables(requirements={"t": ()}, resources={"t": []}, placements={"t": []}))
    assert keys(entities.at(1)) == {"requirements": {"t"}, "resources": {"t"}, "placements": {"t"}}


def test_what_is_kept_names_a_node_by_one_string_wherever_it_stands(touches: Touches) -> None:
    def fresh() -> str:
        """A string of its own, as each that is read from a database."""
        return "".join(("a", "-topic"))

    def place() -> Place:
        return Place(fresh(), "s", 0, 0, False)

    assert fresh() is not fresh()
    topics = {
        fresh(): TopicNode(fresh(), "slug", "T", "", None, ["x", "y"]),
        "b": node("b")._replace(tags=["x", "y"]),
    }
    read = tables(
        topic=topics,
        requirements={"b": (Need(1, (fresh(),), "why"),)},
        outline={"r": outline("r", "s")._replace(places={"s": (place(), place())})},
    )
    entities = Entities(touches)
    entities.keep(1, read)
    kept = entities.at(1)
    assert kept is not None
    assert kept.items() == read.items(), "it says the same"
    topic, other, placing = kept.topic["a-topic"], kept.topic["b"], kept.outline["r"]
    assert topic is not None
    assert other is not None
    assert placing is not None
    named = {
        *map(id, kept.topic.keys() - {"b"}),
        id(topic.id),
        id(kept.requirements["b"][0].of[0]),
        *(id(each.topic) for each in placing.places["s"]),
    }
    assert len(named) == 1
    assert topic.tags is other.tags


def test_content_is_too_large_to_be_kept(touches: Touches) -> None:
    entities = Entities(touches)
    entities.keep(1, tables(content={"t": Topic("t", "T")}))
    assert len(entities) == 0


def test_each_table_keeps_so_many_the_newest(touches: Touches) -> None:
    entities = Entities(touches, kept=3)
    for number in range(5):
        entities.keep(1, tables(topic={f"t{number}": node(f"t{number}")}))
    assert keys(entities.at(1)) == {
        "topic": {"t2", "t3", "t4"},
        "topic_of_slug": {"t2-slug", "t3-slug", "t4-slug"},
    }
    entities.keep(1, tables(topic={f"u{number}": node(f"u{number}") for number in range(9)}))
    assert keys(entities.at(1))["topic"] == {"u6", "u7", "u8"}


def test_with_no_room_nothing_is_kept(touches: Touches) -> None:
    entities = Entities(touches, kept=0)
    entities.keep(1, two_of_each())
    assert len(entities) == 0
    assert keys(entities.at(1)) == {}
