"""The load of wrk, where it is installed: with a server on each core, the load must take next to nothing.

Ours (`load.py`) can send a thousand different requests and reads each answer; for that it takes as long as a
server takes for a kept answer. wrk sends one again and again, and looks at the status.
"""

from __future__ import annotations

import json
import math
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import mean
from typing import Any, Final

from benchmarks.measure import Sample, Stand

_SCRIPT: Final = """
local said = "{said}"
request = function() return said end
done = function(all, latency)
  local failed = all.errors.status + all.errors.connect + all.errors.read + all.errors.timeout
  io.stderr:write(string.format(
    '{{"requests": %d, "seconds": %f, "bytes": %d, "failed": %d, "p50": %f, "p99": %f, "worst": %f}}',
    all.requests, all.duration / 1e6, all.bytes, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
"""


def is_there() -> bool:
    """Whether it is installed."""
    return shutil.which("wrk") is not None


def window(stand: Stand, ports: Sequence[int], request: bytes, *, clients: int, seconds: float) -> Sample:
    """One window of one request, by clients that are shared out between the ports; whole seconds.

    CPU and memory are those of the stand's server. Raises RuntimeError when an answer is not right.
    """
    before, cpu = stand.usage(), _cpu()
    told = _run(ports, request, clients // len(ports), math.ceil(seconds))
    after = stand.usage()
    requests = sum(each["requests"] for each in told)
    thousands = requests / 1000
    return Sample(
        requests=requests,
        rate=sum(each["requests"] / each["seconds"] for each in told),
        p50=mean(each["p50"] for each in told),
        p99=max(each["p99"] for each in told),
        worst=max(each["worst"] for each in told),
        server_cpu=(after[0].cpu - before[0].cpu) / thousands,
        database_cpu=(after[1].cpu - before[1].cpu) / thousands,
        load_cpu=(_cpu() - cpu) / thousands,
        memory=after[0].memory,
        bytes=sum(each["bytes"] for each in told) // requests,
    )


def _run(ports: Sequence[int], request: bytes, clients: int, seconds: int) -> list[dict[str, Any]]:
    """What a wrk of its own for each port tells."""
    with ExitStack() as stack:
        script = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "said.lua"
        script.write_text(_SCRIPT.format(said="".join(f"\\{byte:03}" for byte in request)), encoding="ascii")
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "-s", str(script)]
        running = [
            stack.enter_context(
                subprocess.Popen(
                    [*command, f"http://127.0.0.1:{port}/"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
                )
            )
            for port in ports
        ]
        told = [json.loads(each.communicate()[1]) for each in running]
    if any(each["failed"] for each in told):
        raise RuntimeError(f"The load failed: {told}")
    return told


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
