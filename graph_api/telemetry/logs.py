"""The log: one JSON object a line for machines, or a readable line where people look on."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final, Literal, TextIO

import orjson
import structlog
from structlog.typing import Processor

from graph_api.telemetry.activity import request_id

QUIET_SECONDS: Final = 5.0

Format = Literal["json", "text"]


def configure(level: str, *, form: Format | None = None, stream: TextIO | None = None) -> None:
    """Write every log of this process to standard error; without `form`, JSON unless that is a terminal."""
    out = stream or sys.stderr
    if form is None:
        form = "text" if out.isatty() else "json"
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter(form, colors=out.isatty()))
    handler.addFilter(DriverNoise())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


class Formatter(logging.Formatter):
    """Turns records into lines: into an event, which goes through structlog's processors to their renderer.

    structlog has one that takes its own loggers' events too, and three times as long, for each request.
    """

    def __init__(self, processors: Sequence[Processor]) -> None:
        super().__init__()
        self._processors = processors

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        event: Any = {"event": record.getMessage(), "_record": record}
        if record.exc_info:
            event["exc_info"] = record.exc_info
        for process in self._processors:
            event = process(None, record.levelname.lower(), event)
        return str(event)


def formatter(form: Format, *, colors: bool = False) -> Formatter:
    """What turns records into lines."""
    end: list[Processor]
    if form == "json":
        end = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]
    else:
        plain = structlog.dev.plain_traceback  # a rich one shows what variables hold
        end = [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
    return Formatter(
        [
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_request_id,
            _drop_record,
            *end,
        ]
    )


def _json(event: Mapping[str, Any], **options: Any) -> str:
    try:
        return orjson.dumps(event, **options).decode()
    except TypeError:  # half a surrogate pair, or a number beyond 64 bits
        return json.dumps(event, **options)


def _drop_record(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    del event["_record"]
    return event


def _add_request_id(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (known := request_id()) is not None:
        event["request_id"] = known
    return event


class DriverNoise(logging.Filter):
    """Keeps of what the database driver says one sentence, every few seconds, without its addresses.

    During an outage it would tell each of the attempts of each request.
    """

    def __init__(self, seconds: float = QUIET_SECONDS) -> None:
        super().__init__()
        self._seconds = seconds
        self._until = float("-inf")
        self._dropped = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write a record; one of the driver's is made ours."""
        if record.name.split(".")[0] != "neo4j":
            return True
        if record.levelno < logging.WARNING:
            return False
        now = time.monotonic()
        if now < self._until:
            self._dropped += 1
            return False
        self._until = now + self._seconds
        record.msg = "The database driver has trouble, and tries again."
        record.args = record.exc_info = record.exc_text = record.stack_info = None
        record.dropped, self._dropped = self._dropped, 0
        return True
