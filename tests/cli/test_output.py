"""Standard output that is full, or that nobody reads any more: no traceback either way."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from .conftest import COMMAND, process

ASKED = [["check"], ["check", "--json"]]
PROGRESS = "Reading files ...\n"
"""Said where reading takes a while, as on a busy machine."""


@pytest.mark.parametrize("command", ASKED, ids=" ".join)
def test_a_full_standard_output_is_told_in_one_sentence(command: list[str], files: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = process(*command, files, stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert ran.returncode == 1
    told = ran.stderr.removeprefix(PROGRESS)
    assert told == "Error: Standard output cannot be written: No space left on device.\n"


@pytest.mark.parametrize("command", ASKED, ids=" ".join)
def test_a_reader_that_has_seen_enough_hears_nothing(command: list[str], files: Path) -> None:
    read, write = os.pipe()
    ran = subprocess.Popen([*COMMAND, *command, str(files)], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(read)
    os.close(write)
    assert ran.communicate(timeout=60)[1] in {"", PROGRESS}
    assert ran.returncode == 1
