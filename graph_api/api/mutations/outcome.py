"""How every content write goes: who asks, the edit, and the payload, refused or not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import strawberry

from graph_api.api.context import Info
from graph_api.api.mutations.inputs import ContentInput
from graph_api.api.user_error import EXPECTED, UserError
from graph_api.api.viewer import Role
from graph_api.errors import Conflict, RoadmapError
from graph_api.knowledge.change import Change
from graph_api.store.writer import Writing, Written


@strawberry.interface(description="What every payload of a content write says.")
class ContentPayload:
    """A payload."""

    revision: int = strawberry.field(
        description="The revision of the catalogue after the write; when it was refused, the current one."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused; empty when it was made.")


@strawberry.type(description="What became of a deletion.")
class DeletePayload(ContentPayload):
    """A payload with a slug."""

    deleted: str | None = strawberry.field(description="The slug of what was deleted; null when it was not.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a write: a change, or the reasons against it."""

    revision: int
    user_errors: list[UserError]
    change: Change | None = None


async def attempt(
    info: Info,
    work: Callable[[Writing], Awaitable[Written]],
    expected: int | None,
    *,
    dry_run: bool = False,
) -> Outcome:
    """Do a write as the viewer. Raises Unauthenticated, Forbidden, and what the input is not to blame for."""
    viewer = info.context.require(Role.EDITOR)
    writing = Writing(by=viewer.id, action=info.field_name, expected=expected, dry_run=dry_run)
    try:
        change, revision = await work(writing)
    except EXPECTED as error:
        return await refused(info, error)
    info.context.renew()
    return Outcome(revision, [], change)


async def refused(info: Info, error: RoadmapError) -> Outcome:
    """The outcome of a write that was not made."""
    current = error.revision if isinstance(error, Conflict) else await info.context.reader.revision()
    return Outcome(current, UserError.of(error))


async def made(info: Info, given: ContentInput) -> Outcome:
    """Make the edit that an input means; what the input already shows to be wrong is a refusal too."""

    async def work(writing: Writing) -> Written:
        return await info.context.writer.edit(given.edit(), writing=writing)

    return await attempt(info, work, given.expected_revision)


def deleted(outcome: Outcome, slug: str) -> DeletePayload:
    """The payload of a deletion."""
    gone = None if outcome.user_errors else slug
    return DeletePayload(revision=outcome.revision, user_errors=outcome.user_errors, deleted=gone)
