"""JSON of others: bounded before any value is made, and every fault where the file has it."""

from __future__ import annotations

from typing import Literal

import pytest

from graph_api.errors import InvalidDocument
from graph_api.formats.plain_json import MAX_QUOTED, MAX_VALUES, Keys, load, quoted, validated
from tests.pace import within


class Shape(Keys):
    kind: Literal["tea", "coffee"]
    cups: int


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'"' + b'\\"' * 1_000_000, "This is not valid JSON"),
        (b'"' * 1_000_001, f"more than {MAX_VALUES:,} values"),
        (b"[" + b"1," * MAX_VALUES + b"1]", f"more than {MAX_VALUES:,} values"),
        (b'["' + b",:[{" * 1_000_000 + b'"', "This is not valid JSON"),
    ],
    ids=["escaped quotes", "quotes", "numbers", "signs in a text"],
)
def test_text_that_never_ends_or_holds_too_much_is_refused_at_once(data: bytes, said: str) -> None:
    with within(1), pytest.raises(InvalidDocument, match=said):
        load(data, name="x.json")


def test_the_name_of_a_file_does_not_make_it_json() -> None:
    with pytest.raises(InvalidDocument, match=r"^1 fault: notes.yaml:1: This is not valid JSON"):
        load(b"a: b", name="notes.yaml")


def test_keys_that_stand_twice_are_faults() -> None:
    with pytest.raises(InvalidDocument, match='The key "a" stands twice here, first on line 1'):
        load(b'{"a": 1,\n"a": 2}', name="x.json")


def test_values_in_their_shape_keep_what_the_shape_does_not_know() -> None:
    shape = validated(load(b'{"kind": "tea", "cups": 2, "milk": true}', name="x.json"), Shape)
    assert (shape.kind, shape.cups, shape.others) == ("tea", 2, {"milk": True})


def test_every_fault_of_a_shape_is_told_with_its_line() -> None:
    with pytest.raises(InvalidDocument) as caught:
        validated(load(b'{\n"cups": "two",\n"kind": "cofee"}', name="x.json"), Shape)
    assert [str(fault) for fault in caught.value.faults] == [
        'x.json:2: cups: A whole number is needed here, not "two".',
        "x.json:3: kind: \"cofee\" is not known here; there are 'tea' or 'coffee'. Did you mean coffee?",
    ]


def test_words_are_quoted_once_each_and_as_many_as_a_person_reads() -> None:
    assert quoted(["a", "b", "a"]) == '"a", "b"'
    assert quoted(map(str, range(MAX_QUOTED + 2))).endswith('"9" and 2 more')
