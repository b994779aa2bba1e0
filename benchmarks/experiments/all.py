"""All experiments by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from benchmarks.experiments import Experiment
from benchmarks.experiments.caches import caches
from benchmarks.experiments.cold import cold
from benchmarks.experiments.growth import growth, memory
from benchmarks.experiments.knowledge import knowledge
from benchmarks.experiments.progress import progress
from benchmarks.experiments.reads import reads
from benchmarks.experiments.workers import workers
from benchmarks.experiments.writes import writes

EXPERIMENTS: Final[Mapping[str, Experiment]] = MappingProxyType(
    {
        **{letter: reads(letter) for letter in "abcd"},
        "e": knowledge,
        "caches": caches,
        "workers": workers,
        "growth": growth,
        "memory": memory,
        # Those that write come last: what they change is no longer kept by who was warm.
        "f": progress,
        "g": writes,
        "cold": cold,
    }
)
