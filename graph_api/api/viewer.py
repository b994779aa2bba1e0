"""Who asks, and what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Role(Enum):
    """What a person or program may do. Each role may do what those before it may."""

    LEARNER = "learner"
    EDITOR = "editor"
    ADMIN = "admin"


_RANK: Final = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who a request comes from. `id` is the subject of the token; None has no role of ours."""

    id: str
    role: Role | None

    @classmethod
    def of(cls, subject: str, roles: Iterable[str]) -> Viewer:
        """A viewer with the highest of these roles; names that are no role of ours count for nothing."""
        known = [role for role in Role if role.value in set(roles)]
        return cls(subject, max(known, key=_RANK.__getitem__, default=None))

    def may(self, role: Role) -> bool:
        """Whether the viewer may do what needs this role."""
        return self.role is not None and _RANK[self.role] >= _RANK[role]
