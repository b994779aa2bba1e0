"""The prerequisite graph: an immutable, compact structure over topic numbers.

Topics are numbered 0..n-1 in the order of their slugs. Requirements are in normal form: a topic is
ready when each of its groups has at least `need` known members. All adjacency is in compressed sparse
rows (CSR): the entries of row i are `values[start[i]:start[i + 1]]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, chain, pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from graph_api.knowledge.graph.assembly import UNESTIMATED_HOURS, Parts
from graph_api.knowledge.graph.memberships import Memberships
from graph_api.knowledge.graph.neighbours import Neighbours
from graph_api.knowledge.graph.order import components, loops, peel
from graph_api.knowledge.graph.placements import Placements
from graph_api.knowledge.graph.rows import Indices, Mask, Rows, count_down, indices, reach
from graph_api.knowledge.names import resolve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graph_api.knowledge.model import Roadmap, Slug, Topic

__all__ = ["UNESTIMATED_HOURS", "Indices", "Mask", "PrerequisiteGraph", "Rows"]

_SCOPES: Final = 400_000
_SCOPE: Final = 20_000
"""What sets of topics rest on is kept, up to so many edges of all of them and of each: learners ask again and
again about the same roadmaps. That is 7 MB at the most."""


@dataclass(frozen=True, eq=False)
class PrerequisiteGraph:
    """What rests on what, for `n` topics in `g` groups of requirements.

    slugs          n slugs, sorted: the number of a topic is its place here
    number         slug -> number; an alias has the number of the topic that it names
    hours          (n,) float64, hours to learn each topic, UNESTIMATED_HOURS where nobody has estimated
    groups         n rows: the groups of each topic, a run of consecutive group numbers, in the order of
                   the topic's `requires`; so `groups.values` is 0..g-1
    need           (g,) int32, how many members of each group must be known
    topic          (g,) int32, the topic that each group belongs to
    members        g rows: the topics of each group, ascending
    member_of      n rows: the groups that each topic is a member of (the transpose of `members`)
    recommended    n rows: the topics recommended before each topic (soft: orders, never blocks)
    dangling       (topic slug, unknown slug) pairs: required or recommended, but not in the graph; an
                   unknown member stays out of `members` and so can never be known: such a group may need
                   more than its members are, and then nobody can meet it
    """

    slugs: tuple[Slug, ...]
    number: Mapping[Slug, int]
    hours: NDArray[np.float64]
    groups: Rows
    need: Indices
    topic: Indices
    members: Rows
    member_of: Rows
    recommended: Rows
    dangling: tuple[tuple[Slug, Slug], ...]

    @classmethod
    def build(cls, topics: Iterable[Topic]) -> PrerequisiteGraph:
        """The graph of these topics, in any order; O(edges) and a sort of the slugs.

        Raises BadInput for a slug given twice and for hours that are negative, infinite or NaN (zero is
        fine, None counts as UNESTIMATED_HOURS); InvalidRequirement for a group that is empty, repeats a
        member, or needs fewer than 1 or more than its size. Unknown members go to `dangling`.
        """
        topics = tuple(topics)
        return cls.assemble(
            ((topic.slug, topic.hours) for topic in topics),
            ((topic.slug, group.need, group.of) for topic in topics for group in topic.requires),
            ((topic.slug, before.topic) for topic in topics for before in topic.recommends),
        )

    @classmethod
    def assemble(
        cls,
        topics: Iterable[tuple[Slug, float | None]],
        groups: Iterable[tuple[Slug, int, Iterable[Slug]]] = (),
        recommended: Iterable[tuple[Slug, Slug]] = (),
        aliases: Mapping[Slug, Slug] = MappingProxyType({}),
    ) -> PrerequisiteGraph:
        """The graph of bare rows: (slug, hours), (slug, need, members), (slug, recommended before it).

        `aliases` are other names of topics; those of unknown ones name nothing. Raises as `build` does; a
        group or recommendation of an unknown topic is BadInput.
        """
        parts = Parts.of(topics)
        owner, need, members = parts.groups(groups)
        recommendations = parts.recommendations(recommended)
        count = len(parts.slugs)
        other = {alias: parts.number[slug] for alias, slug in aliases.items() if slug in parts.number}
        starts = Rows.of(owner, np.arange(len(owner)), rows=count)
        return cls(
            slugs=parts.slugs,
            number=MappingProxyType({**other, **parts.number}) if other else parts.number,
            hours=parts.hours,
            groups=starts,
            need=need,
            topic=owner,
            members=members,
            member_of=members.transposed(count),
            recommended=recommendations,
            dangling=tuple(sorted(parts.dangling)),
        )

    def changed(
        self, topics: Iterable[Topic], removed: Iterable[Slug], aliases: Mapping[Slug, Slug]
    ) -> PrerequisiteGraph:
        """The graph with these topics in place of those of their slugs, without the removed ones.

        `aliases` replace the former ones. O(topics and edges of the whole graph); raises as `build` does.
        """
        new = {topic.slug: topic for topic in topics}
        gone = new.keys() | set(removed)
        kept = [number for number, slug in enumerate(self.slugs) if slug not in gone]
        return PrerequisiteGraph.assemble(
            chain(
                zip(self.names_of(kept), self.hours[kept].tolist(), strict=True),
                ((slug, topic.hours) for slug, topic in new.items()),
            ),
            chain(
                ((self.slugs[number], *group) for number in kept for group in self._groups_of(number)),
                ((slug, group.need, group.of) for slug, topic in new.items() for group in topic.requires),
            ),
            chain(
                (
                    (self.slugs[number], before)
                    for number in kept
                    for before in self.names(self.recommended[number])
                ),
                ((slug, before.topic) for slug, topic in new.items() for before in topic.recommends),
            ),
            aliases,
        )

    def __len__(self) -> int:
        return len(self.slugs)

    def _groups_of(self, number: int) -> Iterator[tuple[int, tuple[Slug, ...]]]:
        """(need, members by slug) of each group of a topic; unknown members are not among them."""
        for group in self.groups[number].tolist():
            yield int(self.need[group]), self.names(self.members[group])

    def numbers(self, slugs: Iterable[Slug]) -> Indices:
        """The numbers of these slugs, in their order, repeats included.

        Raises UnknownSlugs, which names every unknown slug, with suggestions for the first of them.
        """
        return np.array(resolve(slugs, self.number, self.slugs), dtype=np.int32)

    def mask(self, slugs: Iterable[Slug]) -> Mask:
        """An (n,) mask of these slugs; raises UnknownSlugs as `numbers` does."""
        return self.mask_of(self.numbers(slugs))

    def masks(self, *lists: Iterable[Slug]) -> list[Mask]:
        """An (n,) mask of each list; raises UnknownSlugs, which names what is unknown in all of them."""
        given = [[*slugs] for slugs in lists]
        numbers = self.numbers(chain.from_iterable(given))
        ends = accumulate(map(len, given), initial=0)
        return [self.mask_of(numbers[start:end]) for start, end in pairwise(ends)]

    def mask_of(self, numbers: Indices) -> Mask:
        """An (n,) mask of these numbers."""
        mask = np.zeros(len(self), dtype=bool)
        mask[numbers] = True
        return mask

    def mask_of_all(self, numbers: Iterable[int]) -> Mask:
        """An (n,) mask of these numbers, from any iterable."""
        return self.mask_of(np.fromiter(numbers, dtype=np.int32))

    def names(self, numbers: Indices) -> tuple[Slug, ...]:
        """The slugs of these numbers, in their order."""
        return self.names_of(numbers.tolist())

    def names_of(self, numbers: Iterable[int]) -> tuple[Slug, ...]:
        """The slugs of these numbers, in their order, from any iterable."""
        return tuple(map(self.slugs.__getitem__, numbers))

    def members_in(self, mask: Mask) -> tuple[Slug, ...]:
        """The slugs of a mask, sorted."""
        return self.names(indices(mask))

    @cached_property
    def prerequisites(self) -> Rows:
        """n rows: the members of all groups of each topic (one in two groups stands here twice).

        A view: the groups of a topic are consecutive, and so are their members.
        """
        return Rows(self.members.start[self.groups.start], self.members.values)

    @cached_property
    def dependents(self) -> Rows:
        """n rows: the topics that have each topic in a group, once for every such group."""
        return Rows(self.member_of.start, self.topic[self.member_of.values])

    @cached_property
    def near_prerequisites(self) -> Neighbours:
        """`prerequisites` by name, each once."""
        return Neighbours(self.slugs, self.number, self.prerequisites)

    @cached_property
    def near_dependents(self) -> Neighbours:
        """`dependents` by name, each once."""
        return Neighbours(self.slugs, self.number, self.dependents)

    @cached_property
    def component(self) -> Indices:
        """(n,) the strongly connected component of each topic; see `order.components`."""
        return components(self.prerequisites)

    @cached_property
    def looped(self) -> Mask:
        """(n,) the topics that rest on themselves through some member of some group: those in a loop."""
        return self.mask_of_all(chain.from_iterable(loops(self.prerequisites, self.component)))

    @cached_property
    def level(self) -> Indices:
        """(n,) the longest walk down from each topic, where a step leads from one component to another.

        What a topic rests on never has a higher level, and the same one only in a loop with it.
        """
        owners, values = self.component[self.prerequisites.owners()], self.component[self.members.values]
        across = owners != values
        count = int(self.component.max(initial=-1)) + 1
        return peel(Rows.of(owners[across], values[across], rows=count))[self.component]

    @cached_property
    def downward(self) -> Memberships:
        """Every membership, by the level of the group's topic, highest first, and then by member.

        Topics in loops, which share a level, stand by the round in which they can be learned, latest first;
        what leads to a topic of the same round or a later one leads back.
        """
        finer = self.level.astype(np.int64) * (len(self) + 1) + np.where(self.looped, self.rounds(), 0)
        stage = np.unique(finer, return_inverse=True)[1].astype(np.int32)
        owners, members = self.prerequisites.owners(), self.members.values
        back = stage[owners] <= stage[members]
        order = np.lexsort((members, -stage[owners], back))
        forward = len(back) - int(np.count_nonzero(back))
        return Memberships(owners[order], members[order], self.members.owners()[order], forward)

    def below(self, topics: Mask) -> Memberships:
        """What `topics` rest on, near or far: the memberships of all groups of theirs and of those below.

        In the order of `downward`. Small answers are kept; another one is O(edges).
        """
        key = indices(topics).tobytes()
        found = self._scopes.get(key)
        if found is None:
            found = self.downward.of(topics | self.all_prerequisites(topics))
            if len(found) <= _SCOPE:
                if len(found) + sum(map(len, [*self._scopes.values()])) > _SCOPES:
                    self._scopes.clear()  # not the oldest alone: other threads may be here as well
                self._scopes[key] = found
        return found

    @cached_property
    def _scopes(self) -> dict[bytes, Memberships]:
        """What sets of topics, as their numbers, rest on, as far as anybody has asked."""
        return {}

    def placements(self, roadmap: Roadmap) -> tuple[Mask, Mask]:
        """(required, optional): (n,) masks of the topics of a roadmap; see `Placements`.

        Kept for the last roadmap of each slug.
        """
        found = self._placements.get(roadmap.slug)
        if found is None or found.roadmap is not roadmap:
            found = self._placements[roadmap.slug] = Placements.of(roadmap, self.number)
        return self.mask_of(found.required), self.mask_of(found.optional)

    @cached_property
    def _placements(self) -> dict[Slug, Placements]:
        return {}

    @cached_property
    def from_nothing(self) -> Mask:
        """(n,) what can be learned by someone who knows nothing."""
        return self.learnable()

    def all_prerequisites(self, topics: Mask) -> Mask:
        """The topics that some of `topics` rests on through any member of any group, near or far.

        One of `topics` is among them only when another, or a loop, leads to it.
        """
        return reach(self.prerequisites, indices(topics))

    def all_dependents(self, topics: Mask) -> Mask:
        """The topics that rest on some of `topics`, near or far; the inverse of `all_prerequisites`."""
        return reach(self.dependents, indices(topics))

    def referring(self, slugs: Iterable[Slug]) -> tuple[Slug, ...]:
        """The topics that require or recommend one of these, sorted. O(edges). Raises UnknownSlugs."""
        named = self.mask(slugs)
        recommending = self.recommended.owners()[named[self.recommended.values]]
        requiring = self.prerequisites.owners()[named[self.members.values]]
        return self.names(np.union1d(requiring, recommending).astype(np.int32))

    def settled(self, entries: Mask) -> PrerequisiteGraph:
        """The same topics with some memberships taken as known, given as a mask beside `members.values`.

        They count for their groups and are members no more; a group that is met by them is gone. Names
        and hours are shared. O(edges).
        """
        need = self.need - self.members.sums(entries)
        unmet = need > 0
        owners = self.members.owners()
        kept = unmet[owners] & ~entries
        number = np.cumsum(unmet, dtype=np.int32) - 1
        topic = self.topic[unmet]
        members = Rows.of(number[owners[kept]], self.members.values[kept], rows=len(topic))
        return replace(
            self,
            groups=Rows.of(topic, np.arange(len(topic)), rows=len(self)),
            need=need[unmet],
            topic=topic,
            members=members,
            member_of=members.transposed(len(self)),
        )

    def deficits(self, known: Mask) -> Indices:
        """(g,) how many more members of each group must be known; zero or less when it is met.

        O(groups, and memberships of what is known).
        """
        met = np.bincount(self.member_of.gather(indices(known)), minlength=len(self.need))
        return self.need - met.astype(np.int32)

    def ready(self, known: Mask) -> Mask:
        """The topics outside `known` of which every group is met by `known`: its outer fringe."""
        fringe: Mask = (self.unmet(self.deficits(known)) == 0) & ~known
        return fringe

    def unmet(self, deficits: Indices) -> Indices:
        """(n,) how many groups of each topic are not met; O(groups)."""
        met = np.bincount(self.topic[deficits <= 0], minlength=len(self))
        return self.groups.sizes() - met.astype(np.int32)

    def learnable(self, known: Mask | None = None, within: Mask | None = None) -> Mask:
        """What can be known by learning ready topics one after another, starting from `known`.

        `known` (default: nothing) counts as known and is part of the answer, whatever its requirements.
        With `within`, only topics of it are learned. O(edges); see `rounds`.
        """
        return self.rounds(known, within) >= 0

    def rounds(self, known: Mask | None = None, within: Mask | None = None) -> Indices:
        """(n,) the earliest round in which each topic can be learned, when all ready ones are at once.

        What is known has round 0 and what rests on nothing else has the next one: 1, or 0 where nothing
        is known, so that the rounds of a plain acyclic graph are its topological generations. -1 says
        that a topic is out of reach. Forward chaining with a counter for each group and each topic, every
        edge looked at once: O(edges). Dowling & Gallier, Linear-time algorithms for testing the
        satisfiability of propositional Horn formulae, J. Logic Programming 1 (1984), with thresholds.
        """
        unmet, waiting = self.need.copy(), self.groups.sizes()
        rounds = np.full(len(self), -1, dtype=np.int32)
        open_ = np.ones(len(self), dtype=bool) if within is None else within.copy()
        ready = np.flatnonzero(waiting == 0).astype(np.int32)
        number = 0
        if known is not None and known.any():
            open_ &= ~known
            rounds[known] = 0
            number = 1
            met = count_down(unmet, self.member_of.gather(indices(known)))
            ready = np.union1d(ready, count_down(waiting, self.topic[met]))
        while len(ready := ready[open_[ready]]):
            rounds[ready] = number
            number += 1
            met = count_down(unmet, self.member_of.gather(ready))
            ready = count_down(waiting, self.topic[met])
        return rounds
