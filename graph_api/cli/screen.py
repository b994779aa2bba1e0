"""What people see: progress bars and sentences, on standard error, so that output can be piped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from graph_api.errors import InvalidDocument, RoadmapError
from graph_api.neo4j_local import Report, Step

console: Final = Console(stderr=True, highlight=False)


def say(sentence: str) -> None:
    """Tell one thing."""
    console.print(sentence, markup=False, soft_wrap=True)


def say_error(error: RoadmapError) -> None:
    """Tell what went wrong: one sentence, or every fault of a document."""
    if isinstance(error, InvalidDocument):
        for fault in error.faults:
            say(str(fault))
        count = len(error.faults)
        say(f"Error: {count} fault{'' if count == 1 else 's'}; nothing was changed.")
        return
    say(f"Error: {error}")


@contextmanager
def database_progress() -> Iterator[Report]:
    """Draw the steps of a local database that starts: bytes as a bar, seconds as a clock."""
    with _bars(DownloadColumn()) as bytes_, _bars(TimeElapsedColumn()) as seconds:
        tasks: dict[str, TaskID] = {}

        def draw(step: Step) -> None:
            progress = bytes_ if step.unit == "bytes" else seconds
            if step.label not in tasks:
                tasks[step.label] = progress.add_task(step.label, total=step.total or None)
            total = (step.total if step.unit == "bytes" else None) or None
            progress.update(tasks[step.label], completed=step.done, total=total)

        yield draw


@contextmanager
def row_progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Draw how many rows of how many are done."""
    with _bars(MofNCompleteColumn()) as progress:
        task: list[TaskID] = []

        def draw(done: int, total: int) -> None:
            if not task:
                task.append(progress.add_task(label, total=total))
            progress.update(task[0], completed=done, total=total)

        yield draw


def _bars(column: DownloadColumn | TimeElapsedColumn | MofNCompleteColumn) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), column)
    return Progress(*columns, console=console, transient=True)
