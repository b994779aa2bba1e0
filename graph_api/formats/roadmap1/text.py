"""Kinds of text in a `roadmap/1` file, each with its limits."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from graph_api.knowledge.model import SLUG, SLUG_LENGTH

MAX_TITLE: Final = 200
MAX_SUMMARY: Final = 2_000
MAX_REASON: Final = 500
MAX_URL: Final = 2_000


def sentence(message: str) -> PydanticCustomError:
    """A fault that is already said in words for authors."""
    return PydanticCustomError("sentence", "{sentence}", {"sentence": message})


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    for place, character in enumerate(text, 1):
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t":
            raise sentence(
                f"Character {place} is U+{ord(character):04X}, which is no part of a text; leave it out."
            )
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise sentence("This must be one line, without tabs.")
    if text and not text.strip():
        raise sentence("This holds nothing but spaces.")
    return _printable(text)


def _web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise sentence(
            f'"{text}" is not a web address: one starts with https:// or http:// and has no spaces.'
        )
    return _printable(text)


Slug: TypeAlias = Annotated[
    str,
    Field(
        max_length=SLUG_LENGTH,
        pattern=f"^{SLUG.pattern}$",
        description="Lower-case letters and digits, with single hyphens between.",
    ),
]
Title: TypeAlias = Annotated[
    str,
    Field(min_length=1, max_length=MAX_TITLE, description="Its name, on one line."),
    AfterValidator(_one_line),
]
Summary: TypeAlias = Annotated[
    str,
    Field(max_length=MAX_SUMMARY, description="What it is about, in plain text."),
    AfterValidator(_printable),
]
Reason: TypeAlias = Annotated[
    str,
    Field(max_length=MAX_REASON, description="Why, in one sentence on one line."),
    AfterValidator(_one_line),
]
Url: TypeAlias = Annotated[
    str,
    Field(max_length=MAX_URL, pattern="^https?://", description="Its address on the web."),
    AfterValidator(_web_address),
]
Language: TypeAlias = Annotated[
    str,
    Field(
        max_length=35,
        pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
        description="The language of the titles and summaries, as a BCP 47 tag.",
        examples=["en", "pt-BR"],
    ),
]
