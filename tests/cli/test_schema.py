"""`graph-api schema`: the committed files equal the printed ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Result

Run = Callable[..., Result]


def test_stale_files_are_named_and_written_only_without_check(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "schema"
    told = run("schema", "--folder", folder, "--check")
    assert told.code == 1
    assert told.err == "Not up to date: schema.graphql, roadmap.schema.json. Run `graph-api schema`.\n"
    assert not folder.exists()
    assert run("schema", "--folder", folder).code == 0
    told = run("schema", "--folder", folder, "--check")
    assert (told.code, told.err) == (0, "The schema files are up to date.\n")


@pytest.mark.parametrize("name", ["schema.graphql", "roadmap.schema.json"])
def test_one_changed_character_is_seen(name: str, tmp_path: Path, run: Run) -> None:
    run("schema", "--folder", tmp_path)
    text = (tmp_path / name).read_text("utf-8")
    (tmp_path / name).write_text(text.replace("a", "b", 1), "utf-8")
    assert run("schema", "--folder", tmp_path, "--check").err.startswith(f"Not up to date: {name}.")
