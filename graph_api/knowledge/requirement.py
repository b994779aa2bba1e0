"""Requirement expressions (any / all / at_least, nested) and their normal form.

An expression is a topic's slug or an `AtLeast`. Its normal form is a conjunction of groups
"at least `need` of these topics" with the same truth table: what the graph stores as edges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Final, TypeAlias, Union

from graph_api.errors import InvalidRequirement
from graph_api.knowledge.model import Requirement, Slug

MAX_GROUPS: Final = 256
MAX_DEPTH: Final = 32
MAX_COMPARISONS: Final = 1_000_000
MAX_SHARED_COMPARISONS: Final = 2_000_000
"""Of all the normal forms of one file together: about two seconds."""
_WIDE: Final = 32
"""So many topics of a group cost another comparison."""
_UNION: Final = 4
"""The cost of making a group, in comparisons."""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `need` of the expressions `of` hold, counted with repeats."""

    need: int
    of: tuple[Expression, ...]


Expression: TypeAlias = Union[Slug, AtLeast]  # noqa: UP007 - AtLeast is still a string when this line runs


def any_of(*of: Expression) -> AtLeast:
    """One of them will do."""
    return AtLeast(1, of)


def all_of(*of: Expression) -> AtLeast:
    """Every one of them is needed."""
    return AtLeast(len(of), of)


def holds(expression: Expression, known: Set[Slug]) -> bool:
    """Whether `known` meets the expression, by direct evaluation: the meaning of the normal form."""
    if isinstance(expression, str):
        return expression in known
    return sum(holds(part, known) for part in expression.of) >= expression.need


@dataclass(frozen=True, slots=True)
class _Group:
    """At least `need` of `of`, while a normal form is being made."""

    need: int
    of: frozenset[Slug]

    def implies(self, other: _Group) -> bool:
        """Whether meeting this group always meets `other`: enough of its members lie in the other's."""
        spare = self.need - other.need
        if spare <= 0:  # quicker, and all that there is to clauses
            return spare == 0 and self.of <= other.of
        return len(self.of - other.of) <= spare

    def clauses(self) -> Iterable[frozenset[Slug]]:
        """The group as clauses of which one member is needed each: any n - need + 1 hold a known one."""
        return map(frozenset, combinations(sorted(self.of), len(self.of) - self.need + 1))


_Groups: TypeAlias = tuple[_Group, ...]


class Allowance:
    """Work that is left for the normal forms of one file, shared by all of them.

    Each normal form is bounded by itself; thousands of expensive ones in one file are bounded by this.
    """

    def __init__(self, comparisons: int = MAX_SHARED_COMPARISONS) -> None:
        self._left = comparisons

    @property
    def spent(self) -> bool:
        """Whether it has run out: whoever shares it has been told so by one InvalidRequirement."""
        return self._left < 0

    def spend(self, comparisons: int) -> None:
        """Take from what is left; raises InvalidRequirement where that is not enough."""
        self._left -= comparisons
        if self._left < 0:
            raise InvalidRequirement(
                "The requirements up to here are too much work to bring into normal form; say them simpler."
            )


def normal_form(
    expression: Expression, *, reason: str = "", allowance: Allowance | None = None
) -> tuple[Requirement, ...]:
    """The groups that together say the same as `expression`, sorted, none implied by the others.

    Threshold groups stay whole where they stand alone and are spread into clauses only under an
    alternative; there the distributive law is applied and what is implied is dropped at once (Quine's
    prime implicates of a monotone function).

    Raises InvalidRequirement for an empty group, a `need` below 1 or above the number of parts, more
    than MAX_DEPTH levels, more than MAX_GROUPS groups on the way, or more than MAX_COMPARISONS
    comparisons of groups, which bounds the time to about a second; and when a shared allowance runs out.
    """
    normaliser = _Normaliser(allowance)
    requirements = (
        Requirement(of=tuple(sorted(group.of)), need=group.need, reason=reason)
        for group in normaliser.needed(normaliser.groups(expression, MAX_DEPTH))
    )
    return tuple(sorted(requirements, key=lambda requirement: (requirement.of, requirement.need)))


def combine(
    requirements: Iterable[Requirement], *, allowance: Allowance | None = None
) -> tuple[Requirement, ...]:
    """Requirements of one topic that say the same, without those that the others imply.

    Of two equal ones the first stays, with its reason. Raises InvalidRequirement above MAX_GROUPS, and
    for too much work as `normal_form` does.
    """
    first: dict[_Group, Requirement] = {}
    for requirement in requirements:
        first.setdefault(_Group(requirement.need, frozenset(requirement.of)), requirement)
    normaliser = _Normaliser(allowance)
    kept = set(normaliser.needed(normaliser.irredundant(first)))
    return tuple(requirement for group, requirement in first.items() if group in kept)


def under_names(requirement: Requirement, naming: Callable[[Slug], Slug]) -> tuple[Requirement, ...]:
    """The requirement with other slugs; where two become one, that one counts for both."""
    named = tuple(naming(slug) for slug in requirement.of)
    if named == requirement.of:
        return (requirement,)
    if len({*named}) == len(named):
        return (Requirement(tuple(sorted(named)), requirement.need, requirement.reason),)
    return normal_form(AtLeast(requirement.need, named), reason=requirement.reason)


class _Normaliser:
    """One making of a normal form, with its own allowance of work and perhaps a share in another."""

    def __init__(self, shared: Allowance | None) -> None:
        self._comparisons = 0
        self._shared = shared

    def groups(self, expression: Expression, depth: int) -> _Groups:
        if isinstance(expression, str):
            return (_Group(1, frozenset({expression})),)
        count = len(expression.of)
        if depth == 0:
            raise InvalidRequirement(f"A requirement may be nested {MAX_DEPTH} levels deep, not more.")
        if count == 0:
            raise InvalidRequirement("A group of requirements is empty.")
        if not 1 <= expression.need <= count:
            raise InvalidRequirement(
                f"A group of {count} asks for {expression.need}; it can ask for 1 to {count}."
            )
        topics = frozenset(part for part in expression.of if isinstance(part, str))
        if len(topics) == count and 1 < expression.need < count:
            return (_Group(expression.need, topics),)
        return self._at_least(expression.need, [self.groups(part, depth - 1) for part in expression.of])

    def irredundant(self, groups: Iterable[_Group]) -> _Groups:
        """The groups without those that another implies; of equal ones the first stays."""
        kept: list[_Group] = []
        for group in groups:
            self._spend(_UNION + len(kept), group)
            if any(other.implies(group) for other in kept):
                continue
            kept = [other for other in kept if not group.implies(other)]
            kept.append(group)
        if len(kept) > MAX_GROUPS:
            raise _too_many()
        return tuple(kept)

    def _at_least(self, need: int, parts: Sequence[_Groups]) -> _Groups:
        """At least `need` of the parts: of any len(parts) - need + 1 of them, one must hold."""
        width = len(parts) - need + 1
        if comb(len(parts), width) > MAX_GROUPS:
            raise _too_many()
        if width == 1:
            return self.irredundant(group for part in parts for group in part)
        result: _Groups = ()
        for chosen in combinations(parts, width):
            result = self.irredundant((*result, *self._one_of(chosen)))
        return result

    def _one_of(self, parts: Sequence[_Groups]) -> _Groups:
        """One of the parts: distribution, clause by clause, where there is more than one part."""
        result, *rest = parts
        for part in rest:
            left, right = self._clauses(result), self._clauses(part)
            result = self.irredundant(_Group(1, a | b) for a in left for b in right)
        return result

    def _clauses(self, groups: _Groups) -> list[frozenset[Slug]]:
        counts = [comb(len(group.of), group.need - 1) for group in groups]
        if sum(counts) > MAX_GROUPS:
            raise _too_many()
        for group, count in zip(groups, counts, strict=True):
            self._spend(count, group)
        return [clause for group in groups for clause in group.clauses()]

    def needed(self, groups: _Groups) -> _Groups:
        """The groups without the thresholds that several others imply together, as "a or b" and "c or d"
        imply "2 of a, b, c and d".

        A clause follows from a conjunction of monotone groups just when it follows from one of them: with
        all else known and its members unknown, some group must fail. So a group goes when each of its
        clauses does follow; one of more than MAX_GROUPS clauses is kept unseen.
        """
        kept = list(groups)
        for group in groups:
            if not 1 < group.need < len(group.of) or comb(len(group.of), group.need - 1) > MAX_GROUPS:
                continue
            others = [other for other in kept if other is not group]
            if all(self._follows(_Group(1, clause), others) for clause in group.clauses()):
                kept = others
        return tuple(kept)

    def _follows(self, clause: _Group, others: Sequence[_Group]) -> bool:
        self._spend(1 + len(others), clause)
        return any(other.implies(clause) for other in others)

    def _spend(self, comparisons: int, group: _Group) -> None:
        """Count comparisons with a group; with one of many topics each of them takes longer."""
        comparisons *= 1 + len(group.of) // _WIDE
        self._comparisons += comparisons
        if self._comparisons > MAX_COMPARISONS:
            raise InvalidRequirement(
                "This requirement is too much work to bring into normal form; say it more simply."
            )
        if self._shared:
            self._shared.spend(comparisons)


def _too_many() -> InvalidRequirement:
    return InvalidRequirement(
        f"In normal form this requirement has more than {MAX_GROUPS} groups; say it more simply."
    )


def in_words(requirements: Sequence[Requirement], title: Callable[[Slug], str] = str) -> str:
    """The requirements as a person says them: 'SQL, and Node.js or Python, and 2 of A, B and C'."""
    return ", and ".join(_group_in_words(requirement, title) for requirement in requirements)


def _group_in_words(requirement: Requirement, title: Callable[[Slug], str]) -> str:
    names = [title(slug) for slug in requirement.of]
    if requirement.need == 1:
        return _joined(names, "or")
    if requirement.need == len(names):
        return _joined(names, "and")
    return f"{requirement.need} of {_joined(names, 'and')}"


def _joined(names: Sequence[str], word: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
