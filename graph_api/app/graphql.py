"""The GraphQL path, put together after the settings: API, limits, guard, tokens and streams."""

from __future__ import annotations

from functools import partial

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Route, WebSocketRoute

from graph_api.api.context import Context
from graph_api.api.schema import build_schema
from graph_api.api.viewer import Viewer
from graph_api.endpoint.admission import Admission
from graph_api.endpoint.answers import Answers
from graph_api.endpoint.deadline import Deadline, within
from graph_api.endpoint.events import EventExecutor, UnplannedEventExecutor
from graph_api.endpoint.execution.parts import Parts, keep_parts
from graph_api.endpoint.guard import Guard
from graph_api.endpoint.http import GraphQLEndpoint
from graph_api.endpoint.keys import KeySet
from graph_api.endpoint.limits import DocumentLimits
from graph_api.endpoint.observation import Observer
from graph_api.endpoint.origins import Origins
from graph_api.endpoint.pipeline import Pipeline
from graph_api.endpoint.rates import Rates, caller
from graph_api.endpoint.revision import Revisions
from graph_api.endpoint.streams import Limits, Streams
from graph_api.endpoint.tokens import Identity, Keys, Secret, Verifier
from graph_api.endpoint.trusted import Trust, TrustedDocuments, read_documents
from graph_api.endpoint.websocket import WebSocketEndpoint
from graph_api.errors import ConfigurationError
from graph_api.settings import Settings
from graph_api.store.operation import operation
from graph_api.store.structure_cache import StructureCache

GRAPHQL_PATH = "/graphql"


def graphql_routes(
    settings: Settings, observer: Observer, rates: Rates | None, answers: Answers, parts: Parts
) -> list[BaseRoute]:
    """One path for requests, event streams and WebSockets."""
    schema, trusted = build_schema(), trusted_documents(settings)
    keep_parts(schema, parts)
    pipeline = Pipeline(
        schema,
        limits=_document_limits(settings),
        introspection=settings.introspection,
        trusted=trusted,
        rates=rates,
        executor=EventExecutor if settings.planned_execution else UnplannedEventExecutor,
    )
    limits = Limits(
        init_seconds=settings.init_timeout,
        send_seconds=settings.send_timeout,
        keepalive_seconds=settings.keepalive,
        operations=settings.max_operations,
        streams=settings.max_streams,
    )
    streams = Streams(
        pipeline,
        context=_context,
        deadline=partial(within, settings.operation_timeout, operation),
        limits=limits,
        observer=observer,
        revisions=_revisions,
    )
    guard = _guard(settings, trusted, rates)
    turns = guard.admission
    observer.metrics.follow_turns(
        running=lambda: turns.running, waiting=lambda: turns.waiting, limit=lambda: turns.limit
    )
    identify, required = _verifier(settings).identify, settings.require_auth
    endpoint = GraphQLEndpoint(
        pipeline,
        context=_context,
        identify=identify,
        require_auth=required,
        streams=streams,
        max_body_bytes=settings.max_body_bytes,
        observer=observer,
        guard=guard,
        revisions=_revisions,
        answers=answers,
    )
    origins = Origins(settings.origins)
    sockets = WebSocketEndpoint(
        streams, identify=identify, require_auth=required, origins=origins, documents=trusted
    )
    return [Route(GRAPHQL_PATH, endpoint), WebSocketRoute(GRAPHQL_PATH, sockets)]


def trusted_documents(settings: Settings) -> TrustedDocuments:
    """The documents that the settings trust. Raises ConfigurationError for a file that is none."""
    folders = [settings.operations, *([settings.trusted_folder] if settings.trusted_folder else [])]
    mode = Trust(settings.trusted_documents)
    return TrustedDocuments(mode, {} if mode is Trust.OFF else read_documents(folders))


def _guard(settings: Settings, trusted: TrustedDocuments, rates: Rates | None) -> Guard:
    return Guard(
        documents=trusted,
        admission=Admission(
            at_once=settings.max_concurrent,
            waiting=settings.max_queued,
            patience=settings.queue_timeout,
            tolerable=settings.queue_tolerance,
        ),
        deadline=Deadline(settings.operation_timeout, scope=operation),
        max_age=settings.trusted_max_age,
        rates=rates,
    )


def _document_limits(settings: Settings) -> DocumentLimits:
    return DocumentLimits(
        source_length=settings.max_source_length,
        tokens=settings.max_tokens,
        depth=settings.max_depth,
        aliases=settings.max_aliases,
        root_fields=settings.max_root_fields,
        directives=settings.max_directives,
        fields=settings.max_fields,
        fragments=settings.max_fragments,
        repeats=settings.max_repeats,
        introspection_depth=settings.max_introspection_depth,
        list_entries=settings.max_list_entries,
        cost=settings.max_cost,
    )


def _verifier(settings: Settings) -> Verifier:
    """What checks tokens, after the settings. Raises ConfigurationError when nobody could ever come in."""
    keys: Keys | None = None
    if settings.auth_jwks_url is not None:
        keys = KeySet(settings.auth_jwks_url, algorithm=settings.auth_algorithm)
    elif settings.auth_secret is not None:
        keys = Secret(settings.auth_secret.get_secret_value().encode())
    elif settings.require_auth:
        raise ConfigurationError("REQUIRE_AUTH needs AUTH_SECRET or AUTH_JWKS_URL, to check tokens with.")
    return Verifier(
        keys,
        algorithm=settings.auth_algorithm,
        audience=settings.auth_audience,
        issuer=settings.auth_issuer,
    )


def _revisions(connection: HTTPConnection) -> Revisions:
    structures: StructureCache = connection.state.structures
    return structures


def _context(connection: HTTPConnection, identity: Identity | None) -> Context:
    state = connection.state
    return Context(
        database=state.database,
        structures=state.structures,
        solvers=state.solvers,
        writer=state.writer,
        learners=state.learners,
        feed=state.feed,
        archives=state.archive,
        entities=state.entities,
        asker=None if identity is None else Viewer.of(identity.subject, identity.roles),
        caller=caller(connection, identity),
    )
