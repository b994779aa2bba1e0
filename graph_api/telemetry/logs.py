"""The log: one JSON object a line for machines, or a readable line where people look on."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import MutableMapping
from typing import Any, Final, Literal, TextIO

import structlog

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


def formatter(form: Format, *, colors: bool = False) -> logging.Formatter:
    """What turns records into lines."""
    end: list[Any]
    if form == "json":
        end = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        plain = structlog.dev.plain_traceback  # a rich one shows what variables hold
        end = [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_request_id,
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *end],
    )


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
