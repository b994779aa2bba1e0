"""What a slow step tells while it runs; whoever listens draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Step:
    """How far one labelled step is.

    `done` and `total` count `unit`; a `total` of 0 means that nobody knows how long it takes.
    The last report of a step that succeeds has `done >= total`.
    """

    label: str
    done: int
    total: int
    unit: Literal["bytes", "seconds"]


Report: TypeAlias = Callable[[Step], None]
"""Called in the thread of the caller, several times a second, and may raise to stop the work."""


def silent(step: Step) -> None:
    """Listen to nothing."""
