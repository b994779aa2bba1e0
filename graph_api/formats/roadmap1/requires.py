"""How a `roadmap/1` file says what a topic requires and recommends."""

from __future__ import annotations

from typing import Annotated, Final, Self, TypeAlias, Union

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    ValidationInfo,
    model_validator,
)

from graph_api.errors import InvalidRequirement
from graph_api.formats.roadmap1.text import Reason, Slug, sentence
from graph_api.knowledge import model
from graph_api.knowledge.names import suggestions
from graph_api.knowledge.requirement import Allowance, AtLeast, Expression, all_of, any_of, normal_form

MAX_PARTS: Final = 1_000

_TAGS: Final = {
    "any": "<any>",
    "all": "<all>",
    "at_least": "<at_least>",
    "of": "<at_least>",
    "topic": "<topic>",
}
"""The tag of a mapping's shape, by the key that tells it."""


class Keys(BaseModel):
    """A mapping with these keys and no others; values are taken as they are, never converted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _shape(value: object) -> str:
    return _tag(value, "<any>")


def _topic_shape(value: object) -> str:
    return _tag(value, "<topic>")


def _tag(value: object, otherwise: str) -> str:
    if not isinstance(value, dict):
        return "<slug>"
    if told := next((tag for key, tag in _TAGS.items() if key in value), None):
        return told
    near = (match for matches in suggestions(value, list(_TAGS)).values() for match in matches)
    return next((_TAGS[match] for match in near), otherwise)


class AnyOf(Keys):
    """At least one of these."""

    any_: Parts = Field(alias="any", description="One of these is enough.")

    def expression(self) -> Expression:
        """What it says."""
        return any_of(*map(_expression, self.any_))


class AllOf(Keys):
    """Every one of these."""

    all_: Parts = Field(alias="all", description="Every one of these is needed.")

    def expression(self) -> Expression:
        """What it says."""
        return all_of(*map(_expression, self.all_))


class AtLeastOf(Keys):
    """At least so many of these."""

    at_least: int = Field(ge=1, le=MAX_PARTS, description="How many of them are needed.")
    of: Parts = Field(description="What there is to choose from.")

    def expression(self) -> Expression:
        """What it says."""
        return AtLeast(self.at_least, tuple(map(_expression, self.of)))


Part: TypeAlias = Annotated[
    Union[  # noqa: UP007 - pydantic needs the members apart, each with its tag
        Annotated[Slug, Tag("<slug>")],
        Annotated[AnyOf, Tag("<any>")],
        Annotated[AllOf, Tag("<all>")],
        Annotated[AtLeastOf, Tag("<at_least>")],
    ],
    Discriminator(_shape),
]
Parts: TypeAlias = Annotated[list[Part], Field(min_length=1, max_length=MAX_PARTS)]


def _expression(part: str | AnyOf | AllOf | AtLeastOf) -> Expression:
    return part if isinstance(part, str) else part.expression()


def shared_allowance(info: ValidationInfo) -> Allowance | None:
    """The allowance that is the context of a file's validation; single values have none to share."""
    return info.context if isinstance(info.context, Allowance) else None


class _Reasoned(Keys):
    """A requirement with its reason. Its normal form is made once, as a part of its validation."""

    reason: Reason = ""
    _normal: tuple[model.Requirement, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _in_normal_form(self, info: ValidationInfo) -> Self:
        allowance = shared_allowance(info)
        if allowance and allowance.spent:
            return self  # the file has its fault
        try:
            self._normal = normal_form(self.expression(), reason=self.reason, allowance=allowance)
        except InvalidRequirement as error:
            raise sentence(str(error)) from error
        if any(len(requirement.of) > MAX_PARTS for requirement in self._normal):
            raise sentence(f"In normal form this requirement has a group of more than {MAX_PARTS:,} topics.")
        return self

    def expression(self) -> Expression:
        """What it says."""
        raise NotImplementedError

    def normal(self) -> tuple[model.Requirement, ...]:
        """What it says, in normal form."""
        return self._normal


class ReasonedTopic(_Reasoned):
    """One topic."""

    topic: Slug

    def expression(self) -> Expression:
        """What it says."""
        return self.topic


class ReasonedAnyOf(AnyOf, _Reasoned):
    """At least one of these."""


class ReasonedAllOf(AllOf, _Reasoned):
    """Every one of these."""


class ReasonedAtLeastOf(AtLeastOf, _Reasoned):
    """At least so many of these."""


Required: TypeAlias = Annotated[
    Union[  # noqa: UP007 - pydantic needs the members apart, each with its tag
        Annotated[Slug, Tag("<slug>")],
        Annotated[ReasonedTopic, Tag("<topic>")],
        Annotated[ReasonedAnyOf, Tag("<any>")],
        Annotated[ReasonedAllOf, Tag("<all>")],
        Annotated[ReasonedAtLeastOf, Tag("<at_least>")],
    ],
    Discriminator(_topic_shape),
]


class Recommendation(Keys):
    """A topic that is better learned before: it orders, it never blocks."""

    topic: Slug
    reason: Reason = ""


def _recommendation_shape(value: object) -> str:
    return "<recommendation>" if isinstance(value, dict) else "<slug>"


Recommended: TypeAlias = Annotated[
    Union[  # noqa: UP007 - pydantic needs the members apart, each with its tag
        Annotated[Slug, Tag("<slug>")],
        Annotated[Recommendation, Tag("<recommendation>")],
    ],
    Discriminator(_recommendation_shape),
]


def required(item: str | _Reasoned) -> tuple[model.Requirement, ...]:
    """The requirements that one item of `requires` says, in normal form."""
    return normal_form(item) if isinstance(item, str) else item.normal()


def recommended(item: str | Recommendation) -> model.Recommendation:
    """The recommendation that one item of `recommends` says."""
    if isinstance(item, str):
        return model.Recommendation(item)
    return model.Recommendation(item.topic, item.reason)
