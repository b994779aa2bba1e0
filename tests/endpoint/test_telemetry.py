"""What is seen from outside: a log line for each operation, metrics, traces, and the ids that all share."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from graph_api.app import create_app, metrics_served
from graph_api.errors import ConfigurationError
from graph_api.settings import Settings
from graph_api.store.reader import GraphReader
from graph_api.telemetry.activity import Activity, current
from graph_api.telemetry.logs import DriverNoise, formatter
from graph_api.telemetry.loop import watched_loop
from graph_api.telemetry.metrics import MOST_NAMES, OTHER, UNNAMED, Metrics, Names
from graph_api.telemetry.traces import Traces, open_traces
from tests.conftest import Client, in_process

QUERY = "query Baker($slug: String!) { roadmap(slug: $slug) { title sections { slug } } }"
SECRET = "swordfish"


@contextmanager
def logged(level: int = logging.INFO) -> Iterator[list[dict[str, Any]]]:
    """The JSON lines that are written meanwhile."""
    lines: list[dict[str, Any]] = []
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter("json"))
    handler.addFilter(DriverNoise())
    ours = logging.getLogger("graph_api")
    before = ours.level
    ours.addHandler(handler)
    ours.setLevel(level)
    try:
        yield lines
    finally:
        ours.removeHandler(handler)
        ours.setLevel(before)
        lines += [json.loads(line) for line in out.getvalue().splitlines()]


async def post(
    client: Client, query: str, headers: dict[str, str] | None = None, **more: Any
) -> httpx.Response:
    """The answer over HTTP."""
    return await client.http.post(
        "/graphql", json={"query": query, **more}, headers={**client.headers, **(headers or {})}
    )


def sample(metrics: Metrics, of: str, /, **labels: str) -> float:
    """A sample, 0 where there is none yet."""
    return metrics.registry.get_sample_value(f"graph_api_{of}", labels) or 0.0


@pytest.fixture
def metrics(app: Starlette) -> Metrics:
    """Those of the API of the tests; it has answered other tests too."""
    found: Metrics = app.state.metrics
    return found


@pytest.mark.usefixtures("catalogue")
async def test_an_operation_is_one_line_that_tells_what_it_took(client: Client) -> None:
    await post(client, QUERY, variables={"slug": "pizzaiolo"})
    with logged() as lines:
        response = await post(
            client.as_("editor", subject=SECRET),
            QUERY,
            {"x-request-id": "mine-1"},
            variables={"slug": "baker"},
        )
    [line] = lines
    assert response.headers["x-request-id"] == line["request_id"] == "mine-1"
    assert line.pop("ms") > 0
    assert line.pop("cost") > 0
    assert re.fullmatch(r"[0-9a-f]{16}", line.pop("hash"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", line.pop("timestamp"))
    assert line == {
        "event": "operation",
        "level": "info",
        "logger": "graph_api.telemetry.activity",
        "request_id": "mine-1",
        "operation": "Baker",
        "type": "query",
        "transport": "http",
        "outcome": "ok",
        "codes": [],
        "roles": ["editor"],
        "statements": line["statements"],
        "batches": 1,
        "repeats": 0,
        "answers": 1,
        "answer": "miss",
        "document": "hit",
        "structure": line["structure"],
    }
    assert line["statements"] >= 2


@pytest.mark.usefixtures("catalogue")
async def test_an_answer_from_memory_is_a_line_too(client: Client) -> None:
    await post(client, QUERY, variables={"slug": "baker"})
    with logged() as lines:
        for each in (client, client.as_("editor")):
            await post(each, QUERY, variables={"slug": "baker"})
    told = ("operation", "type", "outcome", "answer", "document", "answers", "batches")
    for line in lines:
        assert [line[each] for each in told] == ["Baker", "query", "ok", "hit", None, 1, 0]
        assert line["cost"] > 1
    assert [line["roles"] for line in lines] == [[], ["editor"]]


@pytest.mark.usefixtures("catalogue")
async def test_no_line_holds_a_variable_a_subject_or_a_token(client: Client) -> None:
    asker = client.as_("learner", subject=SECRET)
    with logged(logging.DEBUG) as lines:
        await post(asker, QUERY, variables={"slug": SECRET})
        await post(asker, f'{{ roadmap(slug: "{SECRET}") {{ title }} }}')
        await post(asker, "query ($a: Int!) { nothing }", variables={"a": SECRET})
        await client.http.get("/graphql", params={"query": f'{{ topic(slug: "{SECRET}") {{ id }} }}'})
    assert [line["event"] for line in lines] == ["operation"] * 4
    assert SECRET not in json.dumps(lines)
    assert asker.headers["authorization"].split()[1] not in json.dumps(lines)


@pytest.mark.parametrize(
    ("query", "outcome", "codes"),
    [
        ("{ catalogue { revision } }", "ok", []),
        ("{ topics(first: 0) { totalCount } }", "user_error", ["BAD_USER_INPUT"]),
        ("{ nothing }", "refused", ["GRAPHQL_VALIDATION_FAILED"]),
        ("{", "refused", ["GRAPHQL_PARSE_FAILED"]),
        ("subscription S { catalogueChanged { revision } }", "refused", ["UNSUPPORTED_OPERATION"]),
    ],
)
@pytest.mark.usefixtures("catalogue")
async def test_a_line_tells_how_an_operation_ended(
    query: str, outcome: str, codes: list[str], client: Client
) -> None:
    with logged() as lines:
        await post(client, query)
    assert [(line["outcome"], line["codes"]) for line in lines] == [(outcome, codes)]


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "é", 'a"b', "a\tb"])
async def test_an_id_of_a_client_that_is_not_sane_is_not_taken(given: str, client: Client) -> None:
    response = await client.http.get("/livez", headers={b"x-request-id": given.encode()})
    assert re.fullmatch(r"[0-9a-f]{16}", response.headers["x-request-id"])


async def broken(*_: object) -> dict[str, object]:
    raise ZeroDivisionError("a detail")


@pytest.mark.usefixtures("catalogue")
async def test_client_and_log_share_the_id_of_a_masked_error(
    client: Client, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GraphReader, "outlines_by_slug", broken)
    before = sample(metrics, "errors_total", code="INTERNAL")
    with logged() as lines:
        response = await post(client, QUERY, {"x-request-id": "mine-2"}, variables={"slug": "baker"})
    [error] = response.json()["errors"]
    fault, operation = lines
    assert fault["error_id"] == error["extensions"]["errorId"]
    assert fault["request_id"] == operation["request_id"] == "mine-2"
    assert fault["level"] == "error"
    assert "ZeroDivisionError: a detail" in fault["exception"]
    assert operation["outcome"] == "internal"
    assert "detail" not in response.text
    assert sample(metrics, "errors_total", code="INTERNAL") == before + 1


@pytest.mark.usefixtures("catalogue")
async def test_metrics_count_what_operations_did(client: Client, metrics: Metrics) -> None:
    labels = {"name": "Metered", "type": "query", "outcome": "ok"}
    before = sample(metrics, "statement_seconds_count")
    statements = client.database.statements
    for number in range(3):  # none of which has the bytes of another
        asked: dict[str, Any] = {"variables": {"slug": "baker"}, "extensions": {"number": number}}
        await post(client, QUERY.replace("Baker", "Metered"), {}, **asked)
    assert sample(metrics, "operations_total", **labels) == 3
    assert sample(metrics, "operation_seconds_count", name="Metered", type="query") == 3
    assert sample(metrics, "statement_seconds_count") - before == client.database.statements - statements > 0
    assert sample(metrics, "loader_batch_size_count", loader="roadmap_by_slug") >= 1
    assert sample(metrics, "document_cache_total", result="hit") >= 2
    assert sample(metrics, "structure_readings_total") >= 1
    assert sample(metrics, "operation_cost_count") >= 3
    assert sample(metrics, "revision") == 1
    assert 0 <= sample(metrics, "revision_age_seconds") < 60
    assert sample(metrics, "transactions") == 0
    assert sample(metrics, "pool_size") > 0
    assert sample(metrics, "http_responses_total", status="200") >= 3


async def test_metrics_count_refusals_by_code(client: Client, metrics: Metrics) -> None:
    def counts() -> list[float]:
        codes = ("BAD_JSON", "NOT_ACCEPTABLE", "GRAPHQL_PARSE_FAILED", "UNSUPPORTED_OPERATION")
        return [sample(metrics, "refusals_total", code=code) for code in codes]

    before = counts()
    await client.http.post("/graphql", content=b"{", headers={"content-type": "application/json"})
    await post(client, "{ catalogue { revision } }", {"accept": "image/png"})
    await post(client, "{")
    await post(client, "subscription { catalogueChanged { revision } }")
    assert [after - first for after, first in zip(counts(), before, strict=True)] == [1, 1, 1, 1]


@pytest.mark.usefixtures("catalogue")
async def test_a_streamed_operation_is_counted_while_it_lasts_and_told_at_its_end(
    app: Starlette, metrics: Metrics
) -> None:
    async with in_process(app) as client:
        with logged() as lines:
            response = await post(
                client, "query Streamed { catalogue { revision } }", {"accept": "text/event-stream"}
            )
    assert "event: complete" in response.text
    [line] = lines
    assert (line["operation"], line["transport"], line["outcome"]) == ("Streamed", "sse", "ok")
    assert line["statements"] >= 1
    assert sample(metrics, "subscribers") == 0


def test_names_of_operations_are_bounded() -> None:
    names = Names(["Known"], most=2)
    assert [names.told(each) for each in ("A", "B", "C", "A", "Known", None, "x" * 65)] == [
        "A",
        "B",
        OTHER,
        "A",
        "Known",
        UNNAMED,
        OTHER,
    ]


def test_metrics_stay_small_whatever_clients_call_their_operations() -> None:
    metrics = Metrics()
    for number in range(3 * MOST_NAMES):
        metrics.operation(f"N{number}", "query", "ok", seconds=0.1)
    families = {each.name: each for each in text_string_to_metric_families(metrics.text().decode())}
    assert len(families["graph_api_operations"].samples) == MOST_NAMES + 1


async def test_metrics_are_told_only_where_the_settings_say_so(settings: Settings) -> None:
    for update, status in (({}, 404), ({"metrics": True}, 200), ({"metrics": True, "metrics_port": 1}, 404)):
        async with in_process(create_app(settings.model_copy(update=update))) as client:
            response = await client.http.get("/metrics")
            assert response.status_code == status
            if status == 200:
                assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
                assert "graph_api_loop_lag_seconds_bucket" in response.text


def test_metrics_have_a_port_of_their_own(settings: Settings, closed_port: int) -> None:
    given = settings.model_copy(update={"metrics_port": closed_port})
    app = create_app(given)
    with metrics_served(app, given):
        assert "graph_api_revision" in httpx.get(f"http://127.0.0.1:{closed_port}/metrics").text
        with pytest.raises(ConfigurationError, match="METRICS_PORT"), metrics_served(app, given):
            pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{closed_port}/metrics")


async def test_what_holds_the_event_loop_up_shows_in_its_lag() -> None:
    metrics = Metrics()
    async with watched_loop(metrics, every=0.01):
        await asyncio.sleep(0.02)
        await asyncio.to_thread(lambda: None)
        import time

        time.sleep(0.1)  # noqa: ASYNC251 - this is what shows
        await asyncio.sleep(0.02)
    late = sample(metrics, "loop_lag_seconds_count") - sample(metrics, "loop_lag_seconds_bucket", le="0.05")
    assert late == 1


def test_the_driver_says_one_sentence_without_an_address_in_a_while() -> None:
    noise = DriverNoise()

    def record(name: str, level: int) -> logging.LogRecord:
        return logging.LogRecord(name, level, "", 1, "failed at %s", ("10.0.0.1",), None)

    kept = [each for each in (record("neo4j.pool", logging.WARNING) for _ in range(5)) if noise.filter(each)]
    assert len(kept) == 1
    assert "10.0.0.1" not in kept[0].getMessage()
    assert not noise.filter(record("neo4j.io", logging.DEBUG))
    assert noise.filter(record("graph_api.app", logging.DEBUG))


def test_what_outlives_its_operation_does_not_work_for_it() -> None:
    activity = Activity(metrics=Metrics(), query="{ a }", transport="http")
    with activity:
        assert current() is activity
    activity.enter()
    assert current() is None


@pytest.fixture
async def traced(settings: Settings) -> AsyncIterator[tuple[Client, InMemorySpanExporter]]:
    """The API with its spans kept in memory."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with in_process(create_app(settings, traces=Traces(provider))) as client:
        yield client, exporter


def above(span: ReadableSpan, spans: list[ReadableSpan]) -> list[str]:
    """The names of a span and of all above it."""
    by_id = {each.context.span_id: each for each in spans if each.context}
    names = [span.name]
    while span.parent is not None and span.parent.span_id in by_id:
        span = by_id[span.parent.span_id]
        names.append(span.name)
    return names


@pytest.mark.usefixtures("catalogue")
async def test_a_trace_leads_from_the_caller_through_loader_to_cypher(
    traced: tuple[Client, InMemorySpanExporter],
) -> None:
    client, exporter = traced
    trace, caller = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    with logged() as lines:
        await post(client, QUERY, {"traceparent": f"00-{trace}-{caller}-01"}, variables={"slug": "baker"})
    spans = list(exporter.get_finished_spans())
    [statement] = [each for each in spans if each.name == "cypher reads.OUTLINES_BY_SLUG"]
    assert above(statement, spans) == [
        "cypher reads.OUTLINES_BY_SLUG",
        "load roadmap_by_slug",
        "query Baker",
        "HTTP POST",
    ]
    [request] = [each for each in spans if each.name == "HTTP POST"]
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == caller
    assert {f"{each.context.trace_id:032x}" for each in spans if each.context} == {trace}
    assert lines[0]["trace_id"] == trace
    assert statement.attributes is not None
    assert "$" in str(statement.attributes["db.query.text"])
    assert "baker" not in json.dumps([dict(each.attributes or {}) for each in spans])


@pytest.mark.usefixtures("catalogue")
async def test_the_spans_of_a_stream_are_below_its_operation(
    traced: tuple[Client, InMemorySpanExporter],
) -> None:
    client, exporter = traced
    await post(client, 'query Streamed { roadmap(slug: "baker") { title } }', {"accept": "text/event-stream"})
    spans = list(exporter.get_finished_spans())
    statements = [each for each in spans if each.name.startswith("cypher reads.")]
    assert statements
    assert all(above(each, spans)[-2:] == ["query Streamed", "HTTP POST"] for each in statements)


def test_where_people_look_on_a_fault_is_readable_and_shows_no_variable() -> None:
    hidden = "".join(["sword", "fish"])
    try:
        len(hidden) / 0
    except ZeroDivisionError as error:
        fault = (type(error), error, error.__traceback__)
    record = logging.LogRecord("graph_api", logging.ERROR, __file__, 1, "Error %s", ("7",), fault)
    text = formatter("text").format(record)
    assert "Error 7" in text
    assert "ZeroDivisionError: " in text
    assert hidden not in text


def test_without_a_collector_there_are_no_traces() -> None:
    assert open_traces(None) is None
