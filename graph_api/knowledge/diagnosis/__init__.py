"""What is wrong, or worth a look, in a catalogue's prerequisites."""

from graph_api.knowledge.diagnosis.findings import (
    Diagnosis,
    NeededOptional,
    blocking_sets,
    diagnose,
    needed_optional,
)

__all__ = ["Diagnosis", "NeededOptional", "blocking_sets", "diagnose", "needed_optional"]
