"""What differs between two states of a roadmap, and what that means to a learner."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_api.errors import UnknownSlugs
from graph_api.knowledge.change import changed
from graph_api.knowledge.comparison import (
    FieldChange,
    Named,
    PathHours,
    Place,
    PlacementChange,
    RoadmapDiff,
    SectionChange,
    Side,
    TopicChange,
    compare,
    effects,
    sides,
)
from graph_api.knowledge.comparison.order import unmoved
from graph_api.knowledge.edit import (
    ChangeTopic,
    CreateRoadmap,
    DeleteRoadmap,
    DeleteTopic,
    Edit,
    MergeTopics,
    MoveTopic,
    OrderSections,
    PlaceTopic,
    RenameRoadmap,
    RenameSection,
    RenameTopic,
)
from graph_api.knowledge.model import (
    Catalogue,
    Placement,
    Recommendation,
    Requirement,
    Roadmap,
    Section,
)
from tests.catalogues import catalogues
from tests.example import CATALOGUE
from tests.knowledge import oracle
from tests.knowledge.structures import Structure, random_structure

FORMER = {"added": "removed", "removed": "added", "changed": "changed"}


def edited(*edits: Edit, slug: str = "baker") -> tuple[Side, Side]:
    """Both sides of a roadmap of the worked example after these edits."""
    after = CATALOGUE
    for edit in edits:
        after = edit.apply(after)
    return sides(changed(CATALOGUE, after), slug)


def side(catalogue: Catalogue, slug: str) -> Side:
    return Side(catalogue.roadmaps.get(slug), catalogue.topics)


def turned(diff: RoadmapDiff) -> Any:
    """A difference read backwards, as sets: what came went, and what is gone is told in another order."""

    def back(change: Any) -> Any:
        other: dict[str, Any] = {}
        if hasattr(change, "after"):
            other |= {"before": change.after, "after": change.before}
        if hasattr(change, "kind"):
            other["kind"] = FORMER[change.kind]
        if fields := getattr(change, "fields", ()):
            other["fields"] = tuple(map(back, fields))
        return replace(change, **other)

    return unordered(
        replace(
            diff,
            before=diff.after,
            after=diff.before,
            **{name: tuple(map(back, getattr(diff, name))) for name in PARTS},
        )
    )


PARTS = ("fields", "sections", "placements", "topics", "requirements", "recommendations")


def unordered(diff: RoadmapDiff) -> Any:
    """A difference without its order, and without the titles that only one side can have."""

    def bare(change: Any) -> Any:
        named = [name for name in ("topic", "section") if hasattr(change, name)]
        return replace(change, **{name: Named(getattr(change, name).slug, "") for name in named})

    parts = {name: sorted(repr(bare(each)) for each in getattr(diff, name)) for name in PARTS}
    return diff.before, diff.after, parts


@given(catalogues(), st.data())
@settings(max_examples=25, deadline=None)
def test_a_roadmap_does_not_differ_from_itself(catalogue: Catalogue, data: st.DataObject) -> None:
    slug = data.draw(st.sampled_from([*catalogue.roadmaps, "nobody"]))
    assert compare(side(catalogue, slug), side(catalogue, slug)).empty


@given(catalogues(), catalogues())
@settings(max_examples=35, deadline=None)
def test_backwards_what_came_went(one: Catalogue, other: Catalogue) -> None:
    former, now = (side(each, min(each.roadmaps, default="nobody")) for each in (one, other))
    forth, back = compare(former, now), compare(now, former)
    assert turned(forth) == unordered(back)
    assert forth.empty == back.empty


@given(st.permutations(range(7)), st.permutations(range(9)))
def test_the_most_that_can_keeps_its_place(before: Sequence[int], after: Sequence[int]) -> None:
    one, other = [str(n) for n in before], [str(n) for n in after]
    kept = unmoved(one, other)
    orders = ([name for name in order if name in kept] for order in (one, other))
    assert next(orders) == next(orders)
    longest = max(
        size
        for size in range(len(one) + 1)
        for chosen in combinations(one, size)
        if [name for name in other if name in chosen] == [*chosen]
    )
    assert len(kept) == longest
    assert unmoved(other, one) == kept


def test_one_topic_that_moves_is_one_that_moved() -> None:
    diff = compare(*edited(MoveTopic("mixer", "baker", position=0)))
    assert diff == RoadmapDiff(
        Named("baker", "Baker"),
        Named("baker", "Baker"),
        placements=(
            PlacementChange(
                "changed",
                Named("mixer", "Kneading by Machine"),
                Place("basics", 3, True),
                Place("basics", 0, True),
                moved=True,
            ),
        ),
    )


def test_another_section_is_a_move_and_another_word_on_being_optional_is_none() -> None:
    [moved] = compare(*edited(MoveTopic("mixer", "baker", section="doughs"))).placements
    assert (moved.moved, moved.before, moved.after) == (
        True,
        Place("basics", 3, True),
        Place("doughs", 3, True),
    )
    [other] = compare(*edited(MoveTopic("mixer", "baker", optional=False))).placements
    assert (other.kind, other.moved) == ("changed", False)
    assert other.after == Place("basics", 3, False)


def test_a_placed_topic_comes_with_all_it_rests_on() -> None:
    diff = compare(*edited(PlaceTopic("wood-fired-oven", "baker", "mastery")))
    assert [(one.kind, one.topic.slug) for one in diff.placements] == [("added", "wood-fired-oven")]
    assert [(one.kind, one.topic.slug) for one in diff.topics] == [("added", "wood-fired-oven")]
    [group] = diff.requirements
    assert (group.kind, group.topic.slug, group.before) == ("added", "wood-fired-oven", None)
    assert group.after == Requirement(("pizza-dough",))


def test_every_field_of_a_topic_is_told_as_texts() -> None:
    changes = {"hours": None, "tags": ("theory", "grain"), "summary": "", "resources": ()}
    [change] = compare(*edited(ChangeTopic("flour", changes))).topics
    said = CATALOGUE.topics["flour"]
    assert change == TopicChange(
        "changed",
        Named("flour", "Flour & Water"),
        (
            FieldChange("summary", (said.summary,), ()),
            FieldChange("hours", ("2",), ()),
            FieldChange("tags", ("theory",), ("theory", "grain")),
            FieldChange(
                "resources",
                (
                    "Codex standard for wheat flour <https://www.fao.org/fao-who-codexalimentarius/> (spec)",
                    "On Flour <https://example.org/flour> (article)",
                ),
                (),
            ),
        ),
    )


def test_a_group_with_the_same_members_is_changed_and_one_with_others_is_another() -> None:
    two = CATALOGUE.topics["night-shift"].requires
    of = ("croissant", "pizza-dough", "sourdough-bread")
    requires = tuple(replace(group, need=1) if group.of == of else group for group in two)
    [change] = compare(*edited(ChangeTopic("night-shift", {"requires": requires}))).requirements
    assert (change.kind, change.before and change.before.need, change.after and change.after.need) == (
        "changed",
        2,
        1,
    )
    fewer = tuple(replace(group, of=of[:2]) if group.of == of else group for group in two)
    diff = compare(*edited(ChangeTopic("night-shift", {"requires": fewer})))
    assert [change.kind for change in diff.requirements] == ["added", "removed"]
    # Bread is still placed, so nothing left the roadmap.
    assert not diff.topics


def test_a_recommendation_with_another_reason_is_changed() -> None:
    other = (Recommendation("yeast-dough", "It is quicker."), Recommendation("flour"))
    diff = compare(*edited(ChangeTopic("sourdough-bread", {"recommends": other})))
    assert [(one.kind, one.after and one.after.topic) for one in diff.recommendations] == [
        ("added", "flour"),
        ("changed", "yeast-dough"),
    ]


def test_a_rename_is_a_change_of_the_slug_and_of_nothing_that_names_it() -> None:
    renames = (
        RenameTopic("yeast-dough", "raised-dough"),
        RenameSection("baker", "doughs", "leaven"),
        RenameRoadmap("baker", "bakery"),
    )
    assert compare(*edited(*renames, slug="bakery")) == RoadmapDiff(
        Named("baker", "Baker"),
        Named("bakery", "Baker"),
        fields=(FieldChange("slug", ("baker",), ("bakery",)),),
        sections=(
            SectionChange(
                "changed",
                Named("leaven", "Doughs"),
                1,
                1,
                fields=(FieldChange("slug", ("doughs",), ("leaven",)),),
            ),
        ),
        topics=(
            TopicChange(
                "changed",
                Named("raised-dough", "Yeast Dough"),
                (FieldChange("slug", ("yeast-dough",), ("raised-dough",)),),
            ),
        ),
    )


def test_sections_in_another_order_are_the_fewest_that_can_have_moved() -> None:
    diff = compare(*edited(OrderSections("baker", ("mastery", "basics", "doughs"))))
    assert [(one.section.slug, one.before, one.after, one.moved) for one in diff.sections] == [
        ("mastery", 2, 0, True)
    ]


def test_a_roadmap_that_is_new_or_gone_is_all_of_it() -> None:
    gone = compare(*edited(DeleteRoadmap("baker")))
    assert (gone.before, gone.after, gone.empty) == (Named("baker", "Baker"), None, False)
    assert {one.kind for part in PARTS for one in getattr(gone, part)} == {"removed"}
    assert len(gone.placements) == 9
    assert not compare(*edited(CreateRoadmap(Roadmap("miller", "Miller")), slug="miller")).empty
    with pytest.raises(UnknownSlugs, match="did you mean baker"):
        edited(slug="bakr")


def test_a_new_requirement_blocks_what_was_ready_and_lengthens_the_way() -> None:
    requires = (*CATALOGUE.topics["yeast-dough"].requires, Requirement(("hygiene",)))
    pair = edited(ChangeTopic("yeast-dough", {"requires": requires}), slug="pizzaiolo")
    found = effects(*pair, ["flour", "weighing", "mixer"])
    assert found.newly_blocked == (Named("yeast-dough", "Yeast Dough"),)
    assert found.newly_ready == found.vanished == ()
    assert found.before == PathHours(14, 14, optimal=True)
    assert found.after == PathHours(17, 17, optimal=True)
    back = effects(*pair[::-1], ["flour", "weighing", "mixer"])
    assert [one.slug for one in back.newly_ready] == ["yeast-dough"]


def test_who_knows_a_renamed_or_merged_topic_still_knows_it_by_any_of_its_names() -> None:
    pair = edited(RenameTopic("mixer", "machine"), MergeTopics("flour", "weighing"), slug="pizzaiolo")
    for known in (["flour", "mixer", "weighing"], ["weighing", "machine", "flour"]):
        found = effects(*pair, known)
        assert found.vanished == found.newly_blocked == found.newly_ready == ()
        assert found.before == PathHours(14, 14, optimal=True)
        assert found.after == found.before


def test_what_is_skipped_blocks_nothing_and_is_never_ready() -> None:
    requires = (*CATALOGUE.topics["yeast-dough"].requires, Requirement(("hygiene",)))
    pair = edited(ChangeTopic("yeast-dough", {"requires": requires}), slug="pizzaiolo")
    found = effects(*pair, ["flour", "weighing", "mixer"], skipped=["hygiene", "mixer"])
    assert found.newly_blocked == found.newly_ready == ()
    assert found.before == found.after == PathHours(14, 14, optimal=True)


def test_a_known_topic_that_is_gone_is_told_and_an_unknown_one_is_refused() -> None:
    pair = edited(DeleteTopic("hygiene", detach=True))
    assert effects(*pair, ["hygiene"]).vanished == (Named("hygiene", "Food Hygiene"),)
    with pytest.raises(UnknownSlugs, match=r'"hygene" \(did you mean hygiene') as caught:
        effects(*pair, ["flour", "hygene", "nobody"])
    assert [*caught.value.unknown] == ["hygene", "nobody"]


def test_optional_topics_count_when_they_are_asked_for() -> None:
    pair = edited()
    assert effects(*pair).before == PathHours(43, 43, optimal=True)
    with_optional = effects(*pair, include_optional=True).before
    assert with_optional is not None
    assert with_optional.hours > 43


def test_a_roadmap_that_is_not_there_has_no_path() -> None:
    found = effects(*edited(DeleteRoadmap("baker")))
    assert (found.before is not None, found.after, found.newly_ready) == (True, None, ())


def placing(structure: Structure, placed: Collection[str]) -> Side:
    section = Section("s", "S", placements=tuple(Placement(slug) for slug in sorted(placed)))
    return Side(Roadmap("r", "R", sections=(section,)), {each.slug: each for each in structure.topics()})


def standing(structure: Structure, topic: str, known: frozenset[str]) -> str:
    if topic not in structure.slugs:
        return "ABSENT"
    if topic in known:
        return "KNOWN"
    if oracle.is_ready(structure, topic, known):
        return "READY"
    return "BLOCKED"


def way(structure: Structure, known: frozenset[str], goals: Collection[str]) -> int | None:
    """The fewest hours to all goals, by trying every set."""
    return oracle.cheapest_way(structure, known, len(goals), frozenset(goals)) if goals else 0


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_the_effects_are_those_of_the_definitions(number: int) -> None:
    random = Random(number)
    before, after = (random_structure(random, size=6) for _ in range(2))
    here, there = ({slug for slug in each.slugs if random.random() < 0.5} for each in (before, after))
    known = frozenset(slug for slug in sorted(before.slugs | after.slugs) if random.random() < 0.3)
    found = effects(placing(before, here), placing(after, there), sorted(known))
    had, has = known & before.slugs, known & after.slugs
    was = {slug: standing(before, slug, had) if slug in here else "ABSENT" for slug in there}
    now = {slug: standing(after, slug, has) for slug in there}
    assert [one.slug for one in found.newly_ready] == sorted(
        slug for slug in there if now[slug] == "READY" != was[slug]
    )
    assert [one.slug for one in found.newly_blocked] == sorted(
        slug for slug in there if now[slug] == "BLOCKED" and was[slug] == "READY"
    )
    assert [one.slug for one in found.vanished] == sorted(known & before.slugs - after.slugs)
    for hours, expected in ((found.before, way(before, had, here)), (found.after, way(after, has, there))):
        assert (None if hours is None else hours.hours) == expected
        assert hours is None or hours.optimal
