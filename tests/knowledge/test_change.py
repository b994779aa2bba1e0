"""What a catalogue becomes when documents are imported."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_api.errors import Fault, InvalidDocument, Unlearnable
from graph_api.formats.roadmap1 import parse
from graph_api.knowledge.change import Change, Definition, Difference, Document, Reference, changed, plan
from graph_api.knowledge.model import (
    Catalogue,
    Placement,
    Recommendation,
    Requirement,
    Roadmap,
    Section,
    Topic,
)
from tests.catalogues import catalogues, document
from tests.example import BAKER, CATALOGUE, DOCUMENTS, FILES, PIZZAIOLO
from tests.pace import within

NOTHING = Catalogue()


def topic(slug: str, *requires: Requirement, title: str = "") -> Topic:
    return Topic(slug, title or slug, requires=requires)


def roadmap(slug: str, *placed: str) -> Roadmap:
    return Roadmap(slug, slug, sections=(Section("s", "S", placements=tuple(map(Placement, placed))),))


def faults(*documents: Document, before: Catalogue = NOTHING) -> tuple[Fault, ...]:
    with pytest.raises(InvalidDocument) as caught:
        plan(before, documents)
    return caught.value.faults


def test_a_first_import_creates_everything() -> None:
    change = plan(NOTHING, DOCUMENTS)
    assert change.roadmaps == Difference(created=("baker", "pizzaiolo"))
    assert change.topics.created == tuple(sorted(CATALOGUE.topics))
    assert len(change.topics.created) == 13
    assert change.summary() == "13 topics created; 2 roadmaps created."
    assert not change.unnamed
    assert not change.stubs


def test_the_same_documents_again_change_nothing() -> None:
    for prune in (False, True):
        change = plan(CATALOGUE, DOCUMENTS, prune=prune)
        assert change.empty
        assert change.after == CATALOGUE
        assert change.summary() == "Nothing changes."


def test_a_document_replaces_its_roadmap_and_its_topics_whole() -> None:
    text = BAKER.replace("title: Weighing\n        hours: 1\n", "title: Scales\n").replace(
        "Mastery", "Masters"
    )
    change = plan(CATALOGUE, [parse(text.encode(), name="baker.yaml")])
    assert change.topics == Difference(changed=("weighing",))
    assert change.roadmaps == Difference(changed=("baker",))
    assert change.after.topics["weighing"] == Topic("weighing", "Scales", tags=("practice",))
    assert change.after.roadmaps["pizzaiolo"] is CATALOGUE.roadmaps["pizzaiolo"]
    assert change.summary() == "1 topic changed; 1 roadmap changed."


def test_a_topic_may_be_moved_to_another_section() -> None:
    moved = replace(
        DOCUMENTS[1].roadmap,
        sections=tuple(
            replace(section, placements=placements)
            for section, placements in zip(
                DOCUMENTS[1].roadmap.sections,
                [
                    DOCUMENTS[1].roadmap.sections[0].placements[1:],
                    (*DOCUMENTS[1].roadmap.sections[1].placements, Placement("flour")),
                ],
                strict=True,
            )
        ),
    )
    change = plan(CATALOGUE, [replace(DOCUMENTS[1], roadmap=moved)])
    assert change.after.roadmaps["pizzaiolo"] == moved
    assert not change.unnamed


def test_what_a_document_no_longer_names_is_reported_and_stays_after_what_it_names() -> None:
    document = parse(
        PIZZAIOLO.replace("      - flour\n", "")
        .replace("  - slug: forno\n", "  - slug: oven\n")
        .replace("      - slug: tomato-sauce\n        title: Tomato Sauce\n        hours: 2\n", "")
        .encode(),
        name="pizzaiolo.yaml",
    )
    change = plan(CATALOGUE, [document])
    assert change.unnamed.sections == (("pizzaiolo", "forno"),)
    assert change.unnamed.placements == (
        ("pizzaiolo", "impasto", "flour"),
        ("pizzaiolo", "forno", "tomato-sauce"),
    )
    assert change.unnamed.topics == ("tomato-sauce",)
    sections = change.after.roadmaps["pizzaiolo"].sections
    assert [section.slug for section in sections] == ["impasto", "oven", "forno"]
    assert sections[0].placements[-1] == Placement("flour")
    assert sections[2].placements == (Placement("tomato-sauce"),)
    assert change.after.topics == CATALOGUE.topics
    assert plan(change.after, [document]).empty


def test_pruning_removes_sections_placements_and_topics_that_stand_nowhere_any_more() -> None:
    text = PIZZAIOLO.replace("      - flour\n", "").replace(
        "      - slug: tomato-sauce\n        title: Tomato Sauce\n        hours: 2\n", ""
    )
    document = parse(text.encode(), name="pizzaiolo.yaml")
    change = plan(CATALOGUE, [document], prune=True)
    assert change.after.roadmaps["pizzaiolo"] == document.roadmap
    assert change.topics == Difference(removed=("tomato-sauce",))
    assert "flour" in change.after.topics
    assert change.summary() == "1 topic removed; 1 roadmap changed."
    assert plan(change.after, [document], prune=True).empty
    assert not plan(change.after, [document], prune=True).unnamed


def test_pruning_keeps_a_topic_that_another_one_requires() -> None:
    before = Catalogue(
        MappingProxyType({"a": topic("a"), "b": topic("b", Requirement(("a", "c"))), "c": topic("c")}),
        MappingProxyType({"r": roadmap("r", "a", "b"), "q": roadmap("q", "b", "c")}),
    )
    change = plan(before, [Document("r.yaml", roadmap("r"))], prune=True)
    assert change.unnamed.topics == ("a",)
    assert change.topics == Difference()


def test_pruning_takes_what_only_the_removed_topics_rested_on() -> None:
    without = BAKER[: BAKER.index("  - slug: mastery\n")]
    hygiene = BAKER[BAKER.index("topics:\n  - slug: hygiene\n") :]
    change = plan(CATALOGUE, [parse((without + hygiene).encode(), name="baker.yaml")], prune=True)
    assert change.topics.removed == ("croissant", "night-shift")
    change = plan(CATALOGUE, [parse(without.encode(), name="baker.yaml")], prune=True)
    assert change.topics.removed == ("croissant", "hygiene", "night-shift")


def test_a_recommendation_of_a_removed_topic_is_dropped_and_reported() -> None:
    before = Catalogue(
        MappingProxyType({"a": topic("a"), "b": Topic("b", "b", recommends=(Recommendation("a"),))}),
        MappingProxyType({"r": roadmap("r", "a"), "q": roadmap("q", "b")}),
    )
    change = plan(before, [Document("r.yaml", roadmap("r"))], prune=True)
    assert change.topics == Difference(changed=("b",), removed=("a",))
    assert change.dropped == (("b", "a"),)
    assert change.after.topics["b"].recommends == ()


def test_a_topic_that_a_document_still_mentions_is_never_removed() -> None:
    before = Catalogue(
        MappingProxyType({"a": topic("a"), "b": topic("b")}), MappingProxyType({"r": roadmap("r", "a", "b")})
    )
    mention = Document("r.yaml", roadmap("r", "b"), references=(Reference("a", "recommendation"),))
    assert plan(before, [mention], prune=True).topics == Difference()


def test_an_unknown_topic_is_a_fault_with_its_line_its_path_and_the_nearest_slug() -> None:
    text = PIZZAIOLO.replace("requires: [yeast-dough]", "requires: [yeast-duogh]").replace(
        "- flour", "- xyzzy"
    )
    (first, second) = faults(DOCUMENTS[0], parse(text.encode(), name="pizzaiolo.yaml"))
    assert str(first) == 'pizzaiolo.yaml:9: sections[0].topics[0]: No topic has the slug "xyzzy".'
    assert (second.line, second.path) == (18, "sections[0].topics[4].requires[0]")
    assert second.suggestion == "yeast-dough"


def test_stubs_stand_for_unknown_topics_until_a_file_defines_them() -> None:
    change = plan(NOTHING, [DOCUMENTS[0]], stubs=True)
    assert change.stubs == ("pizza-dough",)
    assert change.after.topics["pizza-dough"] == Topic("pizza-dough", "pizza-dough")
    assert plan(change.after, [DOCUMENTS[0]], stubs=True).empty
    later = plan(change.after, [DOCUMENTS[1]])
    assert later.topics.changed == ("pizza-dough",)
    assert later.after == CATALOGUE


def test_a_topic_may_be_defined_twice_in_the_same_way_and_not_in_two() -> None:
    one = Document("a.yaml", roadmap("a"), (Definition(topic("t"), 7, "topics[0].slug"),))
    same = replace(one, name="b.yaml", roadmap=roadmap("b"))
    assert plan(NOTHING, [one, same]).topics.created == ("t",)
    other = replace(same, definitions=(Definition(topic("t", title="T"), 9, "topics[0].slug"),))
    (fault,) = faults(one, other)
    assert str(fault) == 'b.yaml:9: topics[0].slug: The topic "t" is defined otherwise in a.yaml, line 7.'


def test_one_roadmap_in_two_files_is_a_fault() -> None:
    (fault,) = faults(*DOCUMENTS, replace(DOCUMENTS[0], name="copy.yaml"))
    assert (
        str(fault)
        == 'copy.yaml:2: slug: The roadmap "baker" is already in baker.yaml; one roadmap is one file.'
    )


def test_faults_of_several_files_come_together_in_the_order_of_the_files() -> None:
    found = faults(replace(DOCUMENTS[1], name="z.yaml"), replace(DOCUMENTS[1], name="a.yaml"))
    assert [fault.file for fault in found] == ["z.yaml"] * 6 + ["a.yaml"] * 7


def test_a_loop_without_a_way_round_is_refused_and_its_topics_are_named() -> None:
    text = BAKER.replace("- any: [flour, sourdough-bread]", "- any: [sourdough-bread]")
    with pytest.raises(Unlearnable) as caught:
        plan(NOTHING, [parse(text.encode(), name="baker.yaml"), DOCUMENTS[1]])
    assert [sorted(group) for group in caught.value.blocking] == [["sourdough-bread", "wild-yeast"]]


def test_a_loop_through_what_is_there_already_is_refused() -> None:
    before = Catalogue(MappingProxyType({"a": topic("a"), "b": topic("b", Requirement(("a",)))}))
    looped = Document("r.yaml", roadmap("r"), (Definition(topic("a", Requirement(("b",)))),))
    with pytest.raises(Unlearnable):
        plan(before, [looped])


def test_two_catalogues_can_be_compared_without_documents() -> None:
    change = changed(CATALOGUE, NOTHING)
    assert change.roadmaps.removed == ("baker", "pizzaiolo")
    assert not change.empty
    assert changed(CATALOGUE, Catalogue(dict(CATALOGUE.topics), dict(CATALOGUE.roadmaps))).empty


def documents(catalogue: Catalogue) -> list[Document]:
    topics = list(catalogue.topics.values())
    return [document(plan_, topics, name=f"{slug}.yaml") for slug, plan_ in catalogue.roadmaps.items()]


def imported(before: Catalogue, after: Catalogue, *, prune: bool) -> Change | None:
    try:
        return plan(before, documents(after), prune=prune)
    except Unlearnable:
        return None


@given(catalogues(), catalogues(), st.booleans())
@settings(deadline=None, max_examples=60)
def test_importing_the_same_documents_again_writes_nothing(
    before: Catalogue, after: Catalogue, prune: bool
) -> None:
    if change := imported(before, after, prune=prune):
        again = plan(change.after, documents(after), prune=prune)
        assert again.empty
        assert again.after == change.after
        assert not (prune and again.unnamed)


@given(catalogues(), catalogues(), st.booleans())
@settings(deadline=None, max_examples=60)
def test_no_mention_is_left_without_its_topic(before: Catalogue, after: Catalogue, prune: bool) -> None:
    if change := imported(before, after, prune=prune):
        topics = change.after.topics
        mentioned = {slug for plan_ in change.after.roadmaps.values() for slug, _ in plan_.placed()}
        for found in topics.values():
            mentioned |= {slug for group in found.requires for slug in group.of}
            mentioned |= {item.topic for item in found.recommends}
        assert mentioned <= topics.keys()
        assert all(topics[slug] == found for slug, found in after.topics.items() if after.roadmaps)


@given(catalogues(), catalogues())
@settings(deadline=None, max_examples=60)
def test_without_pruning_nothing_is_ever_removed(before: Catalogue, after: Catalogue) -> None:
    if change := imported(before, after, prune=False):
        assert not change.topics.removed
        assert not change.roadmaps.removed
        for slug, former in before.roadmaps.items():
            placed = [topic for topic, _ in change.after.roadmaps[slug].placed()]
            assert {topic for topic, _ in former.placed()} <= set(placed)
            assert len(placed) == len(set(placed))


def test_thousands_of_topics_are_planned_within_a_second() -> None:
    topics = {"t0": topic("t0"), "t1": topic("t1")}
    for number in range(2, 4_113):
        either = tuple(sorted({f"t{number // 2}", f"t{number - 1}"}))
        topics[f"t{number}"] = topic(f"t{number}", Requirement(either))
    many = document(roadmap("r", *topics), list(topics.values()), name="r.yaml")
    with within(1):
        change = plan(NOTHING, [many])
        assert plan(change.after, [many], prune=True).empty


def test_the_example_avoids_its_loop_and_differs_in_what_is_optional() -> None:
    assert set(FILES) == {"baker.yaml", "pizzaiolo.yaml"}
    placed = {slug: dict(plan_.placed()) for slug, plan_ in CATALOGUE.roadmaps.items()}
    assert (placed["baker"]["wild-yeast"], placed["pizzaiolo"]["wild-yeast"]) == (False, True)
    assert "hygiene" not in placed["baker"] | placed["pizzaiolo"]
