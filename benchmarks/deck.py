"""Which questions are asked, and in which order: the same for everybody, in every run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import cycle, islice, product
from random import Random
from typing import Final, Literal, TypeAlias

from benchmarks import catalogue
from benchmarks.question import LEAVES, Kind, Question, selections

Mode: TypeAlias = Literal["varied", "unseen", "repeated"]

TOGETHER: Final = 100
"""Topics of a question for many."""

_PAGES: Final = 50
_TOPICS: Final = 500
_IDS: Final = 4500
"""So many roadmaps, topics and ids come up, of however many there are."""

_FIRSTS: Final[Mapping[Kind, tuple[int, ...]]] = {
    "page": (10, 20, 50, 100),
    "topics": (20,),
    "topic": (10, 15),
    "search": (10, 20),
}
"""The bounds that clients take turns with; for a page none cuts anything off."""


_BETWEEN: Final[Mapping[Kind, int]] = {"page": 99, "topics": 20}
"""The bound with which parts of answers are made known: one that makes no answer known that is asked for."""


class Deck:
    """The questions over one catalogue.

    `varied`: each question differs from the thousands before it, in its keys, its bound or its selection, of
    which there are SELECTIONS; so hardly a stored answer fits, and whoever keeps plans, documents or parts
    of the content has seen them. `unseen`: besides, each document has a name in it that no other has.
    `repeated`: one question.
    """

    def __init__(self, roadmaps: int, ids: Mapping[str, str]) -> None:
        random, topics = Random(0), catalogue.topic_slugs(roadmaps)
        self._pages = random.sample(catalogue.slugs(roadmaps), _PAGES)
        self._topics = random.sample(topics, _TOPICS)
        self._ids = [ids[slug] for slug in random.sample(topics, _IDS)]
        size = catalogue.SECTIONS * catalogue.TOPICS
        self._read = {key: slug for slug, key in ids.items()}
        self._read |= dict(zip(catalogue.slugs(roadmaps), topics[::size], strict=True))

    def whole(self, kind: Kind) -> Question:
        """The one question that is repeated: all leaves."""
        keys = {
            "page": (self._pages[0],),
            "topics": tuple(self._ids[:TOGETHER]),
            "topic": (self._topics[0],),
            "search": (catalogue.words()[0],),
        }
        return Question(kind=kind, keys=keys[kind], leaves=frozenset(LEAVES[kind]), first=_FIRSTS[kind][0])

    def each_selection(self, kind: Kind) -> list[Question]:
        """A question for each selection, so that whoever keeps plans or documents makes them."""
        return [replace(self.whole(kind), leaves=shape) for shape in selections(kind)]

    def each_key(self, kind: Kind) -> list[Question]:
        """A question for each key and bound, so that whoever keeps parts of the content reads them.

        For pages and for many topics also one for each key and selection, so that parts of answers are there;
        the questions that follow have other bounds, or the topics in other company.
        """
        keys: dict[Kind, list[tuple[str, ...]]] = {
            "page": [(page,) for page in self._pages],
            "topics": [tuple(self._ids[start : start + TOGETHER]) for start in range(0, _IDS, TOGETHER)],
            "topic": [(topic,) for topic in self._topics],
            "search": [],
        }
        whole = self.whole(kind)
        found = [replace(whole, keys=key, first=first) for key in keys[kind] for first in _FIRSTS[kind]]
        if kind in _BETWEEN:
            other = replace(whole, first=_BETWEEN[kind])
            found += [
                replace(other, keys=key, leaves=shape) for key in keys[kind] for shape in selections(kind)
            ]
        return found

    def examples(self, kind: Kind) -> list[Question]:
        """Some of those that are measured, to compare the answers to them."""
        return [*islice(self.questions(kind, "varied"), 3), next(self.questions(kind, "unseen"))]

    def read_by(self, question: Question) -> str:
        """The slug of a topic that the answer is made of, to a question for a page or for topics."""
        return self._read.get(question.keys[0], question.keys[0])

    def questions(self, kind: Kind, mode: Mode) -> Iterator[Question]:
        """Without end but for `repeated`, which is one; from the start at each call."""
        if mode == "repeated":
            return iter((self.whole(kind),))
        varied = self._random(kind) if kind in {"topics", "search"} else self._shuffled(kind)
        return self._aliased(varied) if mode == "unseen" else varied

    def _shuffled(self, kind: Kind) -> Iterator[Question]:
        """Every key with every bound and selection once, and then again in the same order."""
        keys = self._pages if kind == "page" else self._topics
        places = list(product(keys, _FIRSTS[kind], selections(kind)))
        Random(kind).shuffle(places)
        for key, first, leaves in cycle(places):
            yield Question(kind=kind, keys=(key,), first=first, leaves=leaves)

    def _random(self, kind: Kind) -> Iterator[Question]:
        """Keys of which there are more than anybody can ask."""
        random, shapes = Random(kind), selections(kind)
        while True:
            keys = (
                tuple(random.sample(self._ids, TOGETHER))
                if kind == "topics"
                else (" ".join(random.sample(catalogue.words(), 2)),)
            )
            first, leaves = random.choice(_FIRSTS[kind]), random.choice(shapes)
            yield Question(kind=kind, keys=keys, first=first, leaves=leaves)

    def _aliased(self, questions: Iterator[Question]) -> Iterator[Question]:
        for number, question in enumerate(questions):
            yield replace(question, alias=f"name{number:x}")
