"""`graph-api import`: whole files, one change, all or nothing."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.example import CATALOGUE, PIZZAIOLO
from tests.pace import affordable

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
    assert affordable(took, 20)
    assert graph.revision() == 1


TRACK = {
    "language": "Rust",
    "slug": "rust",
    "concepts": [{"slug": slug, "name": slug.title()} for slug in ("basics", "loops", "traits")],
    "exercises": {
        "concept": [
            {"slug": "one", "name": "One", "concepts": ["basics"], "prerequisites": []},
            {"slug": "two", "name": "Two", "concepts": ["loops"], "prerequisites": ["basics"]},
            {
                "slug": "new",
                "name": "New",
                "concepts": ["traits"],
                "prerequisites": ["lops"],
                "status": "wip",
            },
        ],
        "practice": [{"slug": "go", "name": "Go", "practices": ["loops"], "prerequisites": ["basics"]}],
    },
}
COURSES = {
    "MATH-1010": {"attributes": [], "corequisites": None, "cross_listings": None, "prerequisites": None},
    "MATH-1020": {"prerequisites": {"type": "course", "course": "MATH 0900"}},
}


def test_a_file_of_another_format_is_imported_and_what_it_says_besides_is_told(
    graph: Graph, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(TRACK))
    told = run("import", "--format", "exercism", "--practice", path)
    assert (told.code, told.out) == (0, "")
    assert told.err.splitlines() == [
        f'{path}: The exercise "new" is left out, as it is in the making; --include-wip takes it in.',
        f'{path}: The exercise "new" names what no concept is called: "lops".',
        f'{path}: No exercise in use teaches "traits"; it requires nothing.',
        "4 topics created; 1 roadmap created. The catalogue is at revision 1.",
    ]
    assert graph.topics() == {"rust-basics", "rust-loops", "rust-traits", "rust-practice-go"}


def test_what_dangles_in_another_format_is_a_fault_unless_stubs_are_made(
    graph: Graph, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(TRACK))
    told = run("import", "--format", "exercism", "--include-wip", path)
    assert told.code == 1
    assert told.err.splitlines()[-2:] == [
        f"{path}:1: exercises.concept[2].prerequisites[0]: "
        'No topic has the slug "rust-lops". Did you mean rust-loops?',
        "Error: 1 fault; nothing was changed.",
    ]
    told = run("import", "--format", "exercism", "--include-wip", "--stubs", path)
    assert "Created as stubs: rust-lops." in told.err
    assert graph.topics() == {"rust-basics", "rust-loops", "rust-traits", "rust-lops"}


def test_courses_are_imported_with_stubs_for_those_that_are_unknown(
    graph: Graph, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "prerequisites.json"
    path.write_text(json.dumps(COURSES))
    told = run("import", "--format", "quatalog", "--slug", "college", path)
    assert "Created as stubs: math-0900." in told.err
    assert graph.topics() == {"math-0900", "math-1010", "math-1020"}


@pytest.mark.parametrize(
    ("held", "name", "sentence"),
    [
        (TRACK, "config.json", "This looks like an Exercism track; read it with --format exercism."),
        (COURSES, "x.json", "This looks like a list of courses of Quatalog; read it with --format quatalog."),
        ([], "edges.csv", "This looks like a list of edges; read it with --format csv."),
    ],
)
def test_a_file_that_looks_like_another_format_is_told_so_in_one_sentence(
    held: object, name: str, sentence: str, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(held))
    told = run("import", path)
    assert told.code == 1
    assert told.err == f"{path}: {sentence}\nError: 1 fault; nothing was changed.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--practice"], "--practice goes with --format exercism, not with --format roadmap/1."),
        (["--format", "csv", "--include-wip"], "--include-wip goes with --format exercism, not with"),
        (["--format", "exercism", "--slug", "x"], "--slug goes with --format metacademy and --format"),
        (["--format", "docx"], "'docx' is not one of 'roadmap/1', 'exercism',"),
    ],
)
def test_an_option_that_the_format_does_not_have_is_wrong_usage(
    arguments: list[str], said: str, files: Path, run: Run
) -> None:
    told = run("import", *arguments, files)
    assert told.code == 2
    assert said in " ".join(told.err.split())
