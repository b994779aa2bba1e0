"""The knowledge engine: pure values and functions over prerequisites; no I/O, nothing async."""
