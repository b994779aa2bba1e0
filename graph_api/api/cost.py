"""What a field costs, as the schema declares it; `endpoint/cost.py` has the model that adds it up."""

from __future__ import annotations

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="What a field costs by itself, in objects read; 0 where it is not declared.",
)
class Cost:
    """A weight."""

    weight: int = strawberry.directive_field(name="weight")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="How many entries a list is assumed to have that is not read in pages, or the argument `by`"
    " whose entries it has one for one. Where it is not declared, 5.",
)
class ListSize:
    """An assumption."""

    assumed: int = strawberry.directive_field(name="assumed", default=5)
    by: str | None = strawberry.directive_field(name="by", default=strawberry.UNSET)
