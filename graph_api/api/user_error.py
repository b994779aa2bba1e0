"""What a mutation refuses because of its input, as data beside the payload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import strawberry

from graph_api.errors import (
    BadInput,
    Conflict,
    Fault,
    InvalidDocument,
    NotFound,
    RoadmapError,
    StillRequired,
    UnknownSlugs,
    Unlearnable,
)

EXPECTED: Final = (BadInput, NotFound, Unlearnable, StillRequired, Conflict)
"""What the input is to blame for; anything else is an error of the answer."""

_MOST: Final = 100


@strawberry.type(description="Why a mutation was refused. Nothing was written then.")
class UserError:
    """One reason."""

    field: list[str] = strawberry.field(
        description="The path of the input that it is about, from `input` on; empty when it is about no part."
    )
    message: str = strawberry.field(description="One sentence for people.")
    code: str = strawberry.field(description="For programs; one of the codes of errors in general.")
    slugs: list[str] = strawberry.field(
        description="The topics, or whatever it is, that stand in the way: each blocking set is one error."
    )

    @classmethod
    def of(cls, error: RoadmapError) -> list[UserError]:
        """An expected error as one or more reasons."""
        path = ["input", *error.field] if error.field else []
        if isinstance(error, InvalidDocument):
            path = ["input", *error.field]
            return [cls._of_fault(fault, path, error.code) for fault in error.faults[:_MOST]]
        if isinstance(error, Unlearnable):
            return [
                cls(field=path, message=str(Unlearnable([group])), code=error.code, slugs=[*group])
                for group in error.blocking
            ]
        return [cls(field=path, message=str(error), code=error.code, slugs=_slugs(error))]

    @classmethod
    def _of_fault(cls, fault: Fault, path: list[str], code: str) -> UserError:
        where = f"Line {fault.line}, " if fault.line else ""
        hint = f" Did you mean {fault.suggestion}?" if fault.suggestion else ""
        at = f"{where}{fault.path}: " if where else ""
        return cls(
            field=[*path, *_steps(fault.path)], message=f"{at}{fault.message}{hint}", code=code, slugs=[]
        )


def _slugs(error: RoadmapError) -> list[str]:
    if isinstance(error, UnknownSlugs):
        return [*error.unknown]
    return error.dependents if isinstance(error, StillRequired) else []


def _steps(path: str) -> Iterator[str]:
    """The steps of a fault's path, as GraphQL writes names: requires[0].at_least -> requires, 0, atLeast."""
    for step in re.findall(r"[^.\[\]]+", path):
        yield re.sub(r"_([a-z])", lambda match: match[1].upper(), step)
