"""Global ids: an opaque text that names a node of the graph and its type."""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from functools import lru_cache
from typing import Final, TypeVar

import strawberry

from graph_api.errors import BadInput, NotFound
from graph_api.store.nodes import NodeKind

T = TypeVar("T")

_KINDS: Final[dict[str, NodeKind]] = {"Roadmap": "Roadmap", "Section": "Section", "Topic": "Topic"}

_LONGEST: Final = 120
"""No id of ours has more characters."""

_PARSED: Final = 5_000
"""So many ids that clients sent are kept parsed, each of some 350 bytes: a hundred come at once."""

_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


@strawberry.interface(description="Anything of the graph that can be read again by its id.")
class Node:
    """The interface that Relay asks for."""

    key: strawberry.Private[str]

    @strawberry.field(description="Opaque, unique in the whole graph, and lasting.")
    def id(self) -> strawberry.ID:
        """Made of the type and of the node's own id."""
        return global_id(_KINDS[type(self).__name__], self.key)


def there(found: T | None) -> T:
    """A node that an edge led to. Raises NotFound when it was deleted since."""
    if found is None:
        raise NotFound("It was deleted while it was being read; ask again.")
    return found


def global_id(kind: NodeKind, key: str) -> strawberry.ID:
    """The id that clients see for a node's own id."""
    encoded = b2a_base64(f"{kind}:{key}".encode(), newline=False).translate(_URL_SAFE)
    return strawberry.ID(encoded.rstrip(b"=").decode())


@lru_cache(maxsize=_PARSED)
def parse_global_id(text: str) -> tuple[NodeKind, str]:
    """The kind and own id that a client's id stands for. Raises BadInput for any other text."""
    if len(text) > _LONGEST:
        raise _no_id(text)
    try:
        padded = text.encode().translate(_STANDARD) + b"=" * (-len(text) % 4)
        kind, _, key = a2b_base64(padded, strict_mode=True).decode().partition(":")
    except (Base64Error, UnicodeError, ValueError):
        kind = key = ""
    if kind not in _KINDS or not key:
        raise _no_id(text)
    return _KINDS[kind], key


def _no_id(text: str) -> BadInput:
    return BadInput(f'"{text[:100]}" is not an id of this graph.')
