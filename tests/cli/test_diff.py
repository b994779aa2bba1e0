"""`graph-api diff`: two files, two times of the graph, or one of each; text, JSON and exit codes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from graph_api.app import connect
from graph_api.knowledge.edit import ChangeTopic, DeleteRoadmap, Edit, RenameRoadmap, RenameTopic
from graph_api.neo4j_local import Connection
from graph_api.store.writer import GraphWriter, Writing
from tests.conftest import ROOT, settings_of

from .conftest import Graph, Result

Run = Callable[..., Result]
Write = Callable[..., Path]

TOPICS = (
    "{slug: a, title: A, hours: 2}",
    "{slug: b, title: B, requires: [{topic: a, reason: First.}]}",
    "{slug: c, title: C, optional: true, requires: [{any: [a, b]}]}",
)


@pytest.fixture
def before(write: Write) -> Path:
    return write("plan", *TOPICS)


def moved(path: Path) -> Path:
    return path.rename(path.with_name("before.yaml"))


def test_the_same_file_twice_differs_in_nothing(run: Run, before: Path) -> None:
    assert run("diff", before, before) == Result(0, "plan: nothing differs.\n", "")


def test_files_are_compared_without_a_database(run: Run, before: Path, write: Write) -> None:
    before = moved(before)
    after = write(
        "plan",
        "{slug: a, title: Alpha, hours: 2.5, tags: [x]}",
        "{slug: c, title: C, requires: [{any: [a, b], reason: Either.}, d]}",
        "{slug: b, title: B}",
        "{slug: d, title: D, recommends: [{topic: a, reason: Easier.}]}",
    )
    told = run("diff", before, after, "--known", "a", "--known", "b,")
    assert (told.code, told.err) == (1, "")
    assert (
        told.out
        == """\
Topics (2)
  ~ a (Alpha): title A -> Alpha; hours 2 -> 2.5; tags nothing -> x
  + d (D)

Placements (2)
  ~ c: all, place 2, optional -> all, place 1
  + d: all, place 3

Requirements (3)
  - b requires a: First.
  ~ c requires a or b: reason nothing -> Either.
  + c requires d

Recommendations (1)
  + a before d: Easier.

For someone who knows a, b
  ready now: d
  blocked now: c
  hours to its topics: 0 -> 2

plan: 2 topics, 2 placements, 3 requirements, 1 recommendation differ.
"""
    )


def test_for_programs_it_is_one_json_object(run: Run, before: Path, write: Write) -> None:
    before = moved(before)
    after = write("plan", *TOPICS[:2])
    told = run("diff", before, after, "--json")
    found = json.loads(told.out)
    assert (told.code, found["empty"], found["after"]) == (1, False, {"slug": "plan", "title": "Plan"})
    assert [(one["kind"], one["topic"]["slug"]) for one in found["topics"]] == [("removed", "c")]
    assert found["effects"]["before"] == {"hours": 3, "lower_bound": 3, "optimal": True}
    every = json.loads(run("diff", before, after, "--json", "--include-optional").out)["effects"]
    assert (every["before"]["hours"], every["after"]["hours"]) == (4, 3)


def test_a_screen_has_its_colours_and_its_width(
    run: Run, before: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = moved(before)
    after = write("plan", *TOPICS[:2], f"{{slug: d, title: {'Long ' * 20}}}")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    told = run("diff", before, after).out.splitlines()
    assert "\x1b[31m  - c (C)\x1b[0m" in told
    assert [line for line in told if line.startswith("\x1b[32m  + d (Long")]
    assert max(len(line.replace("\x1b[32m", "").replace("\x1b[0m", "")) for line in told) <= 40


def test_a_long_list_is_shortened_for_people(run: Run, write: Write) -> None:
    before = moved(write("plan", *TOPICS))
    after = write("plan", *TOPICS, *(f"{{slug: t{n}, title: T}}" for n in range(30)))
    told = run("diff", before, after).out
    assert "Topics (30)" in told
    assert "  and 10 more, which --json lists" in told
    assert told.endswith("plan: 30 topics, 30 placements differ.\n")


def test_what_cannot_be_told_ends_with_2(run: Run, before: Path, tmp_path: Path) -> None:
    assert run("diff", before, tmp_path / "none.yaml").code == 2
    bad = tmp_path / "bad.yaml"
    bad.write_text("format: roadmap/1\nslug: bad\n", encoding="utf-8")
    told = run("diff", bad, before)
    assert (told.code, told.out) == (2, "")
    assert "bad.yaml" in told.err
    told = run("diff", before, before, "--known", "z")
    assert (told.code, told.err) == (2, 'Error: No topic has this slug: "z".\n')


@pytest.fixture
def edit(graph: Graph, files: Path, run: Run, neo4j: Connection) -> Callable[[Edit], None]:
    """The worked example in the graph at revision 1, and a way to edit it."""
    assert run("import", files).code == 0
    assert graph.revision() == 1

    def edit(change: Edit) -> None:
        async def work() -> None:
            async with connect(settings_of(neo4j)) as database:
                await GraphWriter(database).edit(change, writing=Writing(by="ada", action="edit"))

        asyncio.run(work())

    return edit


def test_the_graph_is_compared_with_its_past_and_with_files(
    run: Run, files: Path, edit: Callable[[Edit], None]
) -> None:
    baker = files / "baker.yaml"
    assert run("diff", "baker", baker) == Result(0, "baker: nothing differs.\n", "")
    edit(RenameTopic("yeast-dough", "raised-dough"))
    edit(ChangeTopic("flour", {"hours": 5.0}))
    told = run("diff", "baker@1", "baker", "--known", "weighing,yeast-dough")
    assert (told.code, told.err) == (1, "")
    assert (
        told.out
        == """\
Topics (2)
  ~ flour (Flour & Water): hours 2 -> 5
  ~ raised-dough (Yeast Dough): slug yeast-dough -> raised-dough

For someone who knows weighing, yeast-dough
  hours to its topics: 36 -> 39

baker: 2 topics differ.
"""
    )
    assert told.out in (ROOT / "docs" / "history.md").read_text(encoding="utf-8")
    assert run("diff", "baker@2", "baker@1").out.startswith("Topics (1)\n  ~ yeast-dough")
    # The file says the former slug, which names the same topic.
    told = run("diff", baker, "baker")
    assert (told.code, told.out.splitlines()[1:3]) == (1, ["  ~ flour (Flour & Water): hours 2 -> 5", ""])
    assert "raised-dough" not in told.out
    edit(RenameRoadmap("baker", "bakery"))
    assert "slug baker -> bakery" in run("diff", "bakery@1", "baker").out
    edit(DeleteRoadmap("bakery"))
    told = run("diff", "bakery@4", "bakery")
    assert told.out.splitlines()[-1].startswith("bakery is gone: 3 sections, ")
    assert run("diff", "bakery", "bakery@4").out.splitlines()[-1].startswith("bakery is new: ")


@pytest.mark.usefixtures("edit")
def test_a_roadmap_or_a_revision_that_is_not_there_ends_with_2(run: Run) -> None:
    assert run("diff", "bakr", "baker") == Result(
        2, "", 'Error: No roadmap has this slug: "bakr" (did you mean baker?).\n'
    )
    assert run("diff", "baker@7", "baker") == Result(
        2, "", "Error: There is no revision 7; there are 0 to 1.\n"
    )
