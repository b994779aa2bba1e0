"""Slugs of other systems' titles and codes: legal, each key its own, and quickly made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_api.formats.slugs import Slugs, slug_of
from graph_api.knowledge.model import SLUG, SLUG_LENGTH
from tests.pace import within


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("MATH 1020", "math-1020"),
        ("MATH-1020", "math-1020"),
        ("Bayes' rule", "bayes-rule"),
        ("Übung: Café", "ubung-cafe"),
        ("a" * 90, "a" * 80),
        ("a" * 79 + " b", "a" * 79),
        ("山", ""),
    ],
)
def test_a_text_suggests_a_slug(text: str, slug: str) -> None:
    assert slug_of(text) == slug


def test_a_second_key_of_the_same_text_gets_the_next_number_that_is_free() -> None:
    slugs = Slugs()
    assert [slugs.of(key) for key in ("C", "C 2", "C#", "C++", "C", "山")] == [
        "c",
        "c-2",
        "c-3",
        "c-4",
        "c",
        "topic",
    ]


@given(
    st.lists(st.text(alphabet="aB -2é山", max_size=6).map(lambda text: "x" * 76 + text) | st.text(max_size=4))
)
def test_all_slugs_are_legal_and_each_key_has_its_own(keys: list[str]) -> None:
    slugs = Slugs()
    found = {key: slugs.of(key) for key in keys}
    assert len({*found.values()}) == len(found)
    assert all(SLUG.fullmatch(slug) and len(slug) <= SLUG_LENGTH for slug in found.values())
    assert found == {key: slugs.of(key) for key in keys}


@pytest.mark.parametrize("stem", ["c", "c" * 90])
def test_very_many_keys_of_one_text_take_no_time(stem: str) -> None:
    slugs = Slugs()
    with within(0.5):
        assert len({slugs.of(str(number), stem) for number in range(5_000)}) == 5_000
