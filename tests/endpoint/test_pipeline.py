"""The way of an operation: each step in its order, and what one of them refuses goes no further."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import pytest
import strawberry
from graphql import ExecutionResult, OperationType

from graph_api.endpoint.limits import DocumentLimits
from graph_api.endpoint.pipeline import NotAllowed, Pipeline, Rejected
from graph_api.endpoint.rates import RateLimited, Spending
from graph_api.endpoint.request import GraphQLRequest
from graph_api.endpoint.result import NotExecuted, executed
from graph_api.endpoint.trusted import Trust, TrustedDocuments
from graph_api.errors import Unavailable

ALL: Final = (OperationType.QUERY, OperationType.MUTATION)
SPENDING: Final = Spending(limit=10, remaining=0, cost=1, window=1.0, reset_after=1.0, resets_at=1.0)


@strawberry.type
class Query:
    @strawberry.field
    def tea(self) -> str:
        return "tea"

    @strawberry.field
    def cup(self) -> Query:
        return Query()


@strawberry.type
class Mutation:
    @strawberry.mutation
    def drink(self) -> str:
        return "drunk"


SCHEMA: Final = strawberry.Schema(query=Query, mutation=Mutation)


@dataclass
class Till:
    """Rates that note what is taken, and refuse from a cost on."""

    most: int = 100
    taken: list[int] = field(default_factory=list)

    async def take(self, caller: str, cost: int, /) -> Spending:
        assert caller == "ada"
        if cost > self.most:
            raise RateLimited(SPENDING, 1.0)
        self.taken.append(cost)
        return SPENDING


@dataclass
class Asker:
    """A context that is charged."""

    caller: str = "ada"
    spending: Spending | None = None


def asked(query: str, **given: Any) -> GraphQLRequest:
    return GraphQLRequest(query, None, given.pop("name", None), reads_only=False, **given)


def messages(result: ExecutionResult) -> list[str]:
    return [error.message for error in result.errors or ()]


async def test_what_is_executed_was_charged_before() -> None:
    till, asker = Till(), Asker()
    result = await Pipeline(SCHEMA, rates=till).execute(asked("{ cup { tea } }"), asker, ALL)
    assert (result.data, result.errors) == ({"cup": {"tea": "tea"}}, None)
    assert (till.taken, asker.spending) == ([1], SPENDING)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("{", "Syntax Error"),
        ("{ milk }", "Cannot query field"),
        ("{ cup { cup { cup { tea } } } }", "Past the limit of depth"),
        ("{ a: cup { tea } b: cup { tea } c: cup { tea } }", "Past the limit of cost"),
        ("query A { tea } query B { tea }", "several operations"),
        ("fragment F on Query { tea }", "has no operation"),
    ],
)
async def test_what_is_refused_is_neither_charged_nor_executed(query: str, says: str) -> None:
    till = Till()
    pipeline = Pipeline(SCHEMA, limits=DocumentLimits(depth=3, cost=2), rates=till)
    result = await pipeline.execute(asked(query), Asker(), ALL)
    assert isinstance(result, NotExecuted)
    assert not executed(result)
    assert says in messages(result)[0]
    assert till.taken == []


async def test_what_cannot_be_paid_is_not_executed_and_tells_its_cost() -> None:
    pipeline = Pipeline(SCHEMA, rates=Till(most=0))
    result = await pipeline.execute(asked("{ cup { tea } }", extensions={"cost": True}), Asker(), ALL)
    assert isinstance(result, NotExecuted)
    assert isinstance((result.errors or [])[0].original_error, RateLimited)
    assert result.extensions == {"cost": {"requested": 1, "limit": 50_000}}


async def test_a_kind_that_does_not_come_this_way_is_told_before_anything_else() -> None:
    till = Till()
    with pytest.raises(NotAllowed) as told:
        await Pipeline(SCHEMA, rates=till).execute(
            asked("mutation { nothing }"), Asker(), [OperationType.QUERY]
        )
    assert told.value.kind is OperationType.MUTATION
    assert till.taken == []


async def test_one_of_several_operations_is_chosen_by_its_name() -> None:
    both = "query A { tea } mutation B { drink }"
    result = await Pipeline(SCHEMA).execute(asked(both, name="B"), None, ALL)
    assert result.data == {"drink": "drunk"}
    result = await Pipeline(SCHEMA).execute(asked(both, name="C"), None, ALL)
    assert messages(result) == ['The document has no operation named "C".']


async def test_a_result_that_others_are_told_too_is_left_as_it_is() -> None:
    pipeline, shared = Pipeline(SCHEMA), ExecutionResult({"tea": "tea"})
    one = await pipeline.begin(asked("{ cup { tea } }", extensions={"cost": True}), None, ALL)
    other = await pipeline.begin(asked("{ cup { tea } }"), None, ALL)
    assert one.told(shared).extensions
    assert not other.told(shared).extensions
    assert shared.extensions is None


class Failing:
    """A context of one revision that cannot tell whether it still holds."""

    revision = 1

    async def holds(self) -> bool:
        raise Unavailable("The database cannot be reached now.")

    def again(self) -> Failing:
        return self

    def follow(self, later: Failing) -> None:
        raise AssertionError(later)

    async def alone(self, work: Any) -> Any:
        raise AssertionError(work)


async def test_what_fails_around_the_resolvers_is_an_error_like_any_other() -> None:
    result = await Pipeline(SCHEMA).execute(asked("{ tea }"), Failing(), ALL)
    assert isinstance(result, NotExecuted)
    assert isinstance((result.errors or [])[0].original_error, Unavailable)


async def test_where_only_trusted_documents_are_executed_others_are_not_even_parsed() -> None:
    pipeline = Pipeline(SCHEMA, trusted=TrustedDocuments(Trust.ONLY, {}))
    with pytest.raises(Rejected) as rejected:
        await pipeline.begin(asked("{"), None, ALL)
    assert "executes trusted documents alone" in messages(rejected.value.result)[0]
