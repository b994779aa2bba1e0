"""Mermaid pictures keep to a small part of the flowchart language, whatever the titles hold.

That Mermaid's own parser takes such text was tried by hand with version 11 (`mermaid.parse`).
"""

from __future__ import annotations

import re

import pytest

from graph_api.formats.mermaid import mermaid
from graph_api.knowledge.model import Requirement, Topic
from tests.formats.test_dot import TOPICS

LINE = re.compile(
    r'  (t\d+\["[^"]+"\]|g\d+\{"(or|\d+ of \d+)"\}|t\d+ --- g\d+|g\d+ --> t\d+|t\d+ (-->|-\.->) t\d+'
    r"|classDef \w+ [\w#:, -]+|class t\d+(,t\d+)* \w+)"
)


def lines_of(text: str) -> list[str]:
    first, *rest = text.splitlines()
    assert first == "flowchart LR"
    for line in rest:
        assert LINE.fullmatch(line), line
    return rest


def label_of(title: str) -> str:
    (line,) = lines_of(mermaid([Topic("one", title)]))
    return line.removeprefix('  t0["').removesuffix('"]')


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("Node.js (LTS)", "Node.js (LTS)"),
        ('say "hi"', "say #34;hi#34;"),
        ("C#; &amp;", "C#35;#59; #38;amp#59;"),
        ("<b>[x]{y}|`z`", "#60;b#62;#91;x#93;#123;y#125;#124;#96;z#96;"),
        ("1. One", "#49;. One"),
        ("- dash", "#45; dash"),
        ("a\r\nb\u2028c", "a b c"),
        ("%% note", "#37;#37; note"),
        ("Ünïcödé 学", "Ünïcödé 学"),
        ("end", "end"),
        ("", " "),
    ],
)
def test_what_mermaid_reads_as_its_own_is_escaped(title: str, label: str) -> None:
    assert label_of(title) == label


def test_slugs_that_are_words_of_mermaid_are_no_identifiers() -> None:
    words = ["class", "end", "graph", "style", "subgraph"]
    text = mermaid(
        [Topic("goal", "Goal", requires=(Requirement(tuple(words)),)), *(Topic(w, w) for w in words)]
    )
    assert len(lines_of(text)) == 6 + 1 + 5 + 1


def test_choices_states_paths_and_optional_topics_are_shown() -> None:
    lines = lines_of(
        mermaid(TOPICS, states={"t-0": "KNOWN", "t-1": "READY"}, on_path=["t-1"], optional=["goal"])
    )
    nodes = {line.split('["')[0].strip(): line.split('["')[1][:-2] for line in lines if '["' in line}
    goal = next(name for name, label in nodes.items() if label == "Goal")
    assert f"  g0 --> {goal}" in lines
    assert sum(line.endswith("--- g1") for line in lines) == 3
    assert sum("-.->" in line for line in lines) == 1
    assert f"  class {goal} optional" in lines
    assert {line.split()[2] for line in lines if line.startswith("  class ")} == {
        "known",
        "ready",
        "onPath",
        "optional",
        "elsewhere",
    }


def test_the_order_of_topics_does_not_matter() -> None:
    assert mermaid(TOPICS) == mermaid(reversed(TOPICS))


def test_nothing_is_an_empty_picture() -> None:
    assert lines_of(mermaid([])) == []
