"""DOT pictures: a little parser reads them, and Graphviz where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from graph_api.formats.dot import dot
from graph_api.knowledge.model import Recommendation, Requirement, Topic

STRING = r'"(?:[^"\\]|\\.)*"'
ATTRIBUTE = rf"\w+=(?:{STRING}|\w+)"
STATEMENT = re.compile(rf"  ({STRING})(?: -> ({STRING}))?(?: \[({ATTRIBUTE}(?:, {ATTRIBUTE})*)\])?;")

TITLES = [
    'He said "hi"',
    "back\\slash \\n \\N",
    "a\nb\tc",
    "<b>bold</b> &amp; more",
    "Ünïcödé 学",
    "end",
    "",
    '"];x->y[',
]
TOPICS = [
    *(Topic(f"t-{number}", title) for number, title in enumerate(TITLES)),
    Topic(
        "goal",
        "Goal",
        requires=(Requirement(("t-0", "t-1")), Requirement(("t-1", "t-2", "t-3"), 2), Requirement(("far",))),
        recommends=(Recommendation("t-4"), Recommendation("nowhere")),
    ),
]


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def parsed(text: str) -> tuple[dict[str, dict[str, str]], dict[tuple[str, str], dict[str, str]]]:
    """Nodes and arrows with their attributes; every line must be a statement."""
    lines = text.splitlines()
    assert lines[0] == "digraph roadmap {"
    assert lines[-1] == "}"
    nodes: dict[str, dict[str, str]] = {}
    arrows: dict[tuple[str, str], dict[str, str]] = {}
    for line in lines[3:-1]:
        found = STATEMENT.fullmatch(line)
        assert found, line
        pairs = re.findall(rf"(\w+)=({STRING}|\w+)", found[3] or "")
        attributes = {name: unquoted(value) if value.startswith('"') else value for name, value in pairs}
        if found[2]:
            arrows[unquoted(found[1]), unquoted(found[2])] = attributes
        else:
            nodes[unquoted(found[1])] = attributes
    return nodes, arrows


def test_every_title_comes_back_on_one_line() -> None:
    nodes, _ = parsed(dot(TOPICS))
    for number, title in enumerate(TITLES):
        label = nodes[f"t-{number}"]["label"].replace("&amp;", "&")
        assert label == title.replace("\n", " ").replace("\t", " ")


def test_choices_are_diamonds_plain_requirements_arrows_and_recommendations_dotted() -> None:
    nodes, arrows = parsed(dot(TOPICS))
    assert [nodes[f"goal {number}"]["label"] for number in (0, 1)] == ["or", "2 of 3"]
    assert {one for one, two in arrows if two == "goal 1"} == {"t-1", "t-2", "t-3"}
    assert ("goal 0", "goal") in arrows
    assert arrows["far", "goal"] == {}
    assert arrows["t-4", "goal"]["style"] == "dotted"
    assert "nowhere" not in nodes
    assert nodes["far"]["label"] == "far"


def test_states_path_and_optional_topics_look_different() -> None:
    states = {"t-0": "KNOWN", "t-1": "READY", "t-2": "BLOCKED", "t-3": "UNLEARNABLE", "t-4": "ODD"}
    nodes, _ = parsed(dot(TOPICS, states=states, on_path=["t-1"], optional=["t-2"]))
    assert len({nodes[f"t-{number}"].get("fillcolor") for number in range(5)}) == 5
    assert nodes["t-1"]["penwidth"] == "3"
    assert nodes["t-2"]["style"] == "rounded,filled,dashed"
    assert "fillcolor" not in nodes["t-4"]


def test_the_order_of_topics_does_not_matter() -> None:
    assert dot(TOPICS) == dot(reversed(TOPICS))


def test_nothing_is_an_empty_picture() -> None:
    assert parsed(dot([])) == ({}, {})


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_reads_it() -> None:
    text = dot(TOPICS, states={"t-0": "KNOWN"}, on_path=["t-1"], optional=["t-2"])
    drawn = subprocess.run(["dot", "-Tsvg"], input=text, text=True, capture_output=True, check=True)
    assert drawn.stdout.count('class="node"') == len(TOPICS) + 3
    assert not drawn.stderr
