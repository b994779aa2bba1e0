"""Formats: bytes to values and back; pure, so that callers do all reading and writing."""
