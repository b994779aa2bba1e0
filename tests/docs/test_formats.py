"""The page of formats tells the truth: its examples are read, and its tables are those of the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import networkx
import pytest

from graph_api.formats import graphml, roadmap1
from graph_api.formats.dot import dot
from graph_api.formats.edges.rows import COLUMNS
from graph_api.formats.mermaid import mermaid
from graph_api.formats.reading import Reading
from graph_api.formats.registry import FORMATS, FormatName
from graph_api.formats.writing import Format
from graph_api.knowledge.change import plan
from graph_api.knowledge.model import Catalogue, Recommendation, Requirement, Topic
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
EXAMPLES: dict[FormatName, tuple[str, str]] = {
    "roadmap/1": ("roadmap/1", "x.yaml"),
    "exercism": ("Exercism", "config.json"),
    "metacademy": ("Metacademy", "graph_data.json"),
    "quatalog": ("Quatalog", "prerequisites.json"),
    "csv": ("CSV", "edges.csv"),
}


def example(section: str) -> str:
    found = re.search(r"```\w+\n(.*?)```", SECTIONS[section], re.DOTALL)
    assert found
    return found[1]


def read(name: FormatName) -> Reading:
    section, file = EXAMPLES[name]
    return FORMATS[name].read(example(section).encode(), name=file)


def topics(name: FormatName) -> dict[str, Topic]:
    return {topic.slug: topic for topic in read(name).document.topics}


@pytest.mark.parametrize("name", FORMATS)
def test_each_example_can_be_imported_and_written_as_our_own(name: FormatName) -> None:
    document = read(name).document
    after = plan(Catalogue(), [document], stubs=True).after
    written = roadmap1.dump(after.roadmaps[document.roadmap.slug], after.topics)
    assert roadmap1.parse(written, name="x.yaml").roadmap == document.roadmap


def test_the_table_names_every_format_and_whether_it_is_read_and_written() -> None:
    rows = re.findall(r"^\| `(\S+)` \| [^|]+ \| (yes)? *\| (yes)? *\|", PAGE, re.MULTILINE)
    assert {name for name, reads, _ in rows if reads} == set(FORMATS)
    assert {name for name, _, writes in rows if writes} == set(get_args(Format))
    assert {name.lower() for name in SECTIONS} == {name for name, _, _ in rows}


def test_exercism_is_read_as_the_page_says() -> None:
    assert topics("exercism")["baking-doughs"].requires == (Requirement(("baking-flour",)),)


def test_metacademy_is_read_as_the_page_says() -> None:
    topic = topics("metacademy")["bayesian-networks"]
    assert (topic.hours, topic.tags) == (1.25, ("probabilistic-graphical-models",))
    assert [resource.title for resource in topic.resources] == ["Pattern Recognition: Section 8.1"]
    assert topic.requires[0].reason == "Inference in a network applies the rule over and over."
    assert "All 1 records of graph.goal are left out." in {note.message for note in read("metacademy").notes}


def test_quatalog_is_read_as_the_page_says() -> None:
    topic = topics("quatalog")["math-1020"]
    assert topic.requires == (Requirement(("math-1010", "math-1500")),)
    assert [each.topic for each in topic.recommends] == ["phys-1100"]


def test_csv_is_read_as_the_page_says() -> None:
    found = topics("csv")
    assert found["night-shift"].requires == (Requirement(("croissant", "pizza-dough", "sourdough-bread"), 2),)
    assert [group.of for group in found["yeast-dough"].requires] == [
        ("flour",),
        ("kneading-by-hand", "kneading-by-machine"),
    ]
    assert found["sourdough-bread"].recommends == (Recommendation("yeast-dough"),)
    assert found["yeast-dough"].title == "Yeast Dough"


def test_the_table_of_columns_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| (`[a-z`, ]+`) \|", SECTIONS["CSV"], re.MULTILINE)
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)][1:] == [*COLUMNS][1:]


def test_the_pictures_are_those_of_the_roadmap_at_the_top() -> None:
    drawn = topics("roadmap/1").values()
    assert example("Mermaid") == mermaid(drawn)
    assert example("DOT") == dot(drawn)


def test_the_script_for_graphml_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    roadmap = read("roadmap/1").document.roadmap
    (tmp_path / "baker.graphml").write_bytes(graphml.dump(roadmap, topics("roadmap/1")))
    monkeypatch.chdir(tmp_path)
    assert networkx.__name__ in example("GraphML")
    exec(compile(example("GraphML"), "formats.md", "exec"), {})
    assert capsys.readouterr().out == "['flour', 'yeast-dough']\n"
