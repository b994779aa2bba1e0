"""What a server has taken for a moment it gives back."""

from __future__ import annotations

import platform
import subprocess
import sys
from typing import Final

import pytest

BLOCKS: Final = 40
TAKEN_AND_FREED: Final = f"""
import sys
from graph_api.cli import serve

def held():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

if sys.argv[1] == "given back":
    serve._give_large_blocks_back()
large = b"x" * (8 << 20)
del large  # from now on the C library keeps blocks up to this size
before = held()
blocks = [(b"x" * (1 << 20), b"x" * 200_000) for _ in range({BLOCKS})]
between = [small for _, small in blocks]
blocks.clear()
print((held() - before) >> 20)
"""


def left(how: str) -> int:
    """The MB that a process holds after it has taken BLOCKS of them and freed them."""
    command = [sys.executable, "-c", TAKEN_AND_FREED, how]
    return int(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is about glibc")
def test_large_blocks_go_back_to_the_system() -> None:
    assert left("as usual") > BLOCKS // 2, "else there is nothing to set"
    assert left("given back") < BLOCKS // 2
