"""The `prerequisites.json` of Quatalog: a university's courses, and what they require."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, RootModel

from graph_api.errors import Fault, InvalidRequirement
from graph_api.formats.plain_json import Keys, load, quoted, validated
from graph_api.formats.reading import Note, Reading
from graph_api.formats.roadmap1.reading import invalid
from graph_api.formats.roadmap1.schema import MAX_SECTIONS, MAX_TOPICS
from graph_api.formats.roadmap1.source import MAX_BYTES
from graph_api.formats.roadmap1.text import Title
from graph_api.formats.roadmap1.tree import Path, Tree, path_text, shown
from graph_api.formats.roadmap1.values import roadmap as checked
from graph_api.formats.slugs import slug_of
from graph_api.knowledge.document import Definition, Document, Reference, ReferenceKind
from graph_api.knowledge.model import (
    MAX_RECOMMENDED,
    MAX_TAGS,
    Placement,
    Recommendation,
    Requirement,
    Roadmap,
    Section,
    Slug,
    Topic,
)
from graph_api.knowledge.requirement import (
    MAX_COMPARISONS,
    Allowance,
    Expression,
    all_of,
    any_of,
    normal_form,
)

TOGETHER: Final = "It may be taken at the same time."
MAX_CODE: Final = 60
MAX_LISTED: Final = 20

Code: TypeAlias = Annotated[Title, Field(max_length=MAX_CODE)]
Codes: TypeAlias = Annotated[list[Code], Field(max_length=1_000)]


class Node(Keys):
    """A course that is required, or all or any of what is nested."""

    type: Literal["course", "and", "or"]
    course: Code | None = None
    min_grade: str | None = None
    nested: list[Node] | None = Field(default=None, max_length=1_000)


class Course(Keys):
    """What the file says of a course beside its code."""

    attributes: Codes | None = None
    corequisites: Codes | None = None
    cross_listings: Codes | None = None
    prerequisites: Node | None = None


class Courses(RootModel[Annotated[dict[Code, Course], Field(max_length=MAX_TOPICS)]]):
    """The whole file: courses by their codes."""


def parse(
    data: bytes,
    *,
    name: str,
    slug: Slug = "courses",
    title: str = "Courses",
    max_bytes: int = MAX_BYTES,
) -> Reading:
    """The roadmap of all courses of a file, a section for each subject, which is how their codes begin.

    `MATH 1020` and `MATH-1020` are one course, whose title is its code. A corequisite is recommended, since
    it may be taken at the same time; attributes become tags, and cross listings are told in the summary.
    Courses that are required and not in the file are references in the sections of their subjects: every
    such file has some, so that it is read with stubs. Raises InvalidDocument with every fault.
    """
    roadmap = checked({"slug": slug, "title": title})
    tree = load(data, name=name, max_bytes=max_bytes)
    reader = _Reader(tree, validated(tree, Courses).root)
    topics = tuple(reader.topic(code, course) for code, course in reader.courses.items())
    sections = reader.sections()
    if reader.faults:
        raise invalid(reader.faults, name)
    roadmap = Roadmap(roadmap.slug, roadmap.title, sections=sections)
    document = Document(name, roadmap, topics, tuple(reader.references), line=1)
    return Reading(document, tuple(reader.notes()))


class _Reader:
    """One making of topics from courses, with what is wrong and what is to be said on the way."""

    def __init__(self, tree: Tree, courses: Mapping[str, Course]) -> None:
        self.courses = courses
        self.faults: list[Fault] = []
        self.references: list[Reference] = []
        self._tree, self._allowance = tree, Allowance(MAX_COMPARISONS)
        self._codes: dict[Slug, str] = {}
        self._unknown: Counter[Slug] = Counter()
        self._grades: Counter[str] = Counter()
        self._cut: list[str] = []
        for code in courses:
            self._take(code)

    def _take(self, code: str) -> None:
        if not (slug := slug_of(code)):
            self.faults.append(self._tree.fault(f"{shown(code)} is no code of a course.", (code,)))
        elif (former := self._codes.setdefault(slug, code)) != code:
            message = f"{shown(code)} is the same course as {shown(former)}."
            self.faults.append(self._tree.fault(message, (code,)))

    def topic(self, code: str, course: Course) -> Definition:
        """The topic of a course."""
        requires = self._requires(code, course)
        others = [other for other in course.cross_listings or () if slug_of(other) != slug_of(code)]
        listed = self._kept([*dict.fromkeys(map(_spaced, others))], MAX_LISTED, f"cross listings of {code}")
        tags = dict.fromkeys(filter(None, map(slug_of, course.attributes or ())))
        topic = Topic(
            slug=slug_of(code),
            title=_spaced(code),
            summary=f"Also listed as {', '.join(listed)}." if listed else "",
            tags=self._kept([*tags], MAX_TAGS, f"attributes of {code}"),
            requires=requires,
            recommends=self._recommends(code, course, requires),
        )
        return Definition(topic, line=self._tree.line((code,)), path=path_text((code,)))

    def _requires(self, code: str, course: Course) -> tuple[Requirement, ...]:
        path = (code, "prerequisites")
        if course.prerequisites is None:
            return ()
        before = len(self.faults)
        expression = self._expression(course.prerequisites, path, slug_of(code))
        if len(self.faults) > before or self._allowance.spent:
            return ()
        try:
            return normal_form(expression, allowance=self._allowance)
        except InvalidRequirement as error:
            self.faults.append(self._tree.fault(f"{_spaced(code)}: {error}", path))
            return ()

    def _expression(self, node: Node, path: Path, own: Slug) -> Expression:
        """What a node says; a fault, and something that says nothing, where it is not whole."""
        if node.type != "course":
            parts = node.nested or ()
            if not parts:
                self.faults.append(self._tree.fault("A group of requirements is empty.", path))
            of = [self._expression(part, (*path, "nested", step), own) for step, part in enumerate(parts)]
            return all_of(*of) if node.type == "and" else any_of(*of)
        if node.course is None:
            self.faults.append(self._tree.fault('The key "course" is missing here.', path))
            return own
        if node.min_grade is not None:
            self._grades[node.min_grade] += 1
        slug = self._refer(node.course, "requirement", (*path, "course"))
        if slug == own:
            message = f"The course {shown(node.course)} cannot rest on itself."
            self.faults.append(self._tree.fault(message, (*path, "course")))
        return slug

    def _recommends(
        self, code: str, course: Course, requires: Sequence[Requirement]
    ) -> tuple[Recommendation, ...]:
        """The corequisites that are not required anyhow."""
        done = {slug_of(code), *(each.of[0] for each in requires if each.plain)}
        path = (code, "corequisites")
        together = [
            self._refer(other, "recommendation", (*path, step))
            for step, other in enumerate(course.corequisites or ())
            if slug_of(other) not in done
        ]
        kept = self._kept([*dict.fromkeys(together)], MAX_RECOMMENDED, f"corequisites of {code}")
        return tuple(Recommendation(slug, TOGETHER) for slug in kept)

    def _refer(self, code: str, kind: ReferenceKind, path: Path) -> Slug:
        slug = slug_of(code)
        if not slug:
            self.faults.append(self._tree.fault(f"{shown(code)} is no code of a course.", path))
        elif (slug not in self._codes or slug in self._unknown) and len(self._codes) <= MAX_TOPICS:
            self._codes.setdefault(slug, code)
            self._unknown[slug] += 1
            self.references.append(Reference(slug, kind, line=self._tree.line(path), path=path_text(path)))
        return slug

    def _kept(self, values: Sequence[str], most: int, what: str) -> tuple[str, ...]:
        if len(values) > most:
            self._cut.append(f"Of the {len(values):,} {what} the first {most} are kept.")
        return tuple(values[:most])

    def sections(self) -> tuple[Section, ...]:
        """The courses by subject, unknown ones too, in the order of the text."""
        subjects: dict[Slug, list[Slug]] = {}
        titles: dict[Slug, str] = {}
        for slug, code in self._codes.items():
            subject = slug.partition("-")[0]
            subjects.setdefault(subject, []).append(slug)
            titles.setdefault(subject, _spaced(code).partition(" ")[0])
        if len(self._codes) > MAX_TOPICS or len(subjects) > MAX_SECTIONS:
            message = (
                f"One file can have {MAX_TOPICS:,} courses of {MAX_SECTIONS:,} subjects, "
                f"not {len(self._codes):,} of {len(subjects):,}."
            )
            self.faults.append(self._tree.fault(message, ()))
        return tuple(
            Section(subject, titles[subject], placements=tuple(map(Placement, slugs)))
            for subject, slugs in subjects.items()
        )

    def notes(self) -> Iterator[Note]:
        """What was made up, read otherwise or left out."""
        for slug, count in self._unknown.items():
            message = f"The course {shown(_spaced(self._codes[slug]))} is not in the file, which names it"
            yield Note("unknown", f"{message} {_times(count)}; a stub stands for it.")
        if self._grades:
            count = sum(self._grades.values())
            grades = self._grades.most_common(10)
            found = ", ".join(f"{shown(grade)} {_times(number)}" for grade, number in grades)
            message = f"{count:,} lowest grades are left out, since a topic is known or it is not"
            yield Note("grade", f"{message}: {found}.")
        for text, held in self._said().items():
            if count := sum(map(len, held)):
                yield Note("read otherwise", f"{count:,} {text}, of {len(held):,} courses.")
        yield from (Note("cut", message) for message in self._cut)
        if keys := self._others():
            yield Note("left out", f"Keys of courses are left out: {quoted(keys)}.")

    def _said(self) -> dict[str, list[Sequence[str]]]:
        courses = self.courses.values()
        return {
            "corequisites became recommendations, since they may come at the same time": [
                each.corequisites for each in courses if each.corequisites
            ],
            "attributes became tags": [each.attributes for each in courses if each.attributes],
            "cross listings are told in summaries, since each course stays one of its own": [
                each.cross_listings for each in courses if each.cross_listings
            ],
        }

    def _others(self) -> Collection[str]:
        """Keys that no part of a topic answers to, each once."""
        nodes = [each.prerequisites for each in self.courses.values() if each.prerequisites]
        found = dict.fromkeys(key for each in self.courses.values() for key in each.others)
        while nodes:
            node = nodes.pop()
            nodes += node.nested or ()
            found.update(dict.fromkeys(node.others))
        return found


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _spaced(code: str) -> str:
    """A code as people write it: MATH 1020."""
    return " ".join(code.replace("-", " ").split())
