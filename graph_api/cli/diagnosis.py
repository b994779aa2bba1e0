"""A diagnosis for people: faults first, then notices, each kind under its heading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from graph_api.cli.screen import SHOWN, counted, listed

if TYPE_CHECKING:
    from graph_api.cli.findings import Findings
    from graph_api.knowledge.diagnosis import Diagnosis, NeededOptional

INDENT: Final = "  "


class Part(NamedTuple):
    """One kind of finding."""

    heading: str
    lines: Sequence[str]


def text_of(findings: Findings) -> str:
    """Findings in readable sections; the last line counts them."""
    diagnosis = findings.diagnosis
    if diagnosis is None:
        count = f"{counted(len(findings.faults), 'fault')} in files that cannot be read."
        return "".join(f"{line}\n" for line in (*findings.faults, count))
    faults = [part for part in _faults(findings, diagnosis) if part.lines]
    notices = [part for part in _notices(findings, diagnosis) if part.lines]
    lines = [
        *(
            line
            for part in faults
            for line in _section(f"Fault: {part.heading}", part.lines, len(part.lines))
        ),
        *(line for part in notices for line in _section(f"Notice: {part.heading}", part.lines, SHOWN)),
        _summary(findings, faults, notices),
    ]
    return "".join(f"{line}\n" for line in lines)


def _section(heading: str, lines: Sequence[str], shown: int) -> Iterator[str]:
    yield f"{heading} ({len(lines):,})"
    yield from (f"{INDENT}{line}" for line in lines[:shown])
    if len(lines) > shown:
        yield f"{INDENT}and {len(lines) - shown:,} more, which --json lists"
    yield ""


def _summary(findings: Findings, faults: Iterable[Part], notices: Iterable[Part]) -> str:
    wrong, worth_a_look = (sum(len(part.lines) for part in parts) for parts in (faults, notices))
    held = f"{counted(len(findings.roadmaps), 'roadmap')} with {counted(len(findings.topics), 'topic')}"
    return f"{held}: {counted(wrong, 'fault') if wrong else 'no faults'}, {counted(worth_a_look, 'notice')}."


def _faults(findings: Findings, diagnosis: Diagnosis) -> Iterator[Part]:
    yield Part("names that nothing defines, and definitions that differ", [*map(str, findings.faults)])
    yield Part(
        "sets of topics that no one could ever learn, since each waits for another of its set",
        [" and ".join(topics) for topics in diagnosis.blocking],
    )
    yield Part(
        "topics that no one could learn without a name that nothing defines", diagnosis.dangling_blocked
    )
    yield Part("topics out of reach because they wait for those above", diagnosis.downstream)


def _notices(findings: Findings, diagnosis: Diagnosis) -> Iterator[Part]:
    yield Part("topics made of mere names, as stubs", findings.stubs)
    yield Part(
        "loops that no one has to go round", [" and ".join(loop) for loop in diagnosis.avoidable_loops]
    )
    yield Part(
        "requirements that follow from others",
        [f"{topic} requires {other}" for topic, other in diagnosis.redundant],
    )
    yield Part("topics in no roadmap", diagnosis.unplaced)
    yield Part("required topics that need optional ones", [*map(_needed_optional, diagnosis.needed_optional)])


def _needed_optional(found: NeededOptional) -> str:
    need = "" if found.need == len(found.optional) else f"{found.need} of "
    return f"{found.topic} of {found.roadmap} needs {need}{listed(found.optional)}"
