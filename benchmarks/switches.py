"""The caches of ours, each with the settings that turn it off: the one place that names them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SWITCHES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "answers": {"ANSWERS_MEGABYTES": "0"},
        "parts": {"PARTS_MEGABYTES": "0"},
        "entities": {"ENTITIES_KEPT": "0"},
    }
)
"""What each cache is called, and the environment without it."""


def all_off() -> dict[str, str]:
    """The environment in which nothing that was read is kept for another request."""
    return {name: value for switch in SWITCHES.values() for name, value in switch.items()}
