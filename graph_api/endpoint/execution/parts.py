"""Parts of answers, kept for the next answer that has the same: what is selected of one node, as JSON.

Two clients seldom ask the same, and often for the same of some node: its leaves, and what little hangs on it.
A part fits as long as nothing has touched the nodes that it was made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple, Protocol, TypeAlias, TypeGuard

import orjson
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    Undefined,
)
from strawberry import Schema

from graph_api.endpoint.told import knows

PARTS: Final = "roadmap-graph-parts"
"""The extension of a core schema that keeps the parts of its answers."""

MOST: Final = 8
LONGEST: Final = 64
"""So many values of variables, of so many characters each, may a part have."""

_SLOTS: Final = 2**20
"""Bytes that remember what was asked for, at most a quarter of them: then all is forgotten."""

_OVERHEAD: Final = 330
_LATER: Final = 180
_A_NODE: Final = 8
_DIGEST_BYTES: Final = 16
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")

Part: TypeAlias = orjson.Fragment
"""A part, as it stands in the data of a result: JSON that is written as it is."""
Uses: TypeAlias = "tuple[str, ...] | None"
"""The ids of the nodes that something was made of; None when it depends on more than these."""
Key: TypeAlias = "tuple[object, ...]"
"""The digest of a shape, the values of its variables, and the id of a node: flat, since each part has one."""

Kept: TypeAlias = "tuple[bytes, Uses, int]"
"""A part as JSON, what it was made of, and the revision that it was made at.

Neither is of a class of ours, so that the collector of garbage looks through neither: when it did, tens of
thousands of them held everything up for a tenth of a second now and then.
"""


class Watched(Protocol):
    """A context that tells what the things are made of that are read through it."""

    def stands(self) -> tuple[int, object] | None:
        """The revision and the era that all is of which is in memory; None while it is not chosen."""

    def unchanged(self, nodes: Iterable[str], *, since: int) -> bool:
        """Whether these nodes are the same at the revision of `stands` as at that earlier one."""

    def use(self, nodes: Uses) -> None:
        """What follows is made of these nodes, too."""

    def watch(self) -> object:
        """Begin to note what is read; what was noted before, for `watched`."""

    def watched(self, before: object) -> tuple[bool, Uses]:
        """Whether others may have what was made since, and what it was made of; go on as before."""


def _is_watched(context: object) -> TypeGuard[Watched]:
    return knows(context, "stands", "unchanged", "use", "watch", "watched")


class Shape(NamedTuple):
    """What is selected of a node: a digest of the text, and the names of the variables in it."""

    digest: str
    variables: tuple[str, ...]

    @classmethod
    def of(cls, kind: str, fields: Sequence[FieldNode], spelled: Spelled) -> Shape | None:
        """The shape of what these fields select of an object; None when it is leaves alone.

        O(length of what is selected, and of the fragments in it).
        """
        texts = [_text(field.selection_set) for field in fields if field.selection_set is not None]
        names = frozenset[str]().union(*map(_names, texts))
        fragments = spelled.spread(names)
        if not fragments and not any("{" in text[1:] for text in texts):
            return None
        texts += [spelled.fragments[name] for name in fragments]
        said = blake2b("\n".join([kind, *texts]).encode(errors="surrogatepass"), digest_size=_DIGEST_BYTES)
        names = names.union(*(spelled.within[name] for name in fragments))
        return cls(said.hexdigest(), tuple(sorted(names & spelled.variables)))


class Spelled:
    """The text of a document, as far as shapes are made of it.

    variables  the names of the operation's variables
    fragments  the text of each fragment
    within     all names in it, of whatever: more than are meant make no shape wrong
    """

    def __init__(
        self, operation: OperationDefinitionNode, fragments: Iterable[FragmentDefinitionNode]
    ) -> None:
        self.variables = {each.variable.name.value for each in operation.variable_definitions or ()}
        self.fragments = {each.name.value: _text(each) for each in fragments}
        self.within = {name: _names(text) for name, text in self.fragments.items()}

    def spread(self, names: Iterable[str]) -> list[str]:
        """The fragments among these names, and those in the fragments; sorted."""
        found = set[str]()
        ahead = self.fragments.keys() & names
        while ahead:
            found |= ahead
            ahead = {name for each in ahead for name in self.within[each] & self.fragments.keys()} - found
        return sorted(found)


def _names(text: str) -> frozenset[str]:
    return frozenset(_NAME.findall(text))


def _text(node: Node) -> str:
    """What a node is in its document."""
    assert node.loc is not None  # noqa: S101 - documents are parsed with their places
    return node.loc.source.body[node.loc.start : node.loc.end]


class Parts:
    """The last parts that were made, of `capacity` bytes at the most; with 0 none. The oldest go first.

    What is asked for once is not worth its room, nor the work to find out what it is made of: a part is
    kept that is asked for again. That is the doorkeeper of Einziger, Friedman and Manes, TinyLFU: a highly
    efficient cache admission policy, ACM Trans. Storage 13 (2017), of one hash, since a mistake costs little.
    """

    def __init__(self, capacity: int = 0) -> None:
        self._capacity = capacity
        self._kept: dict[Key, Kept] = {}
        self._later: dict[Key, int] = {}
        self._era: object = None
        self._asked = bytearray(_SLOTS if capacity else 0)
        self._marks = 0
        self.held = 0
        """About how many bytes they take."""

    @property
    def any(self) -> bool:
        """Whether it keeps any."""
        return self._capacity > 0

    def find(self, key: Key, context: Watched) -> Part | None:
        """The part of now, if there is one; the context knows what it is made of."""
        kept, now = self._kept.get(key), context.stands()
        if kept is None or now is None or now[1] is not self._era:
            return None
        json, uses, made = kept
        if made != now[0] and not self._fits(key, uses, self._later.get(key, made), now[0], context):
            return None
        context.use(uses)
        return Part(json)

    def _fits(self, key: Key, uses: Uses, revision: int, now: int, context: Watched) -> bool:
        """Whether what fitted at a revision does so now; then that is noted beside the part.

        To keep the part anew for that is to make tens of thousands of tuples within a second of a write: the
        collector of garbage then looks through them all at once.
        """
        if revision == now:
            return True
        if uses is None or revision > now or not context.unchanged(uses, since=revision):
            return False
        before = len(self._later)
        self._later[key] = now
        self.held += _LATER * (len(self._later) - before)
        return True

    def again(self, key: Key) -> bool:
        """Whether this part was asked for before, or another one that cannot be told from it."""
        if not self._capacity:
            return False
        slot = hash(key) % _SLOTS
        if self._asked[slot]:
            return True
        if self._marks >= _SLOTS // 4:
            self._asked, self._marks = bytearray(_SLOTS), 0
        self._asked[slot] = 1
        self._marks += 1
        return False

    def keep(self, key: Key, json: bytes, uses: Uses, revision: int, era: object) -> Part:
        """The part that is this JSON, kept in the place of the one before; those of another era go."""
        if era is not self._era:
            self._kept, self._later, self._era, self.held = {}, {}, era, 0
        if key in self._kept:
            self._drop(key)
        self._kept[key] = (json, uses, revision)
        self.held += _size(json, uses, revision)
        while self.held > self._capacity:
            self._drop(next(iter(self._kept)))
        return Part(json)

    def _drop(self, key: Key) -> None:
        self.held -= _size(*self._kept.pop(key))
        if self._later.pop(key, None) is not None:
            self.held -= _LATER


def _size(json: bytes, uses: Uses, _revision: int) -> int:
    """About how many bytes what is kept of a part takes."""
    return len(json) + _A_NODE * len(uses or ()) + _OVERHEAD


def keep_parts(schema: Schema, parts: Parts) -> None:
    """Let this schema's answers be made of these parts."""
    schema._schema.extensions[PARTS] = parts  # noqa: SLF001 - Strawberry has no public way to its core schema


class Making:
    """The parts of one execution: found, or made and kept."""

    def __init__(self, parts: Parts, context: Watched, variables: Mapping[str, Any]) -> None:
        self._parts = parts
        self._context = context
        self._variables = variables
        self._prefixes: dict[str, Key | None] = {}
        self.found = self.made = 0

    @classmethod
    def of(cls, schema: GraphQLSchema, context: object, variables: Mapping[str, Any]) -> Making | None:
        """That of an execution, where its schema keeps parts and its context knows what they are made of."""
        parts = schema.extensions.get(PARTS)
        if not isinstance(parts, Parts) or not parts.any or not _is_watched(context):
            return None
        return cls(parts, context, variables)

    def part(self, shape: Shape, name: str, make: Callable[[], Any], errors: Sequence[object]) -> Any:
        """What `make` gives for the node with this id: a part, or what it is if it is no part for others."""
        prefix = self._prefix(shape)
        if prefix is None:
            return make()
        key, context = (*prefix, name), self._context
        found = self._parts.find(key, context)
        if found is not None:
            self.found += 1
            return found
        self.made += 1
        if not self._parts.again(key):
            return make()
        before, faults = context.watch(), len(errors)
        context.use((name,))  # whoever has found the node has not noted it here
        try:
            made = make()
        finally:
            shared, uses = context.watched(before)
        now = context.stands()
        if not shared or now is None or type(made) is not dict or len(errors) > faults:
            return made
        return self._parts.keep(key, _compact(encode(made)), uses, *now)

    def _prefix(self, shape: Shape) -> Key | None:
        """The shape with the values of its variables; None when these are too long to keep."""
        digest = shape.digest
        if digest not in self._prefixes:
            values = tuple([self._variables.get(name, Undefined) for name in shape.variables])
            brief = len(values) <= MOST and all(map(_is_brief, values))
            self._prefixes[digest] = (digest, *values) if brief else None
        return self._prefixes[digest]


def encode(value: object) -> bytes:
    """A result as JSON, with the parts in it."""
    return orjson.dumps(value)


def is_part(value: object) -> bool:
    """Whether a value of the data stands for an object as a part."""
    return isinstance(value, Part)


def plain(value: object) -> object:
    """The same value, read from JSON where it is a part."""
    return orjson.loads(encode(value)) if isinstance(value, Part) else value


def _compact(json: bytes) -> bytes:
    """The same in as much memory as it needs: the encoder's buffer is much larger than what it holds."""
    return bytes(memoryview(json))


def _is_brief(value: object) -> bool:
    """A variable has one type: 1, 1.0 and true are never values of the same."""
    return value is Undefined or (
        isinstance(value, str | int | float | bool | None) and len(str(value)) <= LONGEST
    )
