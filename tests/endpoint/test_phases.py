"""The phases of an operation: which hooks run, in which order, also when something goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any

import pytest
import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner

from graph_api.api.schema import Schema
from graph_api.endpoint.phases import Phases

PHASES = ("on_operation", "on_parse", "on_validate", "on_execute")


@strawberry.type
class Query:
    """Something to ask."""

    @strawberry.field
    async def tea(self) -> str:
        """Hot."""
        return "tea"


def recording(said: list[str], name: str, *, fails: str = "", late: bool = False) -> type[SchemaExtension]:
    """An extension that notes each phase; that named `fails` fails, before it or after it."""

    def hook(phase: str, *, waits: bool) -> Callable[..., Any]:
        def told() -> Generator[None, None, None]:
            if phase == fails and not late:
                raise ValueError(f"{name} {phase}")
            said.append(f"+{name} {phase}")
            try:
                yield
            finally:
                said.append(f"-{name} {phase}")
            if phase == fails:
                raise ValueError(f"{name} {phase}")

        def now(_: SchemaExtension) -> Iterator[None]:
            yield from told()

        async def later(_: SchemaExtension) -> AsyncIterator[None]:
            begun = told()
            next(begun)
            try:
                yield
            except BaseException as error:  # noqa: BLE001 - the generator raises it again
                begun.throw(error)
            next(begun, None)

        return later if waits else now

    hooks = {phase: hook(phase, waits=name == "b") for phase in PHASES}
    results = {"get_results": lambda _: {name: len(said) > 0}}
    return type(name, (SchemaExtension,), hooks | results)


async def run(runner: type[SchemaExtensionsRunner], document: str, **how: Any) -> tuple[list[str], Any, Any]:
    said: list[str] = []
    kinds = [recording(said, "a"), recording(said, "b", **how), recording(said, "c")]
    schema = Schema(query=Query, extensions=kinds)
    schema.runner = runner
    result = await schema.execute(document)
    return said, [str(error) for error in result.errors or ()], (result.data, result.extensions)


@pytest.mark.parametrize("document", ["{ tea }", "{ milk }", "{"])
@pytest.mark.parametrize("fails", ["", *PHASES])
@pytest.mark.parametrize("late", [False, True])
async def test_extensions_are_run_as_strawberry_runs_them(document: str, fails: str, late: bool) -> None:
    said, errors, answer = await run(Phases, document, fails=fails, late=late)
    theirs, their_errors, their_answer = await run(SchemaExtensionsRunner, document, fails=fails, late=late)
    assert (errors, answer) == (their_errors, their_answer)
    assert bool(errors) == bool(fails or document != "{ tea }")
    entered, left = ([each[1:] for each in said if each[0] == sign] for sign in "+-")
    assert sorted(entered) == sorted(left)
    if late or not fails:  # where one cannot begin, Strawberry does not end those that have
        assert said == theirs


async def test_a_hook_that_is_no_generator_is_named() -> None:
    class Odd(SchemaExtension):
        def on_parse(self) -> None:  # type: ignore[override]  # on purpose
            """Nothing."""

    schema = Schema(query=Query, extensions=[Odd])
    schema.runner = Phases
    result = await schema.execute("{ tea }")
    assert [error.message for error in result.errors or ()] == ["Odd.on_parse is no generator."]
