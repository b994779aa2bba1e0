"""`graph-api export`: a file that imports back, or one for other programs, and never half a file."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import cast, get_args

import pytest

from graph_api.formats import edges, graphml, roadmap1
from graph_api.formats.writing import Format, written
from tests.example import CATALOGUE

from .conftest import Graph, Result

Run = Callable[..., Result]


@pytest.fixture
def held(graph: Graph, files: Path, run: Run) -> Graph:
    """The worked example in the database."""
    assert run("import", files).code == 0
    return graph


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_file_imports_back_to_the_same_graph(
    held: Graph, options: list[str], tmp_path: Path, run: Run
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    suffix = "json" if options else "yaml"
    for slug in CATALOGUE.roadmaps:
        assert run("export", slug, "-o", folder / f"{slug}.{suffix}", *options).code == 0
    assert run("import", folder).err == "Nothing changes. The catalogue is at revision 1.\n"
    held.wipe()
    assert run("import", "--prune", folder).code == 0
    assert held.topics() == set(CATALOGUE.topics)


def test_after_one_round_the_bytes_are_the_same(held: Graph, tmp_path: Path, run: Run) -> None:
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    run("export", "baker", "--output", first)
    held.wipe()
    run("import", first)
    run("export", "baker", "--output", second)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.usefixtures("held")
def test_without_a_file_it_goes_to_standard_output_and_nothing_else_does(tmp_path: Path, run: Run) -> None:
    run("export", "baker", "-o", tmp_path / "baker.yaml")
    told = run("export", "baker")
    assert (told.out, told.err) == ((tmp_path / "baker.yaml").read_text("utf-8"), "")


@pytest.mark.usefixtures("held")
def test_each_format_is_written_and_what_it_cannot_say_is_told_beside_it(run: Run) -> None:
    for format_ in get_args(Format):
        data, notes = written(CATALOGUE.roadmaps["pizzaiolo"], CATALOGUE.topics, format=format_)
        told = run("export", "pizzaiolo", "--format", format_)
        assert (told.code, told.out) == (0, data.decode())
        assert told.err.splitlines() == [note.message for note in notes]
        assert bool(told.err) == (format_ != "roadmap/1")


def test_the_formats_are_those_of_their_modules() -> None:
    roadmap = CATALOGUE.roadmaps["pizzaiolo"]
    for format_, module in {"roadmap/1": roadmap1, "graphml": graphml, "csv": edges}.items():
        data, _ = written(roadmap, CATALOGUE.topics, format=cast(Format, format_))
        assert data == module.dump(roadmap, CATALOGUE.topics)
    picture, notes = written(roadmap, CATALOGUE.topics, format="mermaid")
    assert picture.startswith(b"flowchart LR\n")
    assert [note.message for note in notes] == [
        "A Mermaid picture shows titles and arrows, and no slugs; left out: the roadmap's own title, summary "
        "and language, 2 sections, 3 summaries, 9 estimates of hours, 12 tags, 2 resources and 5 reasons."
    ]
    picture, _ = written(roadmap, CATALOGUE.topics, format="dot")
    assert picture.startswith(b"digraph roadmap {\n")
    assert b"filled,dashed" in picture


def test_only_roadmap_files_are_written_as_json(run: Run) -> None:
    told = run("export", "baker", "--format", "csv", "--json")
    assert (told.code, told.out) == (2, "")
    assert "it does not go with --format csv" in told.err
    assert run("export", "baker", "--format", "svg").code == 2


@pytest.mark.usefixtures("held")
def test_an_unknown_slug_is_told_with_a_suggestion(run: Run) -> None:
    told = run("export", "bakre")
    assert (told.code, told.out) == (1, "")
    assert told.err == 'Error: No roadmap has the slug "bakre". Did you mean baker?\n'
    assert run("export", "zzz").err == (
        'Error: No roadmap has the slug "zzz"; the graph holds baker, pizzaiolo.\n'
    )


def test_an_empty_graph_holds_no_roadmap(graph: Graph, run: Run) -> None:
    assert run("export", "baker").err == 'Error: No roadmap has the slug "baker"; the graph holds none.\n'
    assert graph.revision() == 0


@pytest.mark.usefixtures("held")
def test_a_full_disk_leaves_the_old_file_as_it_was(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "out" / "baker.yaml"
    path.parent.mkdir()
    path.write_text("old")
    told = run("export", "baker", "-o", path)
    assert (told.code, told.err) == (1, f"Error: {path} cannot be written: No space left on device.\n")
    assert (path.read_text(), list(path.parent.iterdir())) == ("old", [path])


@pytest.mark.usefixtures("held")
def test_a_file_keeps_its_mode_and_a_link_its_target(tmp_path: Path, run: Run) -> None:
    path, link = tmp_path / "baker.yaml", tmp_path / "link.yaml"
    path.touch(mode=0o640)
    link.symlink_to(path)
    assert run("export", "baker", "-o", link).code == 0
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.read_text().startswith("format: roadmap/1\n")


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("missing/baker.yaml", "No such file or directory"),
        ("", "Is a directory"),
        ("/dev/full", "No space left on device"),
    ],
)
def test_an_output_that_cannot_be_written_is_told_in_one_sentence(
    where: str, reason: str, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / where
    told = run("export", "baker", "-o", path)
    assert (told.code, told.err) == (1, f"Error: {path} cannot be written: {reason}.\n")
