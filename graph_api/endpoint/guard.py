"""What stands between a request by HTTP and its execution, and what it adds to the answer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from strawberry.types.execution import ExecutionResult

from graph_api.endpoint.admission import Admission
from graph_api.endpoint.deadline import Deadline
from graph_api.endpoint.rates import Charged, RateLimited
from graph_api.endpoint.request import GraphQLRequest, Refused
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

    async def run(self, execute: Callable[[], Coroutine[Any, Any, ExecutionResult]]) -> ExecutionResult:
        """The result, in its turn and in time. Raises Refused."""
        async with self.admission.turn():
            result = await self.deadline.run(execute)
        for error in result.errors or ():
            if isinstance(cause := error.original_error, RateLimited):
                raise _limited(cause)
        return result

    def headers(
        self, asked: GraphQLRequest, result: ExecutionResult, context: object, identity: Identity | None
    ) -> dict[str, str]:
        """How long the answer may be kept, and by whom; what it has cost, unless others will see it too."""
        named = asked.reads_only and asked.document_id is not None
        personal = identity is not None or getattr(context, "personal", True)
        if named and self.max_age and not personal and not result.errors:
            return {"cache-control": f"public, max-age={self.max_age}", "vary": "accept, authorization"}
        spending = context.spending if isinstance(context, Charged) else None
        return {"cache-control": "private, no-store", **(spending.headers() if spending else {})}


def _limited(error: RateLimited) -> Refused:
    headers = {"retry-after": str(error.retry_after), **error.spending.headers()}
    return Refused(429, str(error), code=error.code, headers=headers)
