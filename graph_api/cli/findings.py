"""What a check of roadmap files found, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph_api.errors import Fault
    from graph_api.knowledge.diagnosis import Diagnosis
    from graph_api.knowledge.model import Slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a check found; `diagnosis` is None for files that cannot even be read.

    faults   what stands in the files, with its place there
    roadmaps, topics, stubs   the slugs that the files make, `stubs` the topics made of mere names
    """

    faults: Sequence[Fault]
    diagnosis: Diagnosis | None = None
    roadmaps: Sequence[Slug] = ()
    topics: Sequence[Slug] = ()
    stubs: Sequence[Slug] = ()

    @property
    def sound(self) -> bool:
        """Whether these files could be imported into an empty graph."""
        return not self.faults and self.diagnosis is not None and self.diagnosis.sound

    def as_dict(self) -> dict[str, Any]:
        """The findings as JSON values."""
        return {
            "sound": self.sound,
            "faults": [fault.as_dict() for fault in self.faults],
            "diagnosis": asdict(self.diagnosis) if self.diagnosis else None,
            "roadmaps": list(self.roadmaps),
            "topics": len(self.topics),
            "stubs": list(self.stubs),
        }
