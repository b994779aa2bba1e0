"""The settings of Neo4j and of its Java: small and quiet by default, larger on request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST: Final = "127.0.0.1"
Jvm: TypeAlias = Literal["small", "server"]

# Small starts in half the time and takes 300 MB; server answers faster once it has run for a while.
FLAGS: Final[Mapping[Jvm, tuple[str, ...]]] = {
    "small": ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    "server": ("-Xms512m", "-Xmx1g", "-XX:+UseG1GC"),
}
PAGE_CACHE: Final[Mapping[Jvm, str]] = {"small": "64m", "server": "256m"}
# What Neo4j 2026 asks of Java 25; and a database without memory should end, not linger.
ALWAYS: Final = (
    "-XX:+ExitOnOutOfMemoryError",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)


def neo4j_conf(*, port: int, jvm: Jvm) -> str:
    """Return the text of neo4j.conf: Bolt on the loopback interface and nothing else on any network."""
    settings = {
        "server.bolt.listen_address": f"{HOST}:{port}",
        "server.bolt.advertised_address": f"{HOST}:{port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "server.fleet_discovery.enabled": "false",
        "dbms.fleet_manager.enabled": "false",
        "dbms.usage_report.enabled": "false",
        "dbms.security.auth_enabled": "true",
        "dbms.security.allow_csv_import_from_file_urls": "false",
        "server.memory.pagecache.size": PAGE_CACHE[jvm],
        # A store of 2 MB, not 516 MB.
        "db.tx_log.preallocate": "false",
        "db.tx_log.rotation.size": "8m",
        "db.query.default_language": "CYPHER_25",
        # A connection that was lost without a word is noticed within ten seconds, not 60 and more.
        "server.bolt.connection_keep_alive": "5s",
        # A stop within one second, not ten.
        "internal.server.bolt.thread_pool_shutdown_wait_time": "200ms",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
