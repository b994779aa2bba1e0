"""nginx in front of replicas, as deploy/nginx.conf has it, with ports and folders of its own."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.processes import Server, free_port

CONFIGURATION: Final = Path(__file__).parents[1] / "deploy" / "nginx.conf"
FLUSH_SECONDS: Final = 1.2
"""After so long a request stands in the log."""

_TEMPORARY: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_REPLICA: Final = re.compile(r"server 127\.0\.0\.1:\d+ (.*;)")


class Balancer(Server):
    """nginx before the servers at some ports; with `cached` it keeps answers to trusted documents."""

    def __init__(self, ports: Sequence[int], *, folder: Path, cached: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._requests = folder / "requests.log"
        port, place = free_port(), folder / "nginx.conf"
        place.write_text(_configured(folder, port, ports, self._requests, cached=cached))
        user = "user root; " if os.geteuid() == 0 else ""  # else its workers could not read the folder
        directives = f"daemon off; pid {folder / 'nginx.pid'}; {user}"
        command = [program(), "-c", str(place), "-e", "stderr", "-g", directives]
        super().__init__(command, port=port, log=folder / "nginx.log", environment=os.environ)

    def forget(self) -> None:
        """Begin the log of requests anew."""
        os.truncate(self._requests, 0)

    def statuses(self) -> Counter[str]:
        """How many requests since the last `forget` had each state of the cache: HIT, MISS and so on."""
        lines = self._requests.read_text().splitlines()
        return Counter(line.split()[3] for line in lines)


def program() -> str:
    """Where nginx is. Raises FileNotFoundError."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise FileNotFoundError("This needs nginx; on Debian: apt-get install nginx-light")
    return found


def _configured(folder: Path, port: int, ports: Sequence[int], requests: Path, *, cached: bool) -> str:
    """The example's text with other places. Raises ValueError when it no longer has what is replaced."""
    text = CONFIGURATION.read_text()
    replica = _REPLICA.search(text)
    if replica is None:
        raise ValueError(f"{CONFIGURATION.name} names no replica.")
    servers = "\n        ".join(f"server 127.0.0.1:{each} {replica[1]}" for each in ports)
    text = _REPLICA.sub("", text).replace("least_conn;", f"least_conn;\n        {servers}")
    temporary = "\n    ".join(f"{name}_temp_path {folder / name};" for name in _TEMPORARY)
    places = {
        "/var/log/nginx/error.log": "stderr",
        "/var/log/nginx/roadmaps.log": str(requests),
        "/var/cache/nginx/roadmaps": str(folder / "kept"),
        "listen 80;": f"listen 127.0.0.1:{port};",
        "http {\n": f"http {{\n    {temporary}\n",
        "proxy_cache answers;": f"proxy_cache {'answers' if cached else 'off'};",
    }
    for old, new in places.items():
        if old not in text:
            raise ValueError(f"{CONFIGURATION.name} has no {old!r}.")
        text = text.replace(old, new)
    return text
