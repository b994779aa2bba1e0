"""What a person types, as queries of the full-text index."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"\w+", re.UNICODE)
_MOST_WORDS: Final = 16
_SHORT_WORD: Final = 4


def queries(text: str) -> tuple[str, ...]:
    """A text as Lucene queries, each to be asked when nothing fits the one before; none without a word in it.

    Each word counts itself, as a beginning, or with one letter wrong; then with two, unless it is short. To
    look for two takes Lucene eight times as long as for all the rest, and few type so.

    Only letters, digits and underscores come through, so nothing of the query language does; at most
    _MOST_WORDS words count.
    """
    words = [word.lower() for word in _WORD.findall(text)[:_MOST_WORDS]]
    return tuple(dict.fromkeys(_query(words, slips) for slips in (1, 2))) if words else ()


def _query(words: list[str], slips: int) -> str:
    slip = {word: slips if len(word) > _SHORT_WORD else 1 for word in words}
    return " ".join(f"({word}^4 OR {word}*^2 OR {word}~{slip[word]})" for word in words)
