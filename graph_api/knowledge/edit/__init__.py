"""Edits: small changes of the content, each a value that says what it touches and what it makes of it."""

from graph_api.knowledge.edit.merging import MergeTopics
from graph_api.knowledge.edit.placements import MoveTopic, OrderTopics, PlaceTopic, RemoveTopic
from graph_api.knowledge.edit.renaming import RenameRoadmap, RenameSection, RenameTopic
from graph_api.knowledge.edit.roadmaps import ChangeRoadmap, CreateRoadmap, DeleteRoadmap
from graph_api.knowledge.edit.scope import Edit, Scope
from graph_api.knowledge.edit.sections import ChangeSection, CreateSection, DeleteSection, OrderSections
from graph_api.knowledge.edit.topics import ChangeTopic, CreateTopic, DeleteTopic

__all__ = [
    "ChangeRoadmap",
    "ChangeSection",
    "ChangeTopic",
    "CreateRoadmap",
    "CreateSection",
    "CreateTopic",
    "DeleteRoadmap",
    "DeleteSection",
    "DeleteTopic",
    "Edit",
    "MergeTopics",
    "MoveTopic",
    "OrderSections",
    "OrderTopics",
    "PlaceTopic",
    "RemoveTopic",
    "RenameRoadmap",
    "RenameSection",
    "RenameTopic",
    "Scope",
]
