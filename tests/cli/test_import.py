"""`graph-api import`: whole files, one change, all or nothing."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.example import CATALOGUE, PIZZAIOLO

from .conftest import Graph, Result

Run = Callable[..., Result]
Write = Callable[..., Path]

BIG_TOPICS, BIG_EDGES = 4_000, 8_000


def test_files_become_the_graph_as_one_revision(graph: Graph, files: Path, run: Run) -> None:
    told = run("import", files)
    assert (told.code, told.out) == (0, "")
    assert told.err.endswith("13 topics created; 2 roadmaps created. The catalogue is at revision 1.\n")
    assert (graph.revision(), graph.topics()) == (1, set(CATALOGUE.topics))


def test_the_same_files_again_write_nothing(graph: Graph, files: Path, run: Run) -> None:
    run("import", files)
    told = run("import", files / "pizzaiolo.yaml", files / "baker.yaml")
    assert (told.code, told.err) == (0, "Nothing changes. The catalogue is at revision 1.\n")
    assert graph.revision() == 1


def test_a_file_that_is_named_twice_is_read_once(graph: Graph, files: Path, run: Run) -> None:
    assert run("import", files, files / "baker.yaml").code == 0
    assert graph.revision() == 1


def test_all_faults_of_all_files_are_told_at_once_and_nothing_is_written(
    graph: Graph, write: Write, tmp_path: Path, run: Run
) -> None:
    first = write("first", "{slug: a, title: A, horus: 3}", "{slug: B, title: B}")
    second = write("second", "{slug: c, title: C, hours: -1}")
    gone = tmp_path / "gone.yaml"
    told = run("import", first, second, gone)
    assert told.code == 1
    assert told.err.splitlines() == [
        f'{first}:8: sections[0].topics[0].horus: A topic has no key "horus". Did you mean hours?',
        f'{first}:9: sections[0].topics[1].slug: "B" is not a slug; one is of lower-case letters and digits, '
        "with single hyphens between. Did you mean b?",
        f"{second}:8: sections[0].topics[0].hours: This cannot be the number -1: hours go from 0 to 10,000.",
        f"{gone}: This cannot be read: No such file or directory.",
        "Error: 4 faults; nothing was changed.",
    ]
    assert (graph.revision(), graph.topics()) == (0, set())


def test_a_misspelt_topic_is_told_with_its_place_and_a_suggestion(
    graph: Graph, files: Path, write: Write, run: Run
) -> None:
    run("import", files)
    new = write("new", "flour", "{slug: bagel, title: Bagel, requires: [yeats-dough]}")
    told = run("import", new)
    assert told.code == 1
    fault = (
        'sections[0].topics[1].requires[0]: No topic has the slug "yeats-dough". Did you mean yeast-dough?'
    )
    assert told.err.splitlines()[0] == f"{new}:9: {fault}"
    assert graph.revision() == 1


def test_a_change_that_makes_topics_unlearnable_is_refused_in_one_sentence(
    graph: Graph, write: Write, run: Run
) -> None:
    circle = write(
        "circle", "{slug: hen, title: Hen, requires: [egg]}", "{slug: egg, title: Egg, requires: [hen]}"
    )
    told = run("import", circle)
    assert told.code == 1
    assert told.err == (
        "Error: No one could ever learn these topics, each waits for another of them: egg and hen.\n"
    )
    assert graph.revision() == 0


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("notes.txt", "This is no roadmap file: its name ends in none of .yaml, .yml, .json."),
        ("empty", "No file of this folder ends in one of .yaml, .yml, .json."),
        ("missing.yaml", "This cannot be read: No such file or directory."),
    ],
)
def test_what_is_no_roadmap_file_is_told_in_one_sentence(
    name: str, sentence: str, tmp_path: Path, run: Run
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").touch()
    told = run("import", tmp_path / name)
    assert told.code == 1
    assert told.err == f"{tmp_path / name}: {sentence}\nError: 1 fault; nothing was changed.\n"


def test_what_a_file_no_longer_names_is_told_and_stays(graph: Graph, write: Write, run: Run) -> None:
    run("import", write("map", "{slug: a, title: A}", "{slug: b, title: B}"))
    told = run("import", write("map", "{slug: a, title: A}"))
    assert told.err.splitlines() == [
        "Kept, although no file places it there any more: b in section all of map.",
        "Kept, although it is in no roadmap any more: topic b.",
        "Import with --prune to remove what the files no longer name.",
        "Nothing changes. The catalogue is at revision 1.",
    ]
    assert graph.topics() == {"a", "b"}


def test_prune_removes_what_a_file_no_longer_names(graph: Graph, write: Write, run: Run) -> None:
    run("import", write("map", "{slug: a, title: A}", "{slug: b, title: B}"))
    told = run("import", "--prune", write("map", "{slug: a, title: A}"))
    assert told.err.splitlines() == [
        "Removed, as no file places it there any more: b in section all of map.",
        "Removed, as it is in no roadmap any more: topic b.",
        "1 topic removed; 1 roadmap changed. The catalogue is at revision 2.",
    ]
    assert graph.topics() == {"a"}


def test_stubs_are_made_of_mere_names_and_filled_in_later(graph: Graph, write: Write, run: Run) -> None:
    top = write("top", "{slug: a, title: A, requires: [b]}")
    told = run("import", "--stubs", top)
    assert told.err.splitlines()[0] == "Created as stubs: b."
    assert run("import", "--stubs", top).err == "Nothing changes. The catalogue is at revision 1.\n"
    told = run("import", write("below", "{slug: b, title: Bread}"))
    assert told.err == "1 topic changed; 1 roadmap created. The catalogue is at revision 2.\n"
    assert graph.topics() == {"a", "b"}


def test_a_pipe_is_read_like_a_file(graph: Graph, tmp_path: Path, run: Run) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(PIZZAIOLO,))
    writer.start()
    told = run("import", "--stubs", pipe)
    writer.join()
    assert told.code == 0
    assert graph.revision() == 1


def big(tmp_path: Path) -> Path:
    """As many topics and requirements as a university has; each requires earlier ones."""
    topics = []
    for number in range(BIG_TOPICS):
        earlier = sorted({number * 7 // 11, number // 2, number * 5 // 6} - {number})[-2:]
        requires = ", ".join(f"topic-{other}" for other in earlier)
        topics.append(f"{{slug: topic-{number}, title: Topic {number}, hours: 3, requires: [{requires}]}}")
    head = "format: roadmap/1\nslug: big\ntitle: Big\nsections:\n- slug: all\n  title: All\n  topics:\n"
    path = tmp_path / "big.yaml"
    path.write_text(head + "".join(f"  - {topic}\n" for topic in topics), encoding="utf-8")
    return path


def test_a_university_is_imported_in_seconds(graph: Graph, tmp_path: Path, run: Run) -> None:
    path = big(tmp_path)
    assert abs(path.read_text().count("topic-") - BIG_TOPICS - BIG_EDGES) < 20
    begun = time.monotonic()
    told = run("import", path)
    took = time.monotonic() - begun
    assert told.err.endswith("4000 topics created; 1 roadmap created. The catalogue is at revision 1.\n")
    begun = time.monotonic()
    assert run("import", path).err.endswith("Nothing changes. The catalogue is at revision 1.\n")
    again = time.monotonic() - begun
    print(f"{BIG_TOPICS} topics: imported in {took:.1f} s, again in {again:.1f} s")  # noqa: T201 - a figure
    assert took < 20
    assert graph.revision() == 1
