"""Tokens made by hand, and what they claim."""

from __future__ import annotations

import base64
import json
import time
from typing import Final

from tests.conftest import DAY

NAME: Final = "roadmap-graph-api"
NOW: Final = int(time.time())
CLAIMS: Final = {"sub": "eve", "roles": ["admin"], "iss": NAME, "aud": NAME, "exp": NOW + DAY}


def unsigned(header: object, claims: object, signature: str = "") -> str:
    """A token made by hand, with whatever header."""
    texts = (each if isinstance(each, bytes) else json.dumps(each).encode() for each in (header, claims))
    parts = (base64.urlsafe_b64encode(each).decode() for each in texts)
    return ".".join((*(part.rstrip("=") for part in parts), signature))
