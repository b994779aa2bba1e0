"""The worked example after a few edits: what it was before them is its past."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graph_api.knowledge.edit import (
    ChangeRoadmap,
    ChangeTopic,
    CreateSection,
    CreateTopic,
    DeleteTopic,
    Edit,
    MergeTopics,
    MoveTopic,
    PlaceTopic,
    RenameRoadmap,
    RenameSection,
    RenameTopic,
)
from graph_api.knowledge.model import Recommendation, Requirement, Resource, Section, Topic
from graph_api.store.writer import Writing

EDITS: Final[Sequence[Edit]] = (
    ChangeTopic("flour", {"hours": 3.5, "resources": (Resource("https://example.org/a", "A"),)}),
    RenameTopic("yeast-dough", "raised-dough"),
    PlaceTopic("hygiene", "baker", "basics", position=0, optional=True),
    RenameSection("baker", "doughs", "leaven"),
    MoveTopic("wild-yeast", "baker", section="basics", position=1),
    MergeTopics("mixer", "hand-kneading"),
    RenameRoadmap("baker", "bakery"),
    CreateSection("bakery", Section("shop", "Shop", optional=True), position=0),
    CreateTopic(Topic("bread-knife", "Bread Knife", recommends=(Recommendation("flour", "Dust."),))),
    PlaceTopic("bread-knife", "bakery", "shop"),
    ChangeTopic("sourdough-bread", {"requires": (Requirement(("hygiene",)),)}),
    ChangeRoadmap("bakery", {"title": "Bakery"}),
    DeleteTopic("night-shift"),
)

WRITING: Final = Writing(by="ada", action="edit")
LAST: Final = 1 + len(EDITS)
