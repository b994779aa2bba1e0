"""The root of all writes: one file a noun, put together here."""

from __future__ import annotations

import strawberry

from graph_api.api.mutations.documents import DocumentMutations
from graph_api.api.mutations.placements import PlacementMutations
from graph_api.api.mutations.progress import ProgressMutations
from graph_api.api.mutations.roadmaps import RoadmapMutations
from graph_api.api.mutations.sections import SectionMutations
from graph_api.api.mutations.topics import TopicMutations


@strawberry.type(
    description="Everything that can be changed. A content write needs the role editor; it is one revision of"
    " the catalogue and one entry of its history. What changes nothing writes nothing."
)
class Mutation(
    TopicMutations,
    RoadmapMutations,
    SectionMutations,
    PlacementMutations,
    DocumentMutations,
    ProgressMutations,
):
    """The mutation root."""
