"""The shape of a `roadmap/1` file: these models validate one and print its JSON schema."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self, TypeAlias, Union

from pydantic import Discriminator, Field, PrivateAttr, Tag, ValidationInfo, model_validator
from pydantic.json_schema import GenerateJsonSchema

from graph_api.errors import InvalidRequirement
from graph_api.formats.roadmap1.requires import (
    Keys,
    Recommended,
    Required,
    recommended,
    required,
    shared_allowance,
)
from graph_api.formats.roadmap1.text import Language, Slug, Summary, Title, Url, sentence
from graph_api.knowledge import model
from graph_api.knowledge.model import MAX_RECOMMENDED, MAX_RESOURCES, MAX_TAGS
from graph_api.knowledge.names import suggestions
from graph_api.knowledge.requirement import MAX_GROUPS, combine

FORMAT: Final = "roadmap/1"
DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
MAX_TOPICS: Final = 10_000
MAX_SECTIONS: Final = 1_000
MAX_HOURS: Final = 10_000


class Resource(Keys):
    """Something to learn a topic from."""

    title: Title
    url: Url
    kind: model.ResourceKind = Field(default="article", description="What sort of thing it is.")

    def value(self) -> model.Resource:
        """The resource that it says."""
        return model.Resource(url=self.url, title=self.title, kind=self.kind)


class Topic(Keys):
    """A topic in full. Another file may place it by its slug alone."""

    slug: Slug
    title: Title
    summary: Summary = ""
    hours: float | None = Field(
        default=None,
        ge=0,
        le=MAX_HOURS,
        allow_inf_nan=False,
        description="Hours of work for a learner who knows what it requires; absent where nobody knows. "
        "0 is for a milestone that asks for no work of its own.",
    )
    tags: list[Slug] = Field(
        default=[],
        max_length=MAX_TAGS,
        description="Words to find it by, each once.",
        json_schema_extra={"uniqueItems": True},
    )
    resources: list[Resource] = Field(
        default=[], max_length=MAX_RESOURCES, description="What to learn it from, each address once."
    )
    requires: list[Required] = Field(
        default=[],
        max_length=MAX_GROUPS,
        description="What must be known before it can be learned: every item of this list.",
    )
    recommends: list[Recommended] = Field(
        default=[],
        max_length=MAX_RECOMMENDED,
        description="What is better learned before it, each topic once; it never blocks.",
    )
    _requires: tuple[model.Requirement, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _in_normal_form(self, info: ValidationInfo) -> Self:
        allowance = shared_allowance(info)
        if allowance and allowance.spent:
            return self  # the file has its fault
        try:
            groups = (group for item in self.requires for group in required(item))
            self._requires = combine(groups, allowance=allowance)
        except InvalidRequirement as error:
            raise sentence(str(error)) from error
        return self

    def value(self) -> model.Topic:
        """The topic that it says, its requirements in normal form."""
        return model.Topic(
            slug=self.slug,
            title=self.title,
            summary=self.summary,
            hours=self.hours,
            tags=tuple(self.tags),
            resources=tuple(resource.value() for resource in self.resources),
            requires=self._requires,
            recommends=tuple(map(recommended, self.recommends)),
        )


Optional: TypeAlias = Annotated[
    bool, Field(description="Whether a learner on this roadmap may leave it out.")
]


class PlacedTopic(Topic):
    """A topic in full, at its place in this roadmap."""

    optional: Optional = False


class TopicReference(Keys):
    """The place of a topic that is defined elsewhere."""

    slug: Slug
    optional: Optional = False


def _shape(value: object) -> str:
    if not isinstance(value, dict):
        return "<slug>"
    others = value.keys() - TopicReference.model_fields.keys()
    near = suggestions(others, list(PlacedTopic.model_fields)).values()
    return "<reference>" if all(matches[:1] == ["optional"] for matches in near) else "<topic>"


Placed: TypeAlias = Annotated[
    Union[  # noqa: UP007 - pydantic needs the members apart, each with its tag
        Annotated[Slug, Tag("<slug>")],
        Annotated[TopicReference, Tag("<reference>")],
        Annotated[PlacedTopic, Tag("<topic>")],
    ],
    Discriminator(_shape),
]


def _placement(item: str | TopicReference | PlacedTopic) -> model.Placement:
    return model.Placement(item) if isinstance(item, str) else model.Placement(item.slug, item.optional)


class Section(Keys):
    """A titled run of topics; its slug is its own within the roadmap."""

    slug: Slug
    title: Title
    summary: Summary = ""
    optional: Optional = False
    topics: list[Placed] = Field(
        default=[],
        max_length=MAX_TOPICS,
        description="In the order of learning: topics in full, or slugs of topics defined elsewhere.",
    )

    def value(self) -> model.Section:
        """The section that it says."""
        return model.Section(
            slug=self.slug,
            title=self.title,
            summary=self.summary,
            optional=self.optional,
            placements=tuple(map(_placement, self.topics)),
        )


class Roadmap(Keys):
    """A roadmap: an ordered selection of topics for one aim, with what it rests on."""

    format: Literal["roadmap/1"] = Field(description="The format of this file.")
    slug: Slug
    title: Title
    summary: Summary = ""
    language: Language = "en"
    sections: list[Section] = Field(
        max_length=MAX_SECTIONS, description="In the order of learning. A topic has one place in a roadmap."
    )
    topics: list[Topic] = Field(
        default=[],
        max_length=MAX_TOPICS,
        description="Topics that others rest on and that stand in no section of this roadmap.",
    )

    def value(self) -> model.Roadmap:
        """The roadmap that it says."""
        return model.Roadmap(
            slug=self.slug,
            title=self.title,
            summary=self.summary,
            language=self.language,
            sections=tuple(section.value() for section in self.sections),
        )

    def definitions(self) -> list[model.Topic]:
        """The topics that it defines, in the order of its text."""
        placed = (item for section in self.sections for item in section.topics)
        return [topic.value() for topic in (*placed, *self.topics) if isinstance(topic, Topic)]


class _Untitled(GenerateJsonSchema):
    """Leaves out the titles that only repeat the keys; editors show them before the descriptions."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - the base class's signature
        return False


def json_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a `roadmap/1` file: what `schema/roadmap.schema.json` holds."""
    schema = Roadmap.model_json_schema(schema_generator=_Untitled)
    return {"$schema": DRAFT, **schema, "title": "Roadmap (roadmap/1)"}
