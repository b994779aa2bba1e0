"""Progress of what takes its time: bars where somebody looks, a line where nobody does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from graph_api.cli.screen import say
from graph_api.neo4j_local import Report, Step

LONG_SECONDS: Final = 1.0


class Amount(ProgressColumn):
    """How much of a step is done, in the step's own unit."""

    columns: Final = {"bytes": DownloadColumn(), "rows": MofNCompleteColumn(), "seconds": TimeElapsedColumn()}

    def render(self, task: Task) -> RenderableType:
        """Bytes of bytes, rows of rows, or a clock."""
        return self.columns[task.fields["unit"]].render(task)


class Bars:
    """The bars of one piece of work on a terminal, one a label."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def draw(self, label: str, done: int, total: int, unit: str) -> None:
        """Show how far a step is; a total of 0 means that nobody knows how long it takes."""
        if label not in self._tasks:
            self._tasks[label] = self._bars.add_task(label, unit=unit)
        self._bars.update(self._tasks[label], completed=done, total=total or None)


class Lines:
    """The same for a log: one line for each step that takes long."""

    def __init__(self) -> None:
        self._begun: dict[str, float] = {}

    def draw(self, label: str, *_: object) -> None:
        """Say once that a step takes long."""
        now = time.monotonic()
        if now - self._begun.setdefault(label, now) > LONG_SECONDS:
            self._begun[label] = float("inf")
            say(f"{label} ...")


@contextmanager
def steps() -> Iterator[Bars | Lines]:
    """Progress on standard error; bars are gone when the work is done."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines()
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), Amount())
    with Progress(*columns, console=console, transient=True) as bars:
        yield Bars(bars)


@contextmanager
def database_progress() -> Iterator[Report]:
    """Draw the steps of a local database that starts."""
    with steps() as drawn:

        def report(step: Step) -> None:
            drawn.draw(step.label, step.done, step.total, step.unit)

        yield report


@contextmanager
def count_progress(label: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Draw how many rows or bytes of how many are done; until the first are, that the work goes on."""
    with steps() as drawn:
        drawn.draw(label, 0, 0, unit)
        yield lambda done, total: drawn.draw(label, done, total, unit)
