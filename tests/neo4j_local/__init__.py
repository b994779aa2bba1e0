"""The local Neo4j, tried for real: processes, signals, torn files."""
