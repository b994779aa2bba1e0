"""The cheapest learning path: exact reduction first, then a mixed-integer program for what is left.

cost -> selection (what to minimise) -> reduction, reduced (what must and what cannot be on it)
-> greedy (a path at once) and program (the proof), with circles cut off -> order -> choices
"""

from graph_api.knowledge.path.cheapest import LearningPath, cheapest_path
from graph_api.knowledge.path.choices import Choice
from graph_api.knowledge.path.cost import HOURS, TOPICS, Cost, hours_avoiding_optional
from graph_api.knowledge.path.reduction import Demand
from graph_api.knowledge.path.selection import Selection, cheapest_selection

__all__ = [
    "HOURS",
    "TOPICS",
    "Choice",
    "Cost",
    "Demand",
    "LearningPath",
    "Selection",
    "cheapest_path",
    "cheapest_selection",
    "hours_avoiding_optional",
]
