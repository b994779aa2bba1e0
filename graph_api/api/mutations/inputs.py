"""Inputs as the mappings that a roadmap file would hold: both are checked by the same models."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

import strawberry

from graph_api.api.resource import ResourceKind
from graph_api.errors import BadInput, Fault, InvalidValues
from graph_api.formats.roadmap1 import values
from graph_api.knowledge.edit import Edit

T = TypeVar("T")

Given: TypeAlias = Annotated[T, strawberry.argument(description="What is to be done.")]
SLUG: Final = "Its slug, or a former one."


@strawberry.input(description="A part of a requirement: one of a topic, any, all, or atLeast with of.")
class RequirementPart:
    """An expression; it may nest."""

    topic: str | None = strawberry.field(default=None, description="A topic's slug.")
    any: list[RequirementPart] = strawberry.field(default_factory=list, description="One of these is enough.")
    all: list[RequirementPart] = strawberry.field(
        default_factory=list, description="Every one of these is needed."
    )
    at_least: int | None = strawberry.field(default=None, description="How many of `of` are needed.")
    of: list[RequirementPart] = strawberry.field(
        default_factory=list, description="What there is to choose from."
    )

    def as_file(self) -> Any:
        """As a roadmap file says it."""
        mapping = _mapping(self)
        return self.topic if mapping.keys() == {"topic"} else mapping


@strawberry.input(description="What must be known: one of a topic, any, all, or atLeast with of.")
class RequirementInput(RequirementPart):
    """An expression with its reason."""

    reason: str = strawberry.field(default="", description="Why, in one sentence.")

    def as_file(self) -> Any:
        """As a roadmap file says it."""
        return _mapping(self)


@strawberry.input(description="A topic that is better learned before.")
class RecommendationInput:
    """A recommendation."""

    topic: str = strawberry.field(description="Its slug.")
    reason: str = strawberry.field(default="", description="Why, in one sentence.")

    def as_file(self) -> Any:
        """As a roadmap file says it."""
        return {"topic": self.topic, "reason": self.reason}


@strawberry.input(description="Something to learn a topic from.")
class ResourceInput:
    """A resource."""

    url: str = strawberry.field(description="Where it is: http or https.")
    title: str = strawberry.field(description="What it is called.")
    kind: ResourceKind = strawberry.field(default=ResourceKind.ARTICLE, description="What it is.")

    def as_file(self) -> Any:
        """As a roadmap file says it."""
        return {"url": self.url, "title": self.title, "kind": self.kind.value}


@strawberry.input
class ContentInput:
    """What every input of a content write has: it knows which edit it means."""

    expected_revision: int | None = strawberry.field(
        default=None,
        description="The revision that the change is made for; another current one is a CONFLICT."
        " Any will do if left out.",
    )

    def edit(self) -> Edit:
        """The edit. Raises BadInput, with every fault of the values at its field."""
        raise NotImplementedError


def _mapping(part: RequirementPart) -> dict[str, Any]:
    given: dict[str, Any] = {"topic": part.topic, "at_least": part.at_least}
    for name in ("any", "all", "of"):
        given[name] = [each.as_file() for each in getattr(part, name)] or None
    if isinstance(part, RequirementInput):
        given["reason"] = part.reason
    return {name: value for name, value in given.items() if value is not None}


def given(**fields: object) -> dict[str, Any]:
    """The fields that a client gave, as a roadmap file says them. Raises BadInput when it gave none."""
    present = {name: _as_file(value) for name, value in fields.items() if value is not strawberry.UNSET}
    if not present:
        names = ", ".join(fields)
        raise BadInput(f"Nothing is to be changed: give one of {names}.")
    return present


def _as_file(value: object) -> Any:
    if isinstance(value, list):
        return [_as_file(each) for each in value]
    return value.as_file() if hasattr(value, "as_file") else value


def changes(kind: Literal["topic", "section", "roadmap"], fields: dict[str, Any]) -> dict[str, Any]:
    """The given fields as the attributes that they mean. Raises InvalidValues, each fault at its field."""
    checked = getattr(values, kind)(fields)
    return {name: getattr(checked, name) for name in fields}


def new_slug(text: str, field: str) -> str:
    """A slug that a field gives. Raises InvalidValues."""
    try:
        return values.topic({"slug": text}).slug
    except InvalidValues as error:
        [fault] = error.faults
        raise InvalidValues([Fault(fault.message, path=field, suggestion=fault.suggestion)]) from None
