"""The normal forms of one file together: an amount of work, and one fault where it runs out."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest

from graph_api.errors import InvalidDocument, InvalidRequirement
from graph_api.formats import exercism, quatalog, roadmap1
from graph_api.knowledge.requirement import (
    Allowance,
    AtLeast,
    Expression,
    all_of,
    any_of,
    combine,
    normal_form,
)
from tests.pace import within

SECONDS = 2.0
SAID = "The requirements up to here are too much work to bring into normal form; say them simpler."


@pytest.fixture(autouse=True)
def uncollected() -> Iterator[None]:
    """What is timed is the reading, and not a look through all that thousands of other tests have left."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def pairs(count: int) -> Expression:
    return any_of(*(all_of(f"a{number}", f"b{number}") for number in range(count)))


def test_normal_forms_that_share_an_allowance_share_its_work() -> None:
    allowance = Allowance(200_000)

    def make(count: int) -> None:
        for _ in range(count):
            normal_form(pairs(8), allowance=allowance)

    make(2)
    assert not allowance.spent
    with pytest.raises(InvalidRequirement, match=SAID):
        make(20)
    assert allowance.spent
    assert len(normal_form(pairs(8))) == 256


def test_combining_takes_from_the_allowance_too() -> None:
    groups = normal_form(pairs(7))
    with pytest.raises(InvalidRequirement, match=SAID):
        combine(groups, allowance=Allowance(1_000))
    assert combine(groups, allowance=Allowance()) == groups


def test_wide_groups_are_bounded_as_well() -> None:
    wide = any_of(
        *(
            all_of(*(AtLeast(1, tuple(f"{part}-{row}-{place}" for place in range(900))) for row in range(16)))
            for part in "ab"
        )
    )
    with within(SECONDS), pytest.raises(InvalidRequirement):
        normal_form(wide)


def roadmap(topics: int) -> bytes:
    """A roadmap of topics each of which takes a hundredth of a second."""
    requires = [{"any": [{"all": [f"a{number}", f"b{number}"]} for number in range(8)]}]
    defined = [{"slug": f"t{number}", "title": "T", "requires": requires} for number in range(topics)]
    return json.dumps(
        {"format": "roadmap/1", "slug": "r", "title": "R", "sections": [], "topics": defined}
    ).encode()


def track(concepts: int) -> bytes:
    names = [f"c{number}" for number in range(concepts)]
    ways: list[Any] = [
        {"slug": f"e{number}", "name": "E", "concepts": names, "prerequisites": [f"a{number}", f"b{number}"]}
        for number in range(8)
    ]
    declared = [{"slug": name, "name": name} for name in names]
    return json.dumps(
        {"language": "L", "slug": "l", "concepts": declared, "exercises": {"concept": ways}}
    ).encode()


def wide_track() -> bytes:
    """Each of a thousand concepts is taught by every exercise, and each of those requires a thousand."""
    names = [f"c{number}" for number in range(2_000)]
    ways: list[Any] = [
        {"slug": f"e{number}", "name": "E", "concepts": names[:1_000], "prerequisites": names[1_000:]}
        for number in range(20)
    ]
    declared = [{"slug": name, "name": name} for name in names]
    return json.dumps(
        {"language": "L", "slug": "l", "concepts": declared, "exercises": {"concept": ways}}
    ).encode()


def courses(count: int) -> bytes:
    pairs_: list[Any] = [
        {"type": "and", "nested": [{"type": "course", "course": f"{letter} {number}"} for letter in "AB"]}
        for number in range(8)
    ]
    required = {"prerequisites": {"type": "or", "nested": pairs_}}
    return json.dumps({f"C-{number}": required for number in range(count)}).encode()


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (roadmap1.parse, roadmap(100)),
        (exercism.parse, track(100)),
        (quatalog.parse, courses(100)),
    ],
    ids=["roadmap/1", "exercism", "quatalog"],
)
def test_a_file_of_many_expensive_requirements_has_one_fault_in_two_seconds(read: Any, data: bytes) -> None:
    with within(SECONDS), pytest.raises(InvalidDocument) as caught:
        read(data, name="x.json")
    [fault] = caught.value.faults
    assert SAID in fault.message
    assert fault.line
    assert fault.path


def test_exercises_that_teach_and_require_very_much_are_refused_in_two_seconds() -> None:
    data = wide_track()
    with within(SECONDS), pytest.raises(InvalidDocument) as caught:
        exercism.parse(data, name="x.json")
    assert "more than 256 groups" in caught.value.faults[0].message
    assert SAID in caught.value.faults[-1].message


def test_a_file_of_many_cheap_requirements_is_read() -> None:
    assert len(exercism.parse(track(3), name="x.json").document.topics) == 3
    assert len(quatalog.parse(courses(3), name="x.json").document.topics) == 3
    assert len(roadmap1.parse(roadmap(3), name="x.json").topics) == 3
