"""What needs nothing answers at once, and every word of the command line is explained."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from graph_api.cli import app
from tests.pace import affordable

from .conftest import Result, process

HEAVY = {"graph_api.settings", "highspy", "neo4j", "numpy", "rich", "strawberry", "uvicorn"}


def commands(command: object, *name: str) -> Iterator[tuple[tuple[str, ...], TyperCommand | TyperGroup]]:
    assert isinstance(command, TyperCommand | TyperGroup)
    yield name, command
    if isinstance(command, TyperGroup):
        for each, inner in command.commands.items():
            yield from commands(inner, *name, each)


ALL = dict(commands(get_command(app)))


def imported(*arguments: str) -> set[str]:
    """The modules of a process that ran this command."""
    script = (
        "import sys\nfrom graph_api.cli import main\n"
        f"try: main({list(arguments)!r})\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    return set(ran.stderr.split())


@pytest.mark.parametrize("name", ALL, ids=" ".join)
def test_every_command_has_help_in_sentences(name: tuple[str, ...], run: Callable[..., Result]) -> None:
    told = run(*name, "--help")
    assert told.code == 0
    assert (ALL[name].help or "").strip().endswith(".")
    assert "Usage: " in told.out


@pytest.mark.parametrize("name", ALL, ids=" ".join)
def test_every_option_and_argument_is_described(name: tuple[str, ...]) -> None:
    undescribed = [param.name for param in ALL[name].params if not getattr(param, "help", None)]
    assert not undescribed


def test_help_costs_less_than_half_a_second_of_the_processor() -> None:
    before, begun = os.times(), time.monotonic()
    assert process("--help").returncode == 0
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    print(f"--help: {time.monotonic() - begun:.2f} s, {spent:.2f} s of them computing")  # noqa: T201 - a figure
    assert affordable(spent, 0.5)


@pytest.mark.parametrize("arguments", [["--help"], ["import", "--help"], ["--version"]])
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    assert not HEAVY & imported(*arguments)


def test_the_status_of_the_database_needs_neither_api_nor_solver() -> None:
    assert not {"highspy", "numpy", "starlette", "strawberry", "uvicorn"} & imported("db", "status")


def test_the_version_is_the_one_of_the_package(run: Callable[..., Result]) -> None:
    from importlib.metadata import version

    assert run("--version").out == f"graph-api {version('roadmap-graph-api')}\n"
