"""An Exercism track -> a roadmap: its concepts, and what the exercises that teach them require."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

from graph_api.errors import Fault, InvalidRequirement
from graph_api.formats.exercism.config import Concept, ConceptExercise, Exercise, PracticeExercise, Track
from graph_api.formats.order import rounds
from graph_api.formats.plain_json import load, quoted, validated
from graph_api.formats.reading import Note, Reading
from graph_api.formats.roadmap1.reading import invalid
from graph_api.formats.roadmap1.schema import MAX_TOPICS
from graph_api.formats.roadmap1.source import MAX_BYTES
from graph_api.formats.roadmap1.tree import Path, Tree, path_text, shown
from graph_api.formats.slugs import Slugs, slug_of
from graph_api.knowledge.document import Definition, Document, Reference, ReferenceKind
from graph_api.knowledge.model import (
    MAX_RECOMMENDED,
    MAX_RESOURCES,
    MAX_TAGS,
    Placement,
    Recommendation,
    Requirement,
    Resource,
    Roadmap,
    Section,
    Slug,
    Topic,
)
from graph_api.knowledge.requirement import MAX_COMPARISONS, Allowance, all_of, any_of, normal_form

Value = TypeVar("Value")

SITE: Final = "https://exercism.org/tracks"

_WAY: Final = 32
"""The cost of naming one more way to a concept, in comparisons of groups: each concept names its own anew."""

_CONCEPTS: Final = ("exercises", "concept")
_PRACTICE: Final = ("exercises", "practice")


def parse(
    data: bytes,
    *,
    name: str,
    practice: bool = False,
    include_wip: bool = False,
    max_bytes: int = MAX_BYTES,
) -> Reading:
    """The roadmap of a track: a topic for each concept, and with `practice` for each practice exercise.

    A concept is learnable by an exercise that teaches it and whose prerequisites are all known; several
    such exercises are alternatives, and one without prerequisites makes the concept free. An exercise
    that requires the very concept that it teaches is no way to come to know it, and does not count for
    it. Deprecated exercises teach nothing; those in the making (wip) do with `include_wip`. A concept that
    no exercise teaches requires nothing; unless an exercise requires it, it stands in an optional section.

    Slugs have the track's before them, since every track has its own strings and lists. Names that no
    concept has become references, which only stubs can satisfy. Raises InvalidDocument with every fault.
    """
    tree = load(data, name=name, max_bytes=max_bytes)
    reader = _Reader(tree, validated(tree, Track), wip=include_wip)
    concepts = reader.concepts()
    exercises = reader.practice() if practice else reader.no_practice()
    if faults := [
        *reader.faults,
        *_repeats(tree, reader.track),
        *_too_many(tree, (*concepts, *exercises), reader.references),
    ]:
        raise invalid(faults, name)
    track = reader.track
    roadmap = Roadmap(
        slug=slug_of(track.slug) or "track",
        title=track.language,
        summary=track.blurb,
        sections=tuple(section for section in reader.sections(concepts, exercises) if section.placements),
    )
    document = Document(
        name=name,
        roadmap=roadmap,
        definitions=(*concepts, *exercises),
        references=tuple(reader.references),
        line=tree.line(("slug",)),
    )
    return Reading(document, (*reader.notes, *(Note("left out", message) for message in track.unsaid())))


class _Reader:
    """One making of topics from a track, with what is wrong and what is to be said on the way."""

    def __init__(self, tree: Tree, track: Track, *, wip: bool) -> None:
        self.track = track
        self.faults: list[Fault] = []
        self.notes: list[Note] = []
        self.references: list[Reference] = []
        self._tree = tree
        self._site = f"{SITE}/{quote(track.slug, safe='')}"
        self._used = {"active", "beta", "wip"} if wip else {"active", "beta"}
        self._slugs, self._allowance = Slugs(), Allowance(MAX_COMPARISONS)
        self._declared = dict.fromkeys(concept.slug for concept in track.concepts)
        self._ways: dict[str, list[ConceptExercise]] = {}
        for concept in self._declared:
            self._slug(concept)  # declared ones first, so that others never change their slugs
        for place, exercise in enumerate(track.exercises.concept):
            if self._in_use(exercise, exercise.concepts):
                self._teaches(exercise, (*_CONCEPTS, place))

    def _slug(self, concept: str) -> Slug:
        return self._slugs.of(f"concept {concept}", f"{self.track.slug} {concept}")

    def _in_use(self, exercise: Exercise, names: Sequence[str]) -> bool:
        """Whether an exercise counts; where it does not, it is told, with the names that would dangle."""
        if exercise.status in self._used:
            return True
        why = "is deprecated"
        if exercise.status == "wip":
            why = "is in the making; --include-wip takes it in"
        self._note(exercise.status, f"The exercise {shown(exercise.slug)} is left out, as it {why}.")
        self._note_undeclared(exercise, names)
        return False

    def _note_undeclared(self, exercise: Exercise, names: Sequence[str]) -> None:
        if unknown := [name for name in (*exercise.prerequisites, *names) if name not in self._declared]:
            message = f"The exercise {shown(exercise.slug)} names what no concept is called"
            self._note("undeclared", f"{message}: {quoted(unknown)}.")

    def _teaches(self, exercise: ConceptExercise, path: Path) -> None:
        """Take an exercise as a way to come to know each of its concepts."""
        self._mention("requirement", exercise.prerequisites, (*path, "prerequisites"))
        self._mention("placement", exercise.concepts, (*path, "concepts"))
        taught = dict.fromkeys(exercise.concepts)
        required = set(exercise.prerequisites)
        for concept in taught:
            if concept not in required:
                self._ways.setdefault(concept, []).append(exercise)
        if circular := [concept for concept in taught if concept in required]:
            message = f"The exercise {shown(exercise.slug)} requires what it teaches"
            self._note("circular", f"{message}, and so is no way to come to know it: {quoted(circular)}.")
        if stubs := [concept for concept in taught if concept not in self._declared]:
            message = f"The exercise {shown(exercise.slug)} teaches what no concept is called"
            self._note("undeclared", f"{message}; a stub of it requires nothing: {quoted(stubs)}.")

    def concepts(self) -> list[Definition]:
        """The topics of the declared concepts, in their order."""
        return [self._concept(concept, ("concepts", i)) for i, concept in enumerate(self.track.concepts)]

    def _concept(self, concept: Concept, path: Path) -> Definition:
        ways = self._ways.get(concept.slug, [])
        if not ways:
            self._note("untaught", f"No exercise in use teaches {shown(concept.slug)}; it requires nothing.")
        topic = Topic(
            slug=self._slug(concept.slug),
            title=concept.name,
            resources=self._resources(concept, ways),
            requires=self._normal([exercise.prerequisites for exercise in ways], concept.slug, path),
        )
        return Definition(topic, line=self._tree.line(path), path=path_text(path))

    def practice(self) -> list[Definition]:
        """The topics of the practice exercises that are in use, in their order."""
        return [
            self._practice(exercise, (*_PRACTICE, place))
            for place, exercise in enumerate(self.track.exercises.practice)
            if self._in_use(exercise, exercise.practices)
        ]

    def no_practice(self) -> list[Definition]:
        """No topics; notes on what they would be."""
        exercises = self.track.exercises.practice
        if exercises:
            what = f"{len(exercises):,} practice exercises are left out"
            self._note("practice", f"{what}; --practice takes them in.")
        for exercise in exercises:
            self._note_undeclared(exercise, exercise.practices)
        return []

    def _practice(self, exercise: PracticeExercise, path: Path) -> Definition:
        self._mention("requirement", exercise.prerequisites, (*path, "prerequisites"))
        self._mention("recommendation", exercise.practices, (*path, "practices"))
        practised = [Recommendation(self._slug(concept)) for concept in dict.fromkeys(exercise.practices)]
        name = f"practice {exercise.slug}"
        topic = Topic(
            slug=self._slugs.of(name, f"{self.track.slug} {name}"),
            title=exercise.name,
            tags=self._cut(_tags(exercise), MAX_TAGS, f"tags of {shown(exercise.slug)}"),
            resources=self._pages([exercise]),
            requires=self._normal([exercise.prerequisites], exercise.slug, path),
            recommends=self._cut(practised, MAX_RECOMMENDED, f"concepts of {shown(exercise.slug)}"),
        )
        return Definition(topic, line=self._tree.line(path), path=path_text(path))

    def _mention(self, kind: ReferenceKind, concepts: Sequence[str], path: Path) -> None:
        """Refer to concepts that are not declared; the others have their topics in this very document."""
        for step, concept in enumerate(concepts):
            if concept not in self._declared and len(self.references) <= MAX_TOPICS:
                at = (*path, step)
                self.references.append(
                    Reference(self._slug(concept), kind, line=self._tree.line(at), path=path_text(at))
                )

    def _normal(self, ways: Sequence[Sequence[str]], what: str, path: Path) -> tuple[Requirement, ...]:
        """All concepts of any of the ways; nothing where there is no way, or one that asks for nothing."""
        if not all(ways) or not ways or self._allowance.spent:
            return ()
        try:
            self._allowance.spend(sum(_WAY + len(concepts) for concepts in ways))
            expression = any_of(*(all_of(*map(self._slug, concepts)) for concepts in ways))
            return normal_form(expression, allowance=self._allowance)
        except InvalidRequirement as error:
            self.faults.append(self._tree.fault(f"{shown(what)}: {error}", path))
            return ()

    def _resources(self, concept: Concept, ways: Sequence[ConceptExercise]) -> tuple[Resource, ...]:
        """The concept's page and those of the exercises that teach it, where there are such pages."""
        if not (pages := self._pages(ways[:MAX_RESOURCES])):
            return ()
        page = Resource(self._page("concepts", concept.slug), concept.name, "docs")
        return self._cut([page, *pages], MAX_RESOURCES, f"exercises that teach {shown(concept.slug)}")

    def _pages(self, exercises: Iterable[Exercise]) -> tuple[Resource, ...]:
        """The pages of exercises; those in the making have none yet."""
        return tuple(
            Resource(self._page("exercises", exercise.slug), exercise.name, "course")
            for exercise in exercises
            if exercise.status != "wip"
        )

    def _page(self, kind: str, slug: str) -> str:
        return f"{self._site}/{kind}/{quote(slug, safe='')}"

    def _cut(self, values: Sequence[Value], most: int, what: str) -> tuple[Value, ...]:
        if len(values) > most:
            self._note("cut", f"Of the {len(values):,} {what} the first {most} are kept.")
        return tuple(values[:most])

    def _note(self, kind: str, message: str) -> None:
        self.notes.append(Note(kind, message))

    def sections(self, concepts: Sequence[Definition], practice: Sequence[Definition]) -> Iterator[Section]:
        """Concepts in an order in which they can be learned, then what nobody has to learn."""
        earliest = rounds(definition.topic for definition in concepts)
        needed = {
            name for ways in self._ways.values() for exercise in ways for name in exercise.prerequisites
        }
        aside = {self._slug(name) for name in self._declared if name not in self._ways and name not in needed}
        stubs = [self._slug(name) for name in self._ways if name not in self._declared]
        ordered = sorted((each.topic.slug for each in concepts), key=lambda slug: earliest[slug])
        main = [slug for slug in ordered if slug not in aside]
        yield Section("concepts", "Concepts", placements=tuple(map(Placement, (*main, *stubs))))
        yield Section(
            "more-concepts",
            "More concepts",
            summary="No exercise in use teaches these.",
            optional=True,
            placements=tuple(Placement(slug) for slug in ordered if slug in aside),
        )
        yield Section(
            "practice",
            "Practice",
            summary="Exercises on what the concepts say.",
            optional=True,
            placements=tuple(Placement(each.topic.slug, optional=True) for each in practice),
        )


def _tags(exercise: PracticeExercise) -> list[str]:
    """The difficulty and the words of an exercise, each once."""
    words = [f"difficulty {exercise.difficulty}"] if exercise.difficulty is not None else []
    tags = map(slug_of, (*words, *(exercise.topics or ())))
    return [*dict.fromkeys(tag for tag in tags if tag)]


def _repeats(tree: Tree, track: Track) -> Iterator[Fault]:
    """Concepts, and exercises of one kind, that have one slug."""
    lists: dict[Path, Sequence[Concept | Exercise]] = {
        ("concepts",): track.concepts,
        _CONCEPTS: track.exercises.concept,
        _PRACTICE: track.exercises.practice,
    }
    for path, parts in lists.items():
        first: dict[str, int] = {}
        for place, part in enumerate(parts):
            if (former := first.setdefault(part.slug, place)) != place:
                line = tree.line((*path, former, "slug"))
                yield tree.fault(
                    f"{shown(part.slug)} is there already, on line {line}.", (*path, place, "slug")
                )


def _too_many(
    tree: Tree, definitions: Sequence[Definition], references: Sequence[Reference]
) -> Iterator[Fault]:
    if len(definitions) > MAX_TOPICS:
        yield tree.fault(f"One file can define {MAX_TOPICS:,} topics, not {len(definitions):,}.", ())
    if len(references) > MAX_TOPICS:
        yield tree.fault(f"One file can name undeclared concepts {MAX_TOPICS:,} times, not more.", ())
