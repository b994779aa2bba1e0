"""Ours and its peers, measured side by side: `python -m benchmarks`. README.md says how."""
