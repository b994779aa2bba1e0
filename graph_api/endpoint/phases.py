"""The phases of an operation as extensions see them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    _GeneratorContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from functools import lru_cache
from types import TracebackType
from typing import Any, TypeAlias

from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.types import ExecutionContext

Part: TypeAlias = "AbstractAsyncContextManager[None] | AbstractContextManager[None]"
Begin: TypeAlias = Callable[[SchemaExtension], Part]


class Phases(SchemaExtensionsRunner):
    """Runs extensions whose hooks are generators, as all of ours are, in what is executed asynchronously.

    Strawberry looks at each hook of each extension for each operation, and wraps it anew: a twentieth of
    what a small query takes. Here that is done once for each class of extensions. One whose `takes_part` is
    False has nothing to do with the operation.
    """

    def operation(self) -> Any:
        """All of an operation."""
        return self._phase("on_operation")

    def parsing(self) -> Any:
        """To parse it."""
        return self._phase("on_parse")

    def validation(self) -> Any:
        """To validate it."""
        return self._phase("on_validate")

    def executing(self) -> Any:
        """To execute it."""
        return self._phase("on_execute")

    async def get_extensions_results(self, ctx: ExecutionContext) -> dict[str, Any]:
        """What the extensions add to the answer."""
        found: dict[str, Any] = {}
        for extension in self.extensions:
            results = extension.get_results()
            found |= await results if inspect.isawaitable(results) else results
        return found | ctx.extensions_results

    def _phase(self, name: str) -> AbstractAsyncContextManager[None]:
        extensions, beginnings = self.extensions, _beginnings(tuple(map(type, self.extensions)), name)
        parts = [begin(extensions[number]) for number, begin in beginnings if _takes_part(extensions[number])]
        if not parts:
            return nullcontext()
        return _OneInAnother(parts)


def _takes_part(extension: SchemaExtension) -> bool:
    return bool(getattr(extension, "takes_part", True))


@lru_cache(maxsize=100)
def _beginnings(extensions: tuple[type, ...], name: str) -> list[tuple[int, Begin]]:
    """What begins a phase for those extensions that have a part in it, each with its number."""
    found = ((number, _beginning(extension, name)) for number, extension in enumerate(extensions))
    return [(number, begin) for number, begin in found if begin is not None]


def _beginning(extension: type, name: str) -> Begin | None:
    """What begins the part of such extensions, if they have any. Raises TypeError for no generator."""
    hook: Any = getattr(extension, name)
    if hook is getattr(SchemaExtension, name):
        return None
    if inspect.isasyncgenfunction(hook):
        return asynccontextmanager(hook)
    if inspect.isgeneratorfunction(hook):
        return contextmanager(hook)
    raise TypeError(f"{extension.__name__}.{name} is no generator.")


class _OneInAnother(AbstractAsyncContextManager[None]):
    """Parts of a phase: each begins after the one before it, and ends before that does.

    It is an AsyncExitStack that is known from the start, in half of its time.
    """

    __slots__ = ("_begun", "_parts")

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._begun: list[Part] = []

    async def __aenter__(self) -> None:
        try:
            for part in self._parts:
                if type(part) is _GeneratorContextManager:
                    part.__enter__()
                else:
                    await part.__aenter__()  # type: ignore[union-attr]  # it is one or the other
                self._begun.append(part)
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)
            raise

    async def __aexit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> bool:
        raised = error
        while self._begun:
            part = self._begun.pop()
            told = (None, None, None) if raised is None else (type(raised), raised, raised.__traceback__)
            try:
                if type(part) is _GeneratorContextManager:
                    kept_quiet = part.__exit__(*told)
                else:
                    kept_quiet = await part.__aexit__(*told)  # type: ignore[union-attr]  # as above
            except BaseException as another:  # noqa: BLE001 - it is raised when all parts have ended
                raised = another
            else:
                raised = None if kept_quiet else raised
        if raised is not None and raised is not error:
            raise raised
        return error is not None and raised is None
