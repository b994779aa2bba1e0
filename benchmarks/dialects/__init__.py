"""How a question is put to each server, and how its answer is read: a module each, with the same functions.

`request(question)` is the path and the body; `content(question, answer)` is what the answer says, in the one
shape in which answers are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from benchmarks.question import Question

Content: TypeAlias = dict[str, Any] | list[dict[str, Any]]
Body: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one server is talked to."""

    request: Callable[[Question], tuple[str, Body]]
    content: Callable[[Question, Any], Content]


def picked(row: Mapping[str, Any], question: Question, level: str) -> dict[str, Any]:
    """The plain fields of a row, by the names that the question gave them."""
    names = [name for name in question.names(level) if name != "optional"]
    if level != "topic" or question.alias is None:
        return {name: row[name] for name in names}
    return {question.alias if name == "title" else name: row[_called(name, question)] for name in names}


def _called(name: str, question: Question) -> str:
    return str(question.alias) if name == "title" else name


def ranked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Matches as far as their scores tell them apart: of those with the lowest only how many there are.

    Which of equal ones are cut off by the end of the page is nobody's promise.
    """
    rounded = [row | {"score": round(row["score"], 3)} for row in rows]
    lowest = min((row["score"] for row in rounded), default=0.0)
    found = [row if row["score"] > lowest else {"slug": "", "score": lowest} for row in rounded]
    return sorted(found, key=lambda row: (-row["score"], row["slug"]))


def by_slug(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows in the order of their slugs, for answers whose order is nobody's promise."""
    return sorted(rows, key=lambda row: str(row["slug"]))
