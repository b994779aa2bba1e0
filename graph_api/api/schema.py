"""The schema: the root types, put together once."""

from __future__ import annotations

import strawberry

from graph_api.api.mutations import Mutation
from graph_api.api.query import Query
from graph_api.api.roadmap import Roadmap, Section
from graph_api.api.subscription import Subscription
from graph_api.api.topic import Topic


def build_schema() -> strawberry.Schema:
    """The schema of the API."""
    return strawberry.Schema(
        query=Query, mutation=Mutation, subscription=Subscription, types=[Roadmap, Section, Topic]
    )
