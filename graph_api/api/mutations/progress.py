"""Writes of one's own progress: what is recorded, and that all of it be forgotten."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph_api.api.connection import After, Before, First, Last
from graph_api.api.context import Info
from graph_api.api.cost import Cost
from graph_api.api.learner import Learner, knowledge_state
from graph_api.api.progress import ProgressStatus
from graph_api.api.topic import TopicConnection
from graph_api.api.user_error import EXPECTED, UserError
from graph_api.api.viewer import Role
from graph_api.errors import BadInput, RoadmapError
from graph_api.store.learners import Decide, LearnerState, Marks, Status
from graph_api.store.page import Page

MOST_TOPICS: Final = 10_000


@strawberry.input(description="Which topics take which status.")
class RecordProgressInput:
    """Input of recordProgress."""

    topics: list[str] = strawberry.field(
        description=f"Slugs of up to {MOST_TOPICS:,} topics; former ones will do."
    )
    status: ProgressStatus = strawberry.field(description="What to record of each of them.")
    include_prerequisites: bool = strawberry.field(
        default=False,
        description="Record it also of what leads to these topics and is neither known nor skipped: of"
        " alternatives, of those that make the fewest hours from what is known. Not with `UNKNOWN`.",
    )


@strawberry.type(description="What has been recorded.")
class RecordProgressPayload:
    """A payload with the learner."""

    all_changed: strawberry.Private[tuple[str, ...]] = ()
    all_marked: strawberry.Private[tuple[str, ...]] = ()
    learner: Learner = strawberry.field(description="The learner after the write.")
    revision: int = strawberry.field(
        description="The learner's revision after the write: the former one when it changed nothing."
    )
    user_errors: list[UserError] = strawberry.field(description="Why it was refused; empty when it was made.")

    @strawberry.field(description="The topics that took the status and did not have it before, by slug.")
    def changed(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> TopicConnection:
        """One load."""
        page = Page.of(first=first, after=after, last=last, before=before)
        return TopicConnection.of_slugs(sorted(self.all_changed), page, info.context.load)

    @strawberry.field(
        description="Those of the changed topics that `includePrerequisites` added to the named, by slug."
    )
    def marked(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> TopicConnection:
        """One load."""
        page = Page.of(first=first, after=after, last=last, before=before)
        return TopicConnection.of_slugs(sorted(self.all_marked), page, info.context.load)


@strawberry.input(description="That all be forgotten.")
class DeleteViewerInput:
    """Input of deleteViewer."""

    everything: bool = strawberry.field(
        description="Must be true: all that you recorded is deleted with its history and does not come back."
    )


@strawberry.type(description="What has been forgotten.")
class DeleteViewerPayload:
    """A payload."""

    deleted: bool = strawberry.field(description="Whether nothing is kept about the learner any more.")
    revision: int = strawberry.field(description="The learner's revision after it: 0, as for a new one.")
    user_errors: list[UserError] = strawberry.field(description="Why it was refused; empty when it was made.")


@strawberry.type
class ProgressMutations:
    """Writes of the viewer's own progress. They leave the content and its revision alone."""

    @strawberry.mutation(
        description="Record what you know, are learning or skip; it counts in every roadmap. All or nothing;"
        " the same again changes nothing. Needs the role learner.",
        directives=[Cost(weight=50)],
    )
    async def record_progress(
        self,
        info: Info,
        input: Annotated[RecordProgressInput, strawberry.argument(description="What.")],
    ) -> RecordProgressPayload:
        """One write."""
        viewer, learners = info.context.require(Role.LEARNER), info.context.learners
        try:
            decide = await _decision(info, input)
            done = await learners.record(viewer.id, Status[input.status.name], decide)
        except EXPECTED as error:
            return _refused(await learners.read(viewer.id), error)
        info.context.renew()
        return RecordProgressPayload(
            learner=Learner.of(done.state),
            revision=done.state.revision,
            all_changed=done.changed,
            all_marked=done.marked,
            user_errors=[],
        )

    @strawberry.mutation(
        description="Forget everything about you: what you recorded and its history. What you wrote as an"
        " editor stays in the history of the content. Needs the role learner.",
        directives=[Cost(weight=50)],
    )
    async def delete_viewer(
        self,
        info: Info,
        input: Annotated[DeleteViewerInput, strawberry.argument(description="A confirmation.")],
    ) -> DeleteViewerPayload:
        """One write."""
        viewer, learners = info.context.require(Role.LEARNER), info.context.learners
        if not input.everything:
            error = BadInput("Say `everything: true` to have all of it deleted.").at("everything")
            revision = (await learners.read(viewer.id)).revision
            return DeleteViewerPayload(deleted=False, revision=revision, user_errors=UserError.of(error))
        await learners.delete(viewer.id)
        info.context.renew()
        return DeleteViewerPayload(deleted=True, revision=0, user_errors=[])


def _refused(state: LearnerState, error: RoadmapError) -> RecordProgressPayload:
    errors = UserError.of(error)
    return RecordProgressPayload(learner=Learner.of(state), revision=state.revision, user_errors=errors)


async def _decision(info: Info, given: RecordProgressInput) -> Decide:
    """What decides which topics are marked, once the learner's state is locked. Raises BadInput."""
    if len(given.topics) > MOST_TOPICS:
        raise BadInput(f"topics may name {MOST_TOPICS:,} topics, not {len(given.topics):,}.").at("topics")
    if given.include_prerequisites and given.status is ProgressStatus.UNKNOWN:
        raise BadInput("includePrerequisites does not go with UNKNOWN.").at("includePrerequisites")
    structure = await info.context.structure()
    try:
        named = structure.graph.names(structure.graph.numbers(given.topics))
    except RoadmapError as error:
        raise error.at("topics") from None

    async def decide(state: LearnerState) -> Marks:
        if not named or not given.include_prerequisites:
            return Marks(named)
        here = knowledge_state(structure, state)
        try:
            way = await info.context.compute(lambda: here.leading_to(named))
        except RoadmapError as error:
            raise error.at("topics") from None
        return Marks(named, way.topics)

    return decide
