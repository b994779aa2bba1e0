"""`graph-api next` and `path`: tables for people, JSON for programs, pictures for both."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Graph, Result

Run = Callable[..., Result]

KNOWN = "flour,weighing,mixer"


@pytest.fixture(autouse=True)
def held(graph: Graph, files: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worked example in the database, and a screen wide enough for its tables."""
    monkeypatch.setenv("COLUMNS", "200")
    assert run("import", files).code == 0
    assert graph.revision() == 1


def test_next_tells_each_topic_with_its_reason(run: Run) -> None:
    told = run("next", "--known", KNOWN, "--goal", "pizza-dough")
    assert (told.code, told.err) == (0, "")
    assert "Yeast Dough" in told.out
    assert "You know Flour & Water, Weighing and Kneading by Machine, so Yeast Dough is ready" in told.out


def test_next_as_json_has_the_reasons_as_data(run: Run) -> None:
    [first] = json.loads(run("next", "--known", KNOWN, "--goal", "pizza-dough", "--json").out)
    assert (first["topic"], first["serves"]) == ("yeast-dough", ["pizza-dough"])
    assert [met["satisfied_by"] for met in first["because"]] == [["flour"], ["weighing"], ["mixer"]]


def test_nothing_ready_is_said(run: Run) -> None:
    assert run("next", "--known", "flour", "--goal", "flour").out == "Nothing is ready for these goals.\n"


def test_a_path_is_told_with_its_proof_and_its_choices(run: Run) -> None:
    told = run("path", "--goal", "pizza-dough")
    assert told.code == 0
    assert "15.5 hours; cost 15.5, proven least." in told.out
    assert "For Yeast Dough it takes Kneading by Machine of Kneading by Hand, Kneading by Machine" in told.out
    assert "without it 18." in told.out


def test_a_path_has_a_calendar_on_request(run: Run) -> None:
    calendar = ["--hours-per-week", 5, "--start", "2027-01-04", "--working-days"]
    assert "2027-01-04" in run("path", "--goal", "yeast-dough", *calendar).out
    plan = json.loads(run("path", "--goal", "yeast-dough", "--json", *calendar).out)["schedule"]
    assert (plan["first"], plan["last"], plan["hours"]) == ("2027-01-04", "2027-01-18", 10.5)


def test_fewest_topics_is_another_cost(run: Run) -> None:
    found = json.loads(run("path", "--goal", "pizza-dough", "--minimise", "topics", "--json").out)
    assert found["total_cost"] == 5


def test_a_roadmap_without_goals_leads_through_its_required_topics(run: Run) -> None:
    steps = json.loads(run("path", "--roadmap", "pizzaiolo", "--json").out)["steps"]
    assert "wood-fired-oven" in steps
    assert "wild-yeast" not in steps


@pytest.mark.parametrize(("option", "start"), [("--mermaid", "flowchart"), ("--dot", "digraph")])
def test_pictures_show_what_the_goals_rest_on_with_states_coloured(run: Run, option: str, start: str) -> None:
    drawn = run("path", "--known", "flour", "--goal", "pizza-dough", option).out
    assert drawn.startswith(start)
    assert "Pizza Dough" in drawn
    assert "Croissant" not in drawn
    assert "#c8e6c9" in drawn


def test_an_svg_is_drawn_where_graphviz_is_and_refused_where_it_is_not(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "path.svg"
    told = run("path", "--goal", "pizza-dough", "--svg", target)
    if shutil.which("dot"):
        assert "<svg" in target.read_text("utf-8")
    else:
        assert (told.code, target.exists()) == (1, False)
        assert "Graphviz" in told.err


@pytest.mark.parametrize("command", ["next", "path"])
def test_unknown_names_are_one_sentence_with_suggestions(run: Run, command: str) -> None:
    told = run(command, "--known", "flower", "--goal", "piza-dough")
    assert told.code == 1
    assert '"flower" (did you mean flour?)' in told.err
    assert "Traceback" not in told.err
    assert run(command, "--roadmap", "bakr").err == (
        'Error: No roadmap has this slug: "bakr" (did you mean baker?).\n'
    )
