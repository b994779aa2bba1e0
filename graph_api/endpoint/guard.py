"""What stands between a request by HTTP and its execution, and what it adds to the answer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import ExecutionResult
from starlette.requests import Request

from graph_api.endpoint.admission import Admission
from graph_api.endpoint.deadline import Deadline
from graph_api.endpoint.rates import RateLimited, Rates, Spending, caller, is_charged
from graph_api.endpoint.request import Refused
from graph_api.endpoint.response import Asking
from graph_api.endpoint.tokens import Identity
from graph_api.endpoint.trusted import TrustedDocuments

SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The guards of a process: which documents, how many at once, how long.

    An answer to a trusted document that is the same for everybody may be kept for `max_age` seconds.
    """

    documents: TrustedDocuments = field(default_factory=TrustedDocuments)
    admission: Admission = field(default_factory=Admission)
    deadline: Deadline = field(default_factory=lambda: Deadline(SECONDS))
    max_age: int = 0
    rates: Rates | None = None

    async def run(self, execute: Callable[[], Coroutine[Any, Any, ExecutionResult]]) -> ExecutionResult:
        """The result, in its turn and in time. Raises Refused."""
        async with self.admission.turn():
            result = await self.deadline.run(execute)
        for error in result.errors or ():
            if isinstance(cause := error.original_error, RateLimited):
                raise _limited(cause)
        return result

    async def charge(self, request: Request, identity: Identity | None, cost: int) -> Spending | None:
        """Take what an answer costs that needs no execution. Raises Refused."""
        if self.rates is None:
            return None
        try:
            return await self.rates.take(caller(request, identity), cost)
        except RateLimited as error:
            raise _limited(error) from None

    def spent(self, context: object) -> Spending | None:
        """What an execution with this context was charged."""
        return context.spending if is_charged(context) else None

    def headers(
        self, asking: Asking, *, named: bool, shared: bool, spending: Spending | None
    ) -> dict[str, str]:
        """How long an answer may be kept, and by whom; what it has cost, unless others will see it too.

        `named` is one to a trusted document, `shared` one that is everybody's.
        """
        if asking.by_get and shared and asking.identity is None:
            lasting = f"max-age={self.max_age}" if named and self.max_age else "no-cache"
            return {"cache-control": f"public, {lasting}"}
        return {"cache-control": "private, no-store", **(spending.headers() if spending else {})}


def _limited(error: RateLimited) -> Refused:
    headers = {"retry-after": str(error.retry_after), **error.spending.headers()}
    return Refused(429, str(error), code=error.code, headers=headers)
