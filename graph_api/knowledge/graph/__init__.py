"""The prerequisite graph: an immutable, compact structure of numbers, and what follows from it alone."""

from graph_api.knowledge.graph.memberships import Memberships
from graph_api.knowledge.graph.prerequisites import UNESTIMATED_HOURS, PrerequisiteGraph
from graph_api.knowledge.graph.rows import Indices, Mask, Rows

__all__ = ["UNESTIMATED_HOURS", "Indices", "Mask", "Memberships", "PrerequisiteGraph", "Rows"]
