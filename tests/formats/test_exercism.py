"""An Exercism track becomes a roadmap: concepts, and the exercises that teach them as their requirements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_api.errors import InvalidDocument, Unlearnable
from graph_api.formats import roadmap1
from graph_api.formats.exercism import parse
from graph_api.formats.reading import Reading
from graph_api.knowledge.change import Reference, plan
from graph_api.knowledge.model import Catalogue, Placement, Recommendation, Requirement, Resource, Topic

NAMES: Final = "abcde"
STATES: Final = [frozenset(state) for size in range(6) for state in combinations(NAMES, size)]


def exercise(slug: str, concepts: Iterable[str], prerequisites: Iterable[str] = (), **other: Any) -> Any:
    taught, needed = list(concepts), list(prerequisites)
    return {"slug": slug, "name": slug.title(), "concepts": taught, "prerequisites": needed, **other}


def practice(slug: str, practices: Iterable[str], prerequisites: Iterable[str] = (), **other: Any) -> Any:
    practised, needed = list(practices), list(prerequisites)
    return {"slug": slug, "name": slug.title(), "practices": practised, "prerequisites": needed, **other}


def track(
    concepts: Iterable[str], teaching: Sequence[Any], practising: Sequence[Any] = (), /, **other: Any
) -> bytes:
    """A config, indented: each value has a line of its own."""
    config = {
        "language": "Rust",
        "slug": "rust",
        "blurb": "A language.",
        "concepts": [{"slug": each, "name": each.upper()} for each in concepts],
        "exercises": {"concept": teaching, "practice": practising},
        **other,
    }
    return json.dumps(config, indent=1).encode()


def read(data: bytes, **options: bool) -> Reading:
    return parse(data, name="config.json", **options)


def topics(reading: Reading) -> dict[str, Topic]:
    return {topic.slug: topic for topic in reading.document.topics}


def required(reading: Reading, concept: str) -> tuple[Requirement, ...]:
    return topics(reading)[f"rust-{concept}"].requires


def said(reading: Reading, kind: str) -> list[str]:
    return [note.message for note in reading.notes if note.kind == kind]


def faults(data: bytes, **options: bool) -> list[str]:
    with pytest.raises(InvalidDocument) as caught:
        read(data, **options)
    return [str(fault) for fault in caught.value.faults]


def group(*concepts: str) -> Requirement:
    return Requirement(tuple(f"rust-{concept}" for concept in concepts))


def test_the_track_is_the_roadmap_and_its_concepts_are_topics() -> None:
    reading = read(track("ab", [exercise("one", "a"), exercise("two", "b", "a")]))
    roadmap = reading.document.roadmap
    assert (roadmap.slug, roadmap.title, roadmap.summary) == ("rust", "Rust", "A language.")
    assert [section.slug for section in roadmap.sections] == ["concepts"]
    assert roadmap.sections[0].placements == (Placement("rust-a"), Placement("rust-b"))
    assert topics(reading)["rust-b"] == Topic(
        "rust-b",
        "B",
        resources=(
            Resource("https://exercism.org/tracks/rust/concepts/b", "B", "docs"),
            Resource("https://exercism.org/tracks/rust/exercises/two", "Two", "course"),
        ),
        requires=(group("a"),),
    )
    assert reading.document.line == 3
    assert reading.notes == ()


def test_exercises_that_teach_the_same_concept_are_alternatives() -> None:
    ways = [exercise("one", "ab"), exercise("two", "c", "a"), exercise("three", "c", "b")]
    assert required(read(track("abc", ways)), "c") == (group("a", "b"),)


def test_an_exercise_without_prerequisites_makes_its_concepts_free() -> None:
    ways = [exercise("one", "ab"), exercise("two", "c", "ab"), exercise("three", "c")]
    assert required(read(track("abc", ways)), "c") == ()


def test_an_exercise_that_requires_what_it_teaches_is_no_way_to_come_to_know_it() -> None:
    ways = [exercise("one", "a"), exercise("two", "bc", "ab"), exercise("three", "b", "a")]
    reading = read(track("abc", ways))
    assert required(reading, "b") == (group("a"),)
    assert required(reading, "c") == (group("a"), group("b"))
    assert said(reading, "circular") == [
        'The exercise "two" requires what it teaches, and so is no way to come to know it: "b".'
    ]


def test_deprecated_exercises_teach_nothing_and_are_told() -> None:
    ways = [exercise("one", "a"), exercise("old", "b", "a", status="deprecated")]
    for options in ({}, {"include_wip": True}):
        reading = read(track("ab", ways), **options)
        assert required(reading, "b") == ()
        assert said(reading, "deprecated") == ['The exercise "old" is left out, as it is deprecated.']
        assert said(reading, "untaught") == ['No exercise in use teaches "b"; it requires nothing.']


def test_exercises_in_the_making_count_when_asked_for() -> None:
    data = track("ab", [exercise("one", "a", status="beta"), exercise("new", "b", "a", status="wip")])
    assert required(read(data), "b") == ()
    assert "--include-wip" in said(read(data), "wip")[0]
    reading = read(data, include_wip=True)
    assert required(reading, "b") == (group("a"),)
    assert topics(reading)["rust-b"].resources == ()
    assert reading.notes == ()


def test_untaught_concepts_stand_aside_unless_an_exercise_requires_them() -> None:
    reading = read(track("dcab", [exercise("one", "b", "ac"), exercise("two", "a")]))
    concepts, more = reading.document.roadmap.sections
    assert [at.topic for at in concepts.placements] == ["rust-c", "rust-a", "rust-b"]
    assert (more.optional, more.placements) == (True, (Placement("rust-d"),))


def test_names_of_no_concept_dangle_with_their_places_and_may_become_stubs() -> None:
    data = track(["loops"], [exercise("one", ["loops", "maps"], ["lops"])])
    document = read(data).document
    assert document.references == (
        Reference("rust-lops", "requirement", 21, "exercises.concept[0].prerequisites[0]"),
        Reference("rust-maps", "placement", 18, "exercises.concept[0].concepts[1]"),
    )
    with pytest.raises(InvalidDocument) as caught:
        plan(Catalogue(), [document])
    assert [fault.suggestion for fault in caught.value.faults][1] == "rust-loops"
    change = plan(Catalogue(), [document], stubs=True)
    assert change.stubs == ("rust-lops", "rust-maps")
    assert "a stub of it requires nothing" in said(read(data), "undeclared")[0]


def test_names_that_dangle_in_what_is_left_out_are_told() -> None:
    ways = [exercise("one", "a"), exercise("new", "x", "y", status="wip")]
    reading = read(track("a", ways, [practice("p", "z")]))
    assert reading.document.references == ()
    assert said(reading, "undeclared") == [
        'The exercise "new" names what no concept is called: "y", "x".',
        'The exercise "p" names what no concept is called: "z".',
    ]


def test_practice_exercises_are_optional_topics_on_request() -> None:
    kinds = [
        practice("a", "b", "a", difficulty=3, topics=["text_formatting", "Text formatting"]),
        practice("old", "a", status="deprecated"),
    ]
    data = track("ab", [exercise("one", "ab")], kinds)
    assert said(read(data), "practice") == ["2 practice exercises are left out; --practice takes them in."]
    reading = read(data, practice=True)
    assert topics(reading)["rust-practice-a"] == Topic(
        "rust-practice-a",
        "A",
        tags=("difficulty-3", "text-formatting"),
        resources=(Resource("https://exercism.org/tracks/rust/exercises/a", "A", "course"),),
        requires=(group("a"),),
        recommends=(Recommendation("rust-b"),),
    )
    section = reading.document.roadmap.sections[-1]
    assert section.placements == (Placement("rust-practice-a", optional=True),)
    assert "rust-practice-old" not in topics(reading)


def test_what_a_roadmap_cannot_say_is_told_in_brief() -> None:
    concepts = [{"slug": "a", "name": "A", "uuid": "1"}, {"slug": "b", "name": "B", "uuid": "2"}]
    ways = {"concept": [exercise("one", "ab")], "foregone": ["x", "y"]}
    data = track("", [], concepts=concepts, exercises=ways, version=3, active=False, tags=["x"], files={})
    assert said(read(data), "left out") == [
        'Keys of the track are left out: "tags", "files".',
        "The track is not active, which a roadmap cannot say.",
        'The 2 exercises of the kind "foregone" are left out.',
        'Keys of concepts and exercises are left out: "uuid".',
    ]


def test_all_faults_of_a_track_are_told_at_once_with_their_lines() -> None:
    ways = [exercise("one", "a", status="actve"), {"slug": "two", "concepts": "a"}]
    assert faults(track("a", ways, slug=7)) == [
        "config.json:3: slug: Text is needed here, not the number 7.",
        'config.json:20: exercises.concept[0].status: "actve" is not known here; '
        "there are 'active', 'beta', 'wip' or 'deprecated'. Did you mean active?",
        'config.json:22: exercises.concept[1].name: The key "name" is missing here.',
        'config.json:24: exercises.concept[1].concepts: A list is needed here, not "a".',
    ]


def test_one_slug_for_two_concepts_or_exercises_is_a_fault() -> None:
    data = track("aba", [exercise("one", "a"), exercise("one", "b")], [practice("one", "a")])
    assert faults(data) == [
        'config.json:15: concepts[2].slug: "a" is there already, on line 7.',
        'config.json:30: exercises.concept[1].slug: "one" is there already, on line 22.',
    ]


def test_concepts_whose_slugs_would_be_one_are_two_topics() -> None:
    reading = read(track(["a b", "a_b"], [exercise("one", ["a_b"], ["a b"])]))
    assert [*topics(reading)] == ["rust-a-b", "rust-a-b-2"]
    assert topics(reading)["rust-a-b-2"].requires == (group("a-b"),)


def test_concepts_that_wait_for_each_other_are_refused_as_in_any_roadmap() -> None:
    document = read(track("ab", [exercise("one", "a", "b"), exercise("two", "b", "a")])).document
    with pytest.raises(Unlearnable, match="rust-a and rust-b"):
        plan(Catalogue(), [document])


def test_what_is_read_is_exported_and_read_back_the_same() -> None:
    ways = [exercise("one", "ab"), exercise("two", "c", "ab"), exercise("three", "c", "b")]
    kinds = [practice("p", "c", "a", difficulty=2, topics=["loops"])]
    document = read(track("abcd", ways, kinds), practice=True).document
    data = roadmap1.dump(document.roadmap, {topic.slug: topic for topic in document.topics})
    again = roadmap1.parse(data, name="rust.yaml")
    assert again.roadmap == document.roadmap
    assert {topic.slug: topic for topic in again.topics} == {topic.slug: topic for topic in document.topics}


def exercises() -> st.SearchStrategy[list[Any]]:
    names = st.lists(st.sampled_from(NAMES), max_size=3)
    status = st.sampled_from(["active", "beta", "wip", "deprecated"])
    one = st.builds(
        lambda taught, needed, status: exercise("x", taught, needed, status=status), names, names, status
    )
    return st.lists(one, max_size=6).map(
        lambda found: [{**each, "slug": f"e{number}"} for number, each in enumerate(found)]
    )


@given(exercises(), st.booleans())
@settings(max_examples=50)
def test_a_concept_is_learnable_just_when_an_exercise_in_use_teaches_it_and_its_prerequisites_are_known(
    ways: list[Any], include_wip: bool
) -> None:
    used = {"active", "beta", "wip"} if include_wip else {"active", "beta"}
    reading = read(track(NAMES, ways), include_wip=include_wip)
    free = said(reading, "untaught")
    for concept in NAMES:
        teaching = [
            set(each["prerequisites"])
            for each in ways
            if each["status"] in used and concept in each["concepts"] and concept not in each["prerequisites"]
        ]
        untaught = f'No exercise in use teaches "{concept}"; it requires nothing.' in free
        assert untaught is not bool(teaching)
        for state in STATES:
            known = {f"rust-{name}" for name in state}
            met = all(len(known & {*each.of}) >= each.need for each in required(reading, concept))
            assert met is (untaught or any(needed <= state for needed in teaching))
