"""Every statement that is sent to Neo4j: constants with $parameters, one comment each, a file a noun."""
