"""What people read: answers on standard output, all else on standard error, so that output can be piped."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Final

import typer

from graph_api.errors import InvalidDocument, RoadmapError

SHOWN: Final = 20


def say(sentence: str, *, to_output: bool = False) -> None:
    """Tell one thing; `to_output` when it is what the command was asked for."""
    typer.echo(sentence, err=not to_output)


def say_error(error: RoadmapError) -> None:
    """Tell what went wrong: one sentence, or every fault of a document."""
    if not isinstance(error, InvalidDocument):
        say(f"Error: {error}")
        return
    for fault in error.faults:
        say(str(fault))
    say(f"Error: {counted(len(error.faults), 'fault')}; nothing was changed.")


def say_system_error(error: OSError) -> None:
    """Tell what the operating system refused."""
    about = f"{error.filename}: " if error.filename else ""
    say(f"Error: {about}{error.strerror or error}.")


def counted(count: int, noun: str) -> str:
    """'1 fault', '2 faults', '1,000 faults'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(names: Collection[str]) -> str:
    """The names with commas between, as many as a person reads."""
    more = len(names) - SHOWN
    shown = ", ".join(islice(names, SHOWN))
    return f"{shown} and {more:,} more" if more > 0 else shown
