"""The courses of a university become a roadmap, with what they require in normal form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graph_api.errors import InvalidDocument
from graph_api.formats import roadmap1
from graph_api.formats.quatalog import TOGETHER, parse
from graph_api.formats.reading import Reading
from graph_api.knowledge.change import Reference, plan
from graph_api.knowledge.model import Catalogue, Placement, Recommendation, Requirement, Topic


def course(code: str, grade: str | None = None) -> Any:
    return {"course": code, "type": "course"} | ({} if grade is None else {"min_grade": grade})


def both(*nested: Any) -> Any:
    return {"type": "and", "nested": nested}


def either(*nested: Any) -> Any:
    return {"type": "or", "nested": nested}


def listing(prerequisites: Any = None, **other: Any) -> Any:
    empty: dict[str, Any] = {"attributes": [], "corequisites": None, "cross_listings": None}
    return {**empty, "prerequisites": prerequisites, **other}


def read(**courses: Any) -> Reading:
    """The reading of courses whose codes are written with an underscore for a hyphen."""
    return parse(file(**courses), name="prerequisites.json")


def file(**courses: Any) -> bytes:
    return json.dumps({code.replace("_", "-"): each for code, each in courses.items()}, indent=1).encode()


def faults(data: bytes) -> list[str]:
    with pytest.raises(InvalidDocument) as caught:
        parse(data, name="p.json")
    return [str(fault) for fault in caught.value.faults]


def topics(reading: Reading) -> dict[str, Topic]:
    return {topic.slug: topic for topic in reading.document.topics}


def said(reading: Reading, kind: str) -> list[str]:
    return [note.message for note in reading.notes if note.kind == kind]


def test_courses_are_topics_in_sections_of_their_subjects() -> None:
    reading = read(MATH_1010=listing(), CSCI_1100=listing(), MATH_1020=listing(course("MATH 1010")))
    roadmap = reading.document.roadmap
    assert (roadmap.slug, roadmap.title) == ("courses", "Courses")
    named = [(section.slug, section.title) for section in roadmap.sections]
    assert named == [("math", "MATH"), ("csci", "CSCI")]
    assert roadmap.sections[0].placements == (Placement("math-1010"), Placement("math-1020"))
    assert topics(reading)["math-1020"] == Topic(
        "math-1020", "MATH 1020", requires=(Requirement(("math-1010",)),)
    )
    assert reading.notes == ()


def test_slug_and_title_of_the_roadmap_can_be_given() -> None:
    roadmap = parse(file(A_1=listing()), name="p.json", slug="rpi", title="RPI").document.roadmap
    assert (roadmap.slug, roadmap.title) == ("rpi", "RPI")


def test_nested_requirements_are_read_in_normal_form() -> None:
    nested = both(course("A 1"), either(course("A-2"), both(course("A 3"), course("A 4"))))
    reading = read(**{f"A_{number}": listing() for number in range(1, 5)}, B_1=listing(nested))
    assert topics(reading)["b-1"].requires == (
        Requirement(("a-1",)),
        Requirement(("a-2", "a-3")),
        Requirement(("a-2", "a-4")),
    )


def test_courses_that_are_not_in_the_file_are_references_in_their_sections() -> None:
    document = read(A_1=listing(either(course("B 1"), course("B-1"))), B_2=listing(course("A 1"))).document
    at = "A-1.prerequisites.nested"
    assert document.references == (
        Reference("b-1", "requirement", 10, f"{at}[0].course"),
        Reference("b-1", "requirement", 14, f"{at}[1].course"),
    )
    assert [at.topic for at in document.roadmap.sections[1].placements] == ["b-2", "b-1"]
    assert plan(Catalogue(), [document], stubs=True).stubs == ("b-1",)


def test_courses_that_are_not_in_the_file_are_told() -> None:
    reading = read(A_1=listing(either(course("B 1"), course("B-1"))), A_2=listing(course("B 2")))
    assert said(reading, "unknown") == [
        'The course "B 1" is not in the file, which names it 2 times; a stub stands for it.',
        'The course "B 2" is not in the file, which names it once; a stub stands for it.',
    ]


def test_corequisites_are_recommended_unless_they_are_required() -> None:
    reading = read(
        A_1=listing(course("A 2"), corequisites=["A-2", "A-3", "A 3", "A-1"]), A_2=listing(), A_3=listing()
    )
    assert topics(reading)["a-1"].recommends == (Recommendation("a-3", TOGETHER),)
    assert "corequisites became recommendations" in said(reading, "read otherwise")[0]


def test_attributes_become_tags_and_cross_listings_are_told_in_the_summary() -> None:
    reading = read(
        A_1=listing(attributes=["HASS Inquiry", "HASS Inquiry"], cross_listings=["A-1", "B-1", "C 1"])
    )
    assert topics(reading)["a-1"].tags == ("hass-inquiry",)
    assert topics(reading)["a-1"].summary == "Also listed as B 1, C 1."
    assert len(said(reading, "read otherwise")) == 2


def test_grades_and_unknown_keys_are_left_out_and_told() -> None:
    nested = both(course("A 1", "C-"), course("A 2", "C-"), course("A 3", "D"))
    reading = read(**{f"A_{number}": listing() for number in range(1, 4)}, B_1=listing(nested, credits=4))
    assert said(reading, "grade") == [
        '3 lowest grades are left out, since a topic is known or it is not: "C-" 2 times, "D" once.'
    ]
    assert said(reading, "left out") == ['Keys of courses are left out: "credits".']


def test_what_is_read_is_exported_and_read_back_the_same() -> None:
    reading = read(
        A_1=listing(attributes=["Capstone"], cross_listings=["B-1"]),
        B_1=listing(either(course("A 1"), both(course("C 1"), course("C 2"))), corequisites=["C-3"]),
        **{f"C_{number}": listing() for number in range(1, 4)},
    )
    roadmap = reading.document.roadmap
    again = roadmap1.parse(roadmap1.dump(roadmap, topics(reading)), name="courses.yaml")
    assert again.roadmap == roadmap
    assert {topic.slug: topic for topic in again.topics} == topics(reading)


def test_codes_that_could_be_no_title_are_faults() -> None:
    assert faults(json.dumps({"A\u0007": listing(), "B-1": listing(course("C\n1"))}, indent=1).encode()) == [
        "p.json:2: A\\x07: Character 2 is U+0007, which is no part of a text; leave it out.",
        "p.json:13: B-1.prerequisites.course: This must be one line, without tabs.",
    ]


def test_more_groups_than_a_topic_can_have_are_a_fault_of_the_course() -> None:
    pairs = [both(course(f"A {number}"), course(f"B {number}")) for number in range(9)]
    assert faults(file(C_1=listing(), C_2=listing(either(*pairs)))) == [
        "p.json:12: C-2.prerequisites: C 2: In normal form this requirement has more than 256 groups; "
        "say it more simply."
    ]


def test_all_faults_are_told_at_once_with_their_lines() -> None:
    data = file(
        A_1=listing(both(course("A 1"), {"type": "course"}, either())),
        A__1=listing(course("?")),
    )
    assert faults(data) == [
        'p.json:10: A-1.prerequisites.nested[0].course: The course "A 1" cannot rest on itself.',
        'p.json:13: A-1.prerequisites.nested[1]: The key "course" is missing here.',
        "p.json:16: A-1.prerequisites.nested[2]: A group of requirements is empty.",
        'p.json:23: A--1: "A--1" is the same course as "A-1".',
        'p.json:28: A--1.prerequisites.course: "?" is no code of a course.',
    ]


def test_what_is_no_requirement_is_a_fault_where_it_stands() -> None:
    assert faults(file(A_1=listing({"type": "xor", "nested": []}), A_2=listing(7), A_3=[])) == [
        "p.json:7: A-1.prerequisites.type: \"xor\" is not known here; there are 'course', 'and' or 'or'. "
        "Did you mean or?",
        "p.json:15: A-2.prerequisites: A mapping of keys is needed here, not the number 7.",
        "p.json:17: A-3: A mapping of keys is needed here, not a list.",
    ]
