"""The only room that speaks Cypher: statements, the one execution point, readers and writers."""
