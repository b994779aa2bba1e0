"""Texts of other systems, made to fit the limits of a roadmap file, and a count of what that cost."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator

from graph_api.formats.reading import Note


class Shortening:
    """Fits texts and counts: `what` names a sort of text in the plural, as "reasons"."""

    def __init__(self) -> None:
        self._cut: Counter[tuple[str, int]] = Counter()
        self._cleaned: Counter[str] = Counter()

    def line(self, text: str, limit: int, what: str) -> str:
        """The text on one line, single spaces between its words."""
        return self._fitting(" ".join(self._plain(text, what).split()), limit, what)

    def block(self, text: str, limit: int, what: str) -> str:
        """The text with its lines, without blanks around it."""
        return self._fitting(self._plain(text, what).strip(), limit, what)

    def notes(self) -> Iterator[Note]:
        """What was cut and what was taken out."""
        for (what, limit), count in sorted(self._cut.items()):
            yield Note("cut", f"Cut to {limit:,} characters: {count:,} {what}.")
        for what, count in sorted(self._cleaned.items()):
            yield Note(
                "characters", f"Characters that are no part of a text were taken out of {count:,} {what}."
            )

    def _plain(self, text: str, what: str) -> str:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if text.isprintable():
            return text
        plain = "".join(
            each for each in text if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cs"}
        )
        if plain != text:
            self._cleaned[what] += 1
        return plain

    def _fitting(self, text: str, limit: int, what: str) -> str:
        if len(text) <= limit:
            return text
        self._cut[what, limit] += 1
        return f"{text[: limit - 1].rstrip()}…"
