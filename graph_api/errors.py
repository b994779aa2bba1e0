"""Every error that this package raises on purpose, and the stable code a client sees.

RoadmapError                    INTERNAL
├── BadInput                    BAD_USER_INPUT        what the caller gave cannot be used
│   ├── UnknownSlugs            BAD_USER_INPUT        names no topic or roadmap has, with suggestions
│   ├── InvalidRequirement      INVALID_REQUIREMENT   an expression that cannot be a requirement
│   └── InvalidDocument         INVALID_DOCUMENT      a file with faults: all of them at once
│       └── InvalidValues       BAD_USER_INPUT        values that no file could hold: all their faults
├── NotFound                    NOT_FOUND             the named thing is not in the graph
├── Unlearnable                 UNLEARNABLE           a change that would leave topics out of reach
├── StillRequired               STILL_REQUIRED        a topic that others require cannot be deleted
├── Conflict                    CONFLICT              a change made for a revision that is gone by
├── Unauthenticated             UNAUTHENTICATED       nobody has said who asks, or it cannot be trusted
├── Forbidden                   FORBIDDEN             whoever asks may not do this
├── StoreError                  STORE_ERROR           the database refused or failed
│   ├── Unavailable             UNAVAILABLE           it cannot be reached; try again later
│   │   └── OutOfTime           TIMEOUT               the operation took too long and was ended
│   ├── AccessDenied            DATABASE_ACCESS       it refuses our user or password
│   └── MigrationError          MIGRATION             its schema is not one that this version can use
├── LocalDatabaseError          LOCAL_DATABASE        the child-process Neo4j cannot run
└── ConfigurationError          CONFIGURATION         a setting cannot be used
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class RoadmapError(Exception):
    """The base of all our errors: one sentence for people, one `code` for programs.

    `advice` is what whoever meets it can do, as docs/errors.md tells it beside the first paragraph of the
    class; it is inherited with the code. `field` is the path of the input that it is about, empty where it
    is about none.
    """

    code: ClassVar[str] = "INTERNAL"
    advice: ClassVar[str] = "tell us"
    field: tuple[str, ...] = ()

    def at(self, *field: str) -> Self:
        """The same error, about this input."""
        self.field = field
        return self

    @property
    def details(self) -> Mapping[str, object]:
        """What a program may want beside the code; JSON values only."""
        return {}


class BadInput(RoadmapError):
    """An argument cannot be used: a slug that nothing has (`unknown` lists them with suggestions), a bad
    cursor, a size out of bounds.
    """

    code = "BAD_USER_INPUT"
    advice = "correct it, as the message says"


class UnknownSlugs(BadInput):
    """Some slugs name nothing in the graph.

    `unknown` maps each of them to the nearest existing slugs, best first, perhaps none.
    """

    def __init__(self, kind: str, unknown: Mapping[str, Sequence[str]]) -> None:
        self.kind = kind
        self.unknown = {slug: list(near) for slug, near in unknown.items()}
        named = "; ".join(
            f'"{slug}" (did you mean {" or ".join(near)}?)' if near else f'"{slug}"'
            for slug, near in self.unknown.items()
        )
        super().__init__(f"No {kind} has this slug: {named}.")

    @property
    def details(self) -> Mapping[str, object]:
        """The suggestions for each unknown slug."""
        return {"unknown": [{"slug": slug, "suggestions": near} for slug, near in self.unknown.items()]}


class InvalidRequirement(BadInput):
    """A requirement that has no normal form, or one that is too large."""

    code = "INVALID_REQUIREMENT"
    advice = "say it more simply"


class InvalidDocument(BadInput):
    """A document with faults; `faults` lists every one, in the order of the text."""

    code = "INVALID_DOCUMENT"
    advice = "correct them"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        super().__init__(f"{count} fault{'s' if count != 1 else ''}: {self.faults[0]}")

    @property
    def details(self) -> Mapping[str, object]:
        """The faults, each as a mapping."""
        return {"faults": [fault.as_dict() for fault in self.faults]}


class InvalidValues(InvalidDocument):
    """Values, given apart from a file, that none could hold; the paths of `faults` are within them."""

    code = "BAD_USER_INPUT"


class Fault:
    """One fault of a document: where it stands, what is wrong, what would be right."""

    __slots__ = ("file", "line", "message", "path", "suggestion")

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        line: int | None = None,
        path: str = "",
        suggestion: str | None = None,
    ) -> None:
        self.message = message
        self.file = file
        self.line = line
        self.path = path
        self.suggestion = suggestion

    def __str__(self) -> str:
        where = ":".join(part for part in (self.file, str(self.line or "")) if part)
        hint = f" Did you mean {self.suggestion}?" if self.suggestion else ""
        return " ".join(part for part in (where and f"{where}:", self.path and f"{self.path}:") if part) + (
            f" {self.message}{hint}" if where or self.path else f"{self.message}{hint}"
        )

    def as_dict(self) -> dict[str, object]:
        """The fault as JSON values."""
        return {name: getattr(self, name) for name in ("file", "line", "path", "message", "suggestion")}


class NotFound(RoadmapError):
    """The named thing is not in the graph (any more)."""

    code = "NOT_FOUND"
    advice = "ask again, or for something else"


class Unlearnable(RoadmapError):
    """Topics that nobody could ever reach; `blocking` names irreducible sets that block each other.

    In each of those sets, every topic waits for another of the set.
    """

    code = "UNLEARNABLE"
    advice = "change one of the requirements, or choose another goal"

    def __init__(self, blocking: Sequence[Sequence[str]]) -> None:
        self.blocking = [list(group) for group in blocking]
        named = "; ".join(" and ".join(group) for group in self.blocking)
        super().__init__(f"No one could ever learn these topics, each waits for another of them: {named}.")

    @property
    def details(self) -> Mapping[str, object]:
        """The blocking sets, by slug."""
        return {"blocking": self.blocking}


class StillRequired(RoadmapError):
    """A topic that others require cannot be deleted; `dependents` are their slugs."""

    code = "STILL_REQUIRED"
    advice = "change their requirements first, or delete with `detach: true`"

    def __init__(self, topic: str, dependents: Sequence[str]) -> None:
        self.dependents = list(dependents)
        super().__init__(f'"{topic}" is required by {", ".join(self.dependents)}.')

    @property
    def details(self) -> Mapping[str, object]:
        """The slugs of those that require it."""
        return {"dependents": self.dependents}


class Conflict(RoadmapError):
    """A change made for a revision that is no longer the current one; `revision` is."""

    code = "CONFLICT"
    advice = "read again, then change"

    def __init__(self, expected: int, revision: int) -> None:
        self.revision = revision
        super().__init__(f"The catalogue is at revision {revision}, not {expected}; look at it again first.")

    @property
    def details(self) -> Mapping[str, object]:
        """The current revision."""
        return {"revision": self.revision}


class Unauthenticated(RoadmapError):
    """Nobody has said who asks, or the token that says it cannot be trusted or has expired (then with status
    401, and nothing was run).
    """

    code = "UNAUTHENTICATED"
    advice = "send `Authorization: Bearer <token>` ([how](authentication.md))"


class Forbidden(RoadmapError):
    """Whoever asks may not do this."""

    code = "FORBIDDEN"
    advice = "ask for a token with the role that the message names"


class StoreError(RoadmapError):
    """The database refused a statement or failed in one."""

    code = "STORE_ERROR"
    advice = "tell us; [operations](operations.md) says where to look"


class Unavailable(StoreError):
    """The database cannot be reached now, or took too long; or the keys of the token issuer cannot be had
    (then with status 503).
    """

    code = "UNAVAILABLE"
    advice = "try again later"


class OutOfTime(Unavailable):
    """The operation has taken longer than it may, and was ended (by HTTP with status 504).

    Nothing of it was written, unless the message says that it may yet be made.
    """

    code = "TIMEOUT"
    advice = "ask for less at once, or try again later"

    def __init__(self, message: str = "The operation took too long and was ended.") -> None:
        super().__init__(message)


class AccessDenied(StoreError):
    """The database refuses our user or password."""

    code = "DATABASE_ACCESS"
    advice = "correct the settings"


class MigrationError(StoreError):
    """The database's schema is not one that this version can use."""

    code = "MIGRATION"
    advice = "use the version that wrote it, or a newer one"


class LocalDatabaseError(RoadmapError):
    """The local Neo4j cannot be installed, started or stopped; seen on the command line alone."""

    code = "LOCAL_DATABASE"
    advice = "as the sentence says"


class ConfigurationError(RoadmapError):
    """A setting that cannot be used; seen on the command line alone."""

    code = "CONFIGURATION"
    advice = "correct it"
