"""What is left of what a caller may ask for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol, Self

import strawberry


class Spending(Protocol):
    """What an operation took from its caller's points; `resets_at` in seconds since 1970."""

    @property
    def limit(self) -> int:
        """The most points that there can be."""

    @property
    def remaining(self) -> int:
        """Those that are left."""

    @property
    def cost(self) -> int:
        """Those that the operation took."""

    @property
    def resets_at(self) -> float:
        """When there are as many as there can be."""


@strawberry.type(description="How much the caller may still ask for. Points flow back all the time.")
class RateLimit:
    """The bucket of the caller."""

    limit: int = strawberry.field(description="The most points that the caller can have.")
    remaining: int = strawberry.field(description="The points that are left after this operation.")
    reset_at: datetime = strawberry.field(description="When all points are back, if nothing else is asked.")
    cost: int = strawberry.field(description="The points that this operation took.")

    @classmethod
    def of(cls, spending: Spending) -> Self:
        """The same as GraphQL shows it."""
        return cls(
            limit=spending.limit,
            remaining=spending.remaining,
            reset_at=datetime.fromtimestamp(spending.resets_at, UTC),
            cost=spending.cost,
        )
