"""`graph-api check`: faults first, then notices, without a database."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from .conftest import Result

Run = Callable[..., Result]
Write = Callable[..., Path]


def test_mere_notices_end_with_zero(files: Path, run: Run) -> None:
    told = run("check", files)
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines() == [
        "Notice: loops that no one has to go round (1)",
        "  sourdough-bread and wild-yeast",
        "",
        "Notice: topics in no roadmap (1)",
        "  hygiene",
        "",
        "2 roadmaps with 13 topics: no faults, 2 notices.",
    ]


def test_it_neither_starts_nor_asks_a_database(files: Path, run: Run, tmp_path: Path) -> None:
    run("check", files)
    assert not (tmp_path / "home").exists()


def test_the_roadmaps_that_ship_with_the_project_have_no_notices(run: Run) -> None:
    seed = Path(__file__).parents[2] / "seed"
    assert run("check", seed).out == "3 roadmaps with 82 topics: no faults, 0 notices.\n"


def test_faults_come_first_each_kind_under_its_heading(write: Write, run: Run) -> None:
    path = write(
        "all-wrong",
        "{slug: hen, title: Hen, requires: [egg]}",
        "{slug: egg, title: Egg, requires: [hen]}",
        "{slug: omelette, title: Omelette, requires: [egg]}",
        "{slug: water, title: Water}",
        "{slug: steam, title: Steam, requires: [water, fire]}",
        "{slug: engine, title: Engine, optional: true, requires: [water]}",
        "{slug: train, title: Train, requires: [water, engine]}",
        "{slug: fare, title: Fare}",
    )
    told = run("check", path)
    assert told.code == 1
    place = "sections[0].topics[4].requires[1]"
    assert told.out.splitlines() == [
        "Fault: names that nothing defines, and definitions that differ (1)",
        f'  {path}:12: {place}: No topic has the slug "fire". Did you mean fare?',
        "",
        "Fault: sets of topics that no one could ever learn, since each waits for another of its set (1)",
        "  egg and hen",
        "",
        "Fault: topics that no one could learn without a name that nothing defines (1)",
        "  steam",
        "",
        "Fault: topics out of reach because they wait for those above (1)",
        "  omelette",
        "",
        "Notice: requirements that follow from others (1)",
        "  train requires water",
        "",
        "Notice: required topics that need optional ones (1)",
        "  train of all-wrong needs engine",
        "",
        "1 roadmap with 8 topics: 4 faults, 2 notices.",
    ]


def test_an_unlearnable_catalogue_is_diagnosed_and_not_only_refused(write: Write, run: Run) -> None:
    told = run(
        "check", write("loop", "{slug: a, title: A, requires: [b]}", "{slug: b, title: B, requires: [a]}")
    )
    assert told.code == 1
    assert "  a and b\n" in told.out
    assert told.out.endswith("1 roadmap with 2 topics: 1 fault, 0 notices.\n")


def test_stubs_make_names_that_nothing_defines_a_notice(write: Write, run: Run) -> None:
    path = write("top", "{slug: a, title: A, requires: [b]}")
    assert run("check", path).code == 1
    told = run("check", "--stubs", path)
    assert told.code == 0
    assert told.out.startswith("Notice: topics made of mere names, as stubs (1)\n  b\n")


def test_files_that_cannot_be_read_are_told_together(write: Write, tmp_path: Path, run: Run) -> None:
    told = run("check", write("x", "{slug: a}", "{titel: B}"), tmp_path / "gone.yaml")
    assert told.code == 1
    assert told.out.splitlines()[-2:] == [
        f"{tmp_path / 'gone.yaml'}: This cannot be read: No such file or directory.",
        f"{len(told.out.splitlines()) - 1} faults in files that cannot be read.",
    ]


def test_json_tells_programs_everything(files: Path, write: Write, run: Run) -> None:
    told = run("check", "--json", files)
    assert told.code == 0
    found = json.loads(told.out)
    assert (found["sound"], found["faults"], found["topics"]) == (True, [], 13)
    assert found["diagnosis"]["avoidable_loops"] == [["sourdough-bread", "wild-yeast"]]
    path = write("typo", "{slug: aa, title: A, requires: [bb]}", "{slug: bc, title: B}")
    told = run("check", "--json", path)
    assert told.code == 1
    assert json.loads(told.out)["faults"] == [
        {
            "file": str(path),
            "line": 8,
            "path": "sections[0].topics[0].requires[0]",
            "message": 'No topic has the slug "bb".',
            "suggestion": None,
        }
    ]


def test_json_of_files_that_cannot_be_read_has_no_diagnosis(tmp_path: Path, run: Run) -> None:
    told = run("check", "--json", tmp_path / "gone.yaml")
    found = json.loads(told.out)
    assert (told.code, found["sound"], found["diagnosis"]) == (1, False, None)


def test_a_long_list_of_notices_is_cut_and_says_so(write: Write, run: Run) -> None:
    path = write("wide", "{slug: a, title: A, recommends: [" + ", ".join(f"b{i}" for i in range(30)) + "]}")
    told = run("check", "--stubs", path)
    assert "  and 10 more, which --json lists\n" in told.out


def test_notes_on_another_format_are_told_apart_from_the_findings(tmp_path: Path, run: Run) -> None:
    concepts = [{"slug": f"c{number}", "name": f"C{number}"} for number in range(9)]
    exercises = {"concept": [{"slug": "one", "name": "One", "concepts": ["c0"], "prerequisites": ["c1"]}]}
    config = {"language": "Zig", "slug": "zig", "concepts": concepts, "exercises": exercises}
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    told = run("check", "--format", "exercism", path)
    assert (told.code, told.out) == (0, "1 roadmap with 9 topics: no faults, 0 notices.\n")
    assert told.err.splitlines() == [
        *(f'{path}: No exercise in use teaches "c{number}"; it requires nothing.' for number in (1, 2, 3)),
        f"{path}: And 5 more of this kind; check --json lists all.",
    ]
    told = run("check", "--format", "exercism", "--json", path)
    notes = json.loads(told.out)["notes"]
    assert (told.err, len(notes)) == ("", 8)
    message = 'No exercise in use teaches "c8"; it requires nothing.'
    assert notes[-1] == {"file": str(path), "kind": "untaught", "message": message}


def test_a_folder_is_searched_for_files_of_the_format(tmp_path: Path, run: Run) -> None:
    (tmp_path / "notes.yaml").write_text("no: roadmap")
    told = run("check", "--format", "quatalog", tmp_path)
    assert told.out.startswith(f"{tmp_path}: No file of this folder ends in .json.\n")


def test_a_file_with_another_name_than_its_format_has_is_told_so(tmp_path: Path, run: Run) -> None:
    (tmp_path / "edges.json").write_text("{}")
    told = run("check", "--format", "csv", tmp_path / "edges.json")
    assert "This is no list of edges: its name ends in none of .csv." in told.out
