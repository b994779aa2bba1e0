"""The phases of an operation as extensions see them."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from functools import lru_cache
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
        if len(parts) == 1 and isinstance(parts[0], AbstractAsyncContextManager):
            return parts[0]
        return _one_in_another(parts)


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


@asynccontextmanager
async def _one_in_another(parts: list[Part]) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for part in parts:
            if isinstance(part, AbstractAsyncContextManager):
                await stack.enter_async_context(part)
            else:
                stack.enter_context(part)
        yield
