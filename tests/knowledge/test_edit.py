"""Edits: what each makes of a catalogue, and that names are only names."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_api.errors import BadInput, StillRequired, UnknownSlugs
from graph_api.knowledge.edit import (
    ChangeTopic,
    CreateTopic,
    DeleteSection,
    DeleteTopic,
    MergeTopics,
    MoveTopic,
    OrderSections,
    RemoveTopic,
    RenameRoadmap,
    RenameSection,
    RenameTopic,
)
from graph_api.knowledge.model import (
    MAX_TAGS,
    Aliases,
    Catalogue,
    Recommendation,
    Requirement,
    Resource,
    Topic,
)
from tests.catalogues import catalogues
from tests.example import CATALOGUE


def needing(slug: str, *groups: tuple[int, tuple[str, ...]]) -> Topic:
    return Topic(slug, slug, requires=tuple(Requirement(of, need) for need, of in groups))


def of(*topics: Topic) -> Catalogue:
    return Catalogue({topic.slug: topic for topic in topics})


def met(topic: Topic, known: Set[str]) -> bool:
    """Whether these known topics meet all that a topic requires, by the meaning of its groups."""
    return all(len(known & {*group.of}) >= group.need for group in topic.requires)


def places(catalogue: Catalogue, roadmap: str) -> list[tuple[str, list[str]]]:
    sections = catalogue.roadmaps[roadmap].sections
    return [(section.slug, [at.topic for at in section.placements]) for section in sections]


@given(catalogues(), st.data())
def test_whoever_required_either_of_two_topics_requires_the_one_they_become(
    catalogue: Catalogue, data: st.DataObject
) -> None:
    slugs = sorted(catalogue.topics)
    if len(slugs) < 2:
        return
    gone, kept = data.draw(st.permutations(slugs))[:2]
    after = MergeTopics(gone, kept).apply(catalogue)
    known = data.draw(st.sets(st.sampled_from(slugs))) - {gone}
    both = known | ({gone} if kept in known else set())
    for slug in catalogue.topics.keys() - {gone, kept}:
        assert met(after.topics[slug], known) == met(catalogue.topics[slug], both), slug
    assert gone not in after.topics
    assert after.aliases.topics[gone] == kept
    assert all(gone not in group.of for topic in after.topics.values() for group in topic.requires)
    for roadmap in after.roadmaps.values():
        placed = [topic for topic, _ in roadmap.placed()]
        assert gone not in placed
        assert len({*placed}) == len(placed)


@given(catalogues(), st.data())
def test_a_renamed_topic_is_the_same_topic_and_renaming_it_back_undoes_it(
    catalogue: Catalogue, data: st.DataObject
) -> None:
    if not catalogue.topics:
        return
    slug = data.draw(st.sampled_from(sorted(catalogue.topics)))
    there = RenameTopic(slug, "another-name").apply(catalogue)
    assert there.aliases.topics == {slug: "another-name"}
    back = RenameTopic("another-name", slug).apply(there)
    assert (dict(back.topics), dict(back.roadmaps)) == (dict(catalogue.topics), dict(catalogue.roadmaps))
    assert back.aliases.topics == {"another-name": slug}


def test_a_merged_topic_does_not_wait_for_itself() -> None:
    catalogue = of(
        needing("a"),
        needing("b", (1, ("a",)), (1, ("a", "x")), (2, ("a", "x", "y"))),
        needing("x"),
        needing("y"),
    )
    assert MergeTopics("b", "a").apply(catalogue).topics["a"].requires == (Requirement(("x", "y"), 1),)


def test_a_merged_topic_counts_twice_where_both_were_named() -> None:
    catalogue = of(needing("a"), needing("b"), needing("c"), needing("t", (2, ("a", "b", "c"))))
    assert MergeTopics("b", "a").apply(catalogue).topics["t"].requires == (Requirement(("a",)),)


def test_a_merged_topic_keeps_its_own_words_and_takes_the_rest_of_both() -> None:
    gone = Topic(
        "gone",
        "Gone",
        summary="What it was.",
        hours=3,
        tags=("one", "two"),
        resources=(Resource("https://a.test", "A"), Resource("https://b.test", "B")),
        recommends=(Recommendation("kept"), Recommendation("other", "Why.")),
    )
    kept = Topic("kept", "Kept", tags=("two",), resources=(Resource("https://b.test", "Mine"),))
    merged = MergeTopics("gone", "kept").apply(of(gone, kept, needing("other"))).topics["kept"]
    assert (merged.title, merged.summary, merged.hours, merged.tags) == (
        "Kept",
        "What it was.",
        3,
        ("two", "one"),
    )
    assert merged.resources == (Resource("https://b.test", "Mine"), Resource("https://a.test", "A"))
    assert merged.recommends == (Recommendation("other", "Why."),)


def test_a_merged_topic_has_no_more_than_a_file_can_say() -> None:
    half = tuple(f"tag-{number}" for number in range(MAX_TAGS))
    catalogue = of(replace(needing("a"), tags=half), replace(needing("b"), tags=("one-more",)))
    with pytest.raises(BadInput, match="21 of tags; it can have 20"):
        MergeTopics("a", "b").apply(catalogue)


def test_a_topic_is_taken_out_of_what_requires_it_only_on_a_clear_word() -> None:
    catalogue = of(
        needing("x"), needing("y"), needing("t", (1, ("x",)), (1, ("x", "y"))), needing("u", (2, ("x", "y")))
    )
    with pytest.raises(StillRequired) as caught:
        DeleteTopic("x").apply(catalogue)
    assert (caught.value.dependents, caught.value.field) == (["t", "u"], ("slug",))
    after = DeleteTopic("x", detach=True).apply(catalogue)
    assert after.topics["t"].requires == after.topics["u"].requires == (Requirement(("y",)),)


def test_a_topic_moves_within_its_section_or_to_the_end_of_another() -> None:
    here = MoveTopic("mixer", "baker", position=0).apply(CATALOGUE)
    assert places(here, "baker")[0] == ("basics", ["mixer", "flour", "weighing", "hand-kneading"])
    there = MoveTopic("flour", "baker", section="doughs", optional=True).apply(CATALOGUE)
    assert places(there, "baker")[1][1][-1] == "flour"
    assert dict(there.roadmaps["baker"].placed())["flour"] is True
    with pytest.raises(BadInput, match="can be 0 to 3"):
        MoveTopic("mixer", "baker", position=4).apply(CATALOGUE)


def test_an_order_names_each_once() -> None:
    for order, says in ((("basics",), "misses"), (("basics", "basics", "x"), "cannot have basics, x")):
        with pytest.raises(BadInput, match=says):
            OrderSections("baker", order).apply(CATALOGUE)


def test_a_section_with_topics_goes_only_on_a_clear_word() -> None:
    with pytest.raises(BadInput, match="holds flour, weighing"):
        DeleteSection("baker", "basics").apply(CATALOGUE)
    after = DeleteSection("baker", "basics", detach=True).apply(CATALOGUE)
    assert [slug for slug, _ in places(after, "baker")][:1] == ["doughs"]
    assert "flour" in after.topics


def test_former_names_follow_their_owner() -> None:
    named = RenameSection("baker", "basics", "beginnings").apply(CATALOGUE)
    moved = RenameRoadmap("baker", "bread").apply(named)
    again = RenameSection("bread", "basics", "first").apply(moved)
    assert again.aliases == Aliases(
        roadmaps={"baker": "bread"}, sections={("bread", "basics"): "first", ("bread", "beginnings"): "first"}
    )
    assert RemoveTopic("flour", "baker").apply(again).roadmaps.keys() == again.roadmaps.keys()


def test_what_is_not_there_is_told_with_its_field() -> None:
    for edit, field in (
        (ChangeTopic("none", {"title": "T"}), ("slug",)),
        (ChangeTopic("flour", {"requires": (Requirement(("none",)),)}), ("requires",)),
        (ChangeTopic("flour", {"recommends": (Recommendation("none"),)}), ("recommends",)),
        (MergeTopics("flour", "none"), ("into",)),
    ):
        with pytest.raises(UnknownSlugs) as caught:
            edit.apply(CATALOGUE)
        assert (list(caught.value.unknown), caught.value.field) == (["none"], field)


def test_a_topic_cannot_rest_on_itself_not_by_a_former_name_either() -> None:
    named = RenameTopic("flour", "meal").apply(CATALOGUE)
    for slug in ("flour", "meal"):
        with pytest.raises(BadInput, match="rest on itself"):
            ChangeTopic("meal", {"requires": (Requirement((slug,)),)}).apply(named)
    with pytest.raises(BadInput, match="former slug"):
        CreateTopic(Topic("flour", "Flour")).apply(named)
