"""Two states of a roadmap beside each other: what differs, and what that means to a learner."""

from graph_api.knowledge.comparison.differences import (
    Differs,
    FieldChange,
    Named,
    Place,
    PlacementChange,
    RecommendationChange,
    RequirementChange,
    RoadmapDiff,
    SectionChange,
    TopicChange,
)
from graph_api.knowledge.comparison.effects import Effects, PathHours, effects
from graph_api.knowledge.comparison.roadmaps import compare
from graph_api.knowledge.comparison.side import Side, sides

__all__ = [
    "Differs",
    "Effects",
    "FieldChange",
    "Named",
    "PathHours",
    "Place",
    "PlacementChange",
    "RecommendationChange",
    "RequirementChange",
    "RoadmapDiff",
    "SectionChange",
    "Side",
    "TopicChange",
    "compare",
    "effects",
    "sides",
]
