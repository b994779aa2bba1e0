"""A difference for people: what came, went and changed, each kind under its heading, and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final, NamedTuple

from graph_api.cli.diagnosis import INDENT
from graph_api.cli.screen import SHOWN, counted, listed
from graph_api.knowledge.requirement import in_words

if TYPE_CHECKING:
    from rich.console import Console

    from graph_api.cli.compared import Compared
    from graph_api.knowledge.comparison import (
        Effects,
        FieldChange,
        Named,
        PathHours,
        Place,
        PlacementChange,
        RecommendationChange,
        RequirementChange,
        RoadmapDiff,
        SectionChange,
        TopicChange,
    )

_MARKS: Final = {"added": "+", "removed": "-", "changed": "~"}
_COLOURS: Final = {"+": "green", "-": "red", "~": "yellow"}
_LONGEST: Final = 60


class Part(NamedTuple):
    """The differences of one kind."""

    noun: str
    lines: Sequence[str]


def show(compared: Compared, *, json: bool) -> None:
    """Print a comparison; in colours, and in the width of the screen, where somebody looks."""
    from rich.console import Console

    from graph_api.cli.output import write

    console = Console(highlight=False)
    if json:
        write(_json(compared), None)
    elif console.is_terminal:
        _colour(console, lines_of(compared))
    else:
        write("".join(f"{line}\n" for line in lines_of(compared)).encode(), None)


def _colour(console: Console, lines: Sequence[str]) -> None:
    from rich.text import Text

    for line in lines:
        mark = line.strip()[:1] if line.startswith(INDENT) else ""
        console.print(Text(line, style=_COLOURS.get(mark, "")))


def _json(compared: Compared) -> bytes:
    import orjson

    said = {
        "empty": compared.diff.empty,
        **asdict(compared.diff),
        "known": list(compared.known),
        "effects": asdict(compared.effects),
    }
    return orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def lines_of(compared: Compared) -> list[str]:
    """A comparison in readable sections; the last line counts the differences."""
    diff = compared.diff
    parts = [
        Part("field of the roadmap", [*map(_field, diff.fields)]),
        Part("section", [*map(_section, diff.sections)]),
        Part("topic", [*map(_topic, diff.topics)]),
        Part("placement", [*map(_placement, diff.placements)]),
        Part("requirement", [*map(_requirement, diff.requirements)]),
        Part("recommendation", [*map(_recommendation, diff.recommendations)]),
    ]
    told = [part for part in parts if part.lines]
    return [
        *(line for part in told for line in _told(part)),
        *(() if diff.empty else _effects(compared.known, compared.effects)),
        _summary(diff, told),
    ]


def _told(part: Part) -> Iterator[str]:
    first, *rest = part.noun.split(" ")
    yield f"{' '.join([f'{first.capitalize()}s', *rest])} ({len(part.lines):,})"
    yield from (f"{INDENT}{line}" for line in part.lines[:SHOWN])
    if len(part.lines) > SHOWN:
        yield f"{INDENT}and {len(part.lines) - SHOWN:,} more, which --json lists"
    yield ""


def _summary(diff: RoadmapDiff, parts: Sequence[Part]) -> str:
    one = diff.after or diff.before
    name = "The roadmap" if one is None else one.slug
    if diff.empty:
        return f"{name}: nothing differs."
    state = "is new: " if diff.before is None else "is gone: " if diff.after is None else ""
    counts = ", ".join(counted(len(part.lines), part.noun.split(" ")[0]) for part in parts)
    if state:
        return f"{name} {state}{counts or 'it is empty'}."
    return f"{name}: {counts} {'differs' if sum(len(part.lines) for part in parts) == 1 else 'differ'}."


def _name(named: Named) -> str:
    return named.slug if named.title == named.slug else f"{named.slug} ({named.title})"


def _short(texts: Sequence[str]) -> str:
    text = ", ".join(texts) or "nothing"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _said(change: FieldChange) -> str:
    return f"{change.field} {_short(change.before)} -> {_short(change.after)}"


def _field(change: FieldChange) -> str:
    return f"{_MARKS['changed']} {_said(change)}"


def _line(kind: str, what: str, details: Sequence[str]) -> str:
    return f"{_MARKS[kind]} {what}{': ' if details else ''}{'; '.join(details)}"


def _section(change: SectionChange) -> str:
    moved = [f"moved from {change.before} to {change.after}"] if change.moved else []
    return _line(change.kind, _name(change.section), [*map(_said, change.fields), *moved])


def _topic(change: TopicChange) -> str:
    return _line(change.kind, _name(change.topic), [*map(_said, change.fields)])


def _placement(change: PlacementChange) -> str:
    places = [_place(place) for place in (change.before, change.after) if place is not None]
    return _line(change.kind, change.topic.slug, [" -> ".join(places)])


def _place(place: Place) -> str:
    return f"{place.section}, place {place.position}{', optional' if place.optional else ''}"


def _requirement(change: RequirementChange) -> str:
    old, new = change.before, change.after
    one = new or old
    what = f"{change.topic.slug} requires {in_words([one]) if one else ''}"
    if old is None or new is None:
        return _line(change.kind, what, [one.reason] if one and one.reason else [])
    need = [] if old.need == new.need else [f"needed {old.need} of them"]
    return _line(change.kind, what, [*need, *_reason(old.reason, new.reason)])


def _recommendation(change: RecommendationChange) -> str:
    old, new = change.before, change.after
    one = new or old
    what = f"{one.topic if one else ''} before {change.topic.slug}"
    if old is None or new is None:
        return _line(change.kind, what, [one.reason] if one and one.reason else [])
    return _line(change.kind, what, _reason(old.reason, new.reason))


def _reason(old: str, new: str) -> list[str]:
    return [] if old == new else [f"reason {_short([old] if old else [])} -> {_short([new] if new else [])}"]


def _effects(known: Sequence[str], found: Effects) -> Iterator[str]:
    yield f"For someone who knows {listed(known) if known else 'nothing'}"
    for heading, given in (
        ("ready now", found.newly_ready),
        ("blocked now", found.newly_blocked),
        ("known, and not in the graph any more", found.vanished),
    ):
        if given:
            yield f"{INDENT}{heading}: {listed([one.slug for one in given])}"
    yield f"{INDENT}hours to its topics: {_hours(found.before)} -> {_hours(found.after)}"
    yield ""


def _hours(hours: PathHours | None) -> str:
    if hours is None:
        return "no path"
    return f"{hours.hours:g}" if hours.optimal else f"{hours.hours:g} (at least {hours.lower_bound:g})"
