"""The shape of an Exercism track's `config.json`, as far as a roadmap can say what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from graph_api.formats.plain_json import Keys, quoted
from graph_api.formats.roadmap1.schema import MAX_TOPICS
from graph_api.formats.roadmap1.text import Summary, Title
from graph_api.formats.roadmap1.tree import shown
from graph_api.knowledge.model import SLUG_LENGTH

Key: TypeAlias = Annotated[str, Field(min_length=1, max_length=SLUG_LENGTH)]
Names: TypeAlias = Annotated[list[Key], Field(max_length=1_000)]
Status: TypeAlias = Literal["active", "beta", "wip", "deprecated"]

_IMPLIED: Final = {"version", "active"}
"""Keys of a track that say nothing unless they are unusual."""


class Concept(Keys):
    """Something that the track can teach."""

    slug: Key
    name: Title


class Exercise(Keys):
    """What all exercises have: the concepts that they require, and how far they are themselves."""

    slug: Key
    name: Title
    prerequisites: Names = Field(default=[])
    status: Status = "active"


class ConceptExercise(Exercise):
    """An exercise that teaches concepts."""

    concepts: Names = Field(default=[])


class PracticeExercise(Exercise):
    """An exercise that practises concepts; `topics` are words that it can be found by."""

    practices: Names = Field(default=[])
    difficulty: int | None = Field(default=None, ge=0, le=100)
    topics: Names | None = None


class Exercises(Keys):
    """The exercises by their kind."""

    concept: list[ConceptExercise] = Field(default=[], max_length=MAX_TOPICS)
    practice: list[PracticeExercise] = Field(default=[], max_length=MAX_TOPICS)


class Track(Keys):
    """A whole track: one programming language."""

    language: Title
    slug: Key
    blurb: Summary = ""
    concepts: list[Concept] = Field(default=[], max_length=MAX_TOPICS)
    exercises: Exercises

    def unsaid(self) -> Iterator[str]:
        """What else the file says, of which a roadmap can say nothing, each as one sentence."""
        if keys := [key for key in self.others if key not in _IMPLIED]:
            yield f"Keys of the track are left out: {quoted(keys)}."
        if self.others.get("active") is False:
            yield "The track is not active, which a roadmap cannot say."
        for key, value in self.exercises.others.items():
            count = f"{len(value):,} " if isinstance(value, list | dict) else ""
            yield f"The {count}exercises of the kind {shown(key)} are left out."
        parts = (*self.concepts, *self.exercises.concept, *self.exercises.practice)
        counts = Counter(key for part in parts for key in part.others)
        if counts:
            yield f"Keys of concepts and exercises are left out: {quoted(counts)}."
