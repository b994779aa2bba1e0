"""How many operations run at once, so that each takes about as long as it does beside few others."""

from __future__ import annotations

from collections import deque
from statistics import geometric_mean
from typing import Final

FEWEST: Final = 2
"""Operations that may run in any case; beside so few an operation takes as long as it does alone."""

SHORTEST: Final = 1e-4
"""Seconds below which all durations are the same."""

SAMPLES: Final = 25
WINDOW: Final = 0.1
"""Operations and seconds after which the limit is found anew."""

STALE: Final = 10.0
"""Seconds after which it is looked up again how long an operation takes beside few."""

LOOK: Final = 1.0
"""Seconds that such a look takes at the most."""

_RECENT: Final = 4 * SAMPLES


class ConcurrencyLimit:
    """A limit between FEWEST and `most` that follows the time that operations take.

    Where an operation takes twice as long beside others as beside few, the others only stand in its way: less
    may run. While it takes as long, as it does where all wait for something far away, more may. The limit is
    multiplied by the ratio of the two (the gradient, within a half and two) and one is added, so that there
    is always something to learn from. When nothing has run beside few for long, the limit is FEWEST for a
    moment, to learn that again. (The gradient controller of Envoy's adaptive concurrency filter, after
    Netflix' concurrency-limits, 2018; geometric means in the place of medians, since operations are of very
    different kinds, and the long ones suffer first.) O(SAMPLES) once a window.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._fewest = min(FEWEST, most)
        self._limit = float(most)
        self._few: deque[float] = deque(maxlen=_RECENT)
        self._window: list[float] = []
        self._since = 0.0
        self._learned: float | None = None
        self._looking_until: float | None = None

    @property
    def last(self) -> int:
        """The limit as it was found last."""
        return self._fewest if self._looking_until is not None else int(self._limit)

    def now(self, now: float, *, crowded: bool) -> int:
        """The limit at this moment; `crowded` says whether anybody waits."""
        if self._learned is None:
            self._learned = now
        if self._looking_until is None:
            if not crowded or now - self._learned < STALE:
                return int(self._limit)
            self._looking_until = now + LOOK
            self._few.clear()
        elif len(self._few) >= SAMPLES or now > self._looking_until or not crowded:
            self._looking_until = None
            self._learned = now
            return int(self._limit)
        return self._fewest

    def note(self, seconds: float, beside: int, now: float) -> None:
        """An operation has ended that took so long; at most `beside` ran with it, itself included."""
        if beside <= self._fewest:
            self._few.append(max(seconds, SHORTEST))
            self._learned = now
        if self._looking_until is not None:
            return
        self._window.append(max(seconds, SHORTEST))
        if len(self._window) >= SAMPLES and now - self._since >= WINDOW:
            self._adapt()
            self._window.clear()
            self._since = now

    def _adapt(self) -> None:
        if not self._few:
            return
        gradient = geometric_mean(self._few) / geometric_mean(self._window)
        wanted = min(2.0, max(0.5, gradient)) * self._limit + 1
        self._limit = min(float(self._most), max(float(self._fewest), wanted))
