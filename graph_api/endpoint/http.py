"""GraphQL over HTTP: one request in, one answer out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from graphql import ExecutionResult, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from graph_api.endpoint.answers import Answer, Answers, is_shared
from graph_api.endpoint.execution.parts import encode
from graph_api.endpoint.guard import Guard
from graph_api.endpoint.heard import Heard
from graph_api.endpoint.negotiation import EVENTS, GRAPHQL, JSON, answer_type
from graph_api.endpoint.observation import Observer
from graph_api.endpoint.origins import check_shape
from graph_api.endpoint.pipeline import NotAllowed, Pipeline
from graph_api.endpoint.request import GraphQLRequest, Refused, read_bytes, read_request
from graph_api.endpoint.response import Asking, answered, refusal
from graph_api.endpoint.result import body, executed
from graph_api.endpoint.revision import LEAST_HEADER, Revisions, least_revision, reached, stamped
from graph_api.endpoint.rounds import Rounds
from graph_api.endpoint.sse import EventStream
from graph_api.endpoint.streams import Streams
from graph_api.endpoint.tokens import Identify, Identity, authorization_of
from graph_api.errors import StoreError, Unauthenticated, Unavailable
from graph_api.telemetry.activity import Activity

MAX_BODY_BYTES: Final = 1_000_000
_READS = (OperationType.QUERY,)
_ALL = (OperationType.QUERY, OperationType.MUTATION)


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL requests, after https://graphql.github.io/graphql-over-http.

    `context` makes what the resolvers of one request see; `identify` says who sent it, None for nobody,
    whom `require_auth` turns away. With `streams` it also answers by server-sent events. A body of more than
    `max_body_bytes` is refused; a limit of Starlette's own for this route would answer first, in plain text.
    With `revisions` clients may say which one they have seen, and `answers` are kept.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        context: Callable[[Request, Identity | None], object],
        identify: Identify,
        require_auth: bool = False,
        streams: Streams | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
        observer: Observer | None = None,
        guard: Guard | None = None,
        revisions: Callable[[Request], Revisions] | None = None,
        answers: Answers | None = None,
    ) -> None:
        self._observer = observer or Observer()
        self._pipeline = pipeline
        self._context = context
        self._identify = identify
        self._require_auth = require_auth
        self._streams = streams
        self._max_body_bytes = max_body_bytes
        self._guard = guard or Guard()
        self._revisions = revisions
        self._answers = answers or Answers()
        self._rounds = Rounds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; one whose task is cancelled, as only the end of the server does, too."""
        request = Heard(scope, receive)
        try:
            response = await self.answer(request)
        except asyncio.CancelledError:
            await self._refusal(_stopping(), JSON)(scope, receive, send)
            raise
        await response(scope, receive, send)

    async def answer(self, request: Heard) -> Response:
        """The answer to a request, whatever it is."""
        media_type = answer_type(request.header("accept"), events=self._streams is not None)
        if media_type is None:
            return self._refusal(
                Refused(406, f"An answer is {GRAPHQL} or {JSON}.", code="NOT_ACCEPTABLE"), JSON
            )
        try:
            check_shape(request)
            identity = await self._sender(request)
            said = await read_bytes(request, max_body_bytes=self._max_body_bytes)
            await self._reach(least_revision(request.header(LEAST_HEADER)), request)
            if media_type == EVENTS and self._streams is not None:
                answers = self._streams.answers(self._asked(said), request, identity)
                return EventStream(answers, limits=self._streams.limits, identity=identity)
            asking = Asking(request, identity, said, media_type)
            return await self._again(asking) or await self._anew(asking)
        except Refused as refused:
            return self._refusal(refused, JSON if media_type == EVENTS else media_type)

    async def _sender(self, request: Heard) -> Identity | None:
        given = request.header("authorization") is not None
        authorization = authorization_of(request.headers) if given else None
        try:
            identity = await self._identify(authorization)
        except Unauthenticated as error:
            raise _challenge(str(error), 'Bearer error="invalid_token"') from None
        except Unavailable as error:
            raise Refused(503, str(error), code=error.code) from None
        if identity is None and self._require_auth:
            raise _challenge("This server answers nobody without a token.", "Bearer")
        return identity

    async def _reach(self, least: int, request: Request) -> None:
        if self._revisions is not None and least:
            await reached(self._revisions(request), least)

    def _asked(self, said: bytes) -> GraphQLRequest:
        """The request that these bytes ask, with the text of its document."""
        return self._guard.documents.resolve(read_request(said))

    async def _again(self, asking: Asking) -> Response | None:
        """What others were answered before, if there is such an answer and it still fits."""
        if self._revisions is None:
            return None
        try:
            kept = await self._answers.find(asking.said, self._revisions(asking.request))
        except StoreError:
            return None  # the execution meets it too, and tells it
        self._observer.metrics.answers.count(hit=kept is not None)
        if kept is None:
            return None
        with self._observer.activity(kept.query, "http", asking.identity) as activity:
            activity.again(kept.name, kept.cost)
            spending = await self._guard.charge(asking.request, asking.identity, kept.cost)
        headers = self._guard.headers(asking, named=kept.named, shared=True, spending=spending)
        return answered(asking, kept.body(), headers, revision=kept.revision, tagged=kept)

    async def _anew(self, asking: Asking) -> Response:
        """The answer of an execution, kept if it can be that of others too."""
        asked = self._asked(asking.said)
        await self._reach(least_revision(None, asked.extensions), asking.request)
        context = self._context(asking.request, asking.identity)
        with (
            self._answers.renewing(asking.said),
            self._observer.activity(asked.query, "http", asking.identity) as activity,
        ):
            activity.answer = None if self._revisions is None else "miss"
            result = await self._guard.run(lambda: self._execute(asked, context))
            content = body(result)
            activity.answered(content, executed=executed(result))
            shared = is_shared(context) and not context.personal and not result.errors
            revision = context.revision if is_shared(context) else None
            data = encode(stamped(content, revision))
            kept = self._keep(asking, asked, data, context, activity) if shared else None
            if kept is None:
                self._answers.forget(asking.said)
        spending = self._guard.spent(context)
        headers = self._guard.headers(
            asking, named=asked.document_id is not None, shared=shared, spending=spending
        )
        return answered(
            asking,
            data,
            headers,
            revision=revision,
            tagged=kept,
            status=400 if asking.media_type == GRAPHQL and not executed(result) else 200,
        )

    def _keep(
        self,
        asking: Asking,
        asked: GraphQLRequest,
        data: bytes,
        context: object,
        activity: Activity,
    ) -> Answer | None:
        """The answer to a query, which everybody may have."""
        if activity.kind != "query" or not is_shared(context) or context.revision is None:
            return None
        answer = Answer.of(
            data,
            context.revision,
            era=context.era,
            uses=None if context.uses is None else tuple(context.uses),
            query=asked.query,
            name=activity.name,
            cost=int(activity.cost or 1),
            named=asked.document_id is not None,
        )
        if answer is not None:
            self._answers.keep(asking.said, answer)
        return answer

    async def _execute(self, asked: GraphQLRequest, context: object) -> ExecutionResult:
        await self._rounds.turn()
        try:
            return await self._pipeline.execute(asked, context, _READS if asked.reads_only else _ALL)
        except NotAllowed as error:
            raise _refused_operation(error.kind) from None

    def _refusal(self, refused: Refused, media_type: str) -> Response:
        self._observer.metrics.refused([refused.code])
        return refusal(refused, media_type)


def _stopping() -> Refused:
    message = "The server is being stopped; look again before you repeat a write: it may yet be made."
    return Refused(503, message, code=Unavailable.code, headers={"retry-after": "1"})


def _challenge(message: str, challenge: str) -> Refused:
    return Refused(401, message, code=Unauthenticated.code, headers={"www-authenticate": challenge})


def _refused_operation(kind: OperationType) -> Refused:
    if kind is OperationType.MUTATION:
        return Refused(405, "A mutation needs POST.", code="METHOD_NOT_ALLOWED", headers={"allow": "POST"})
    return Refused(
        400, "A subscription needs a WebSocket, or Accept: text/event-stream.", code="UNSUPPORTED_OPERATION"
    )
