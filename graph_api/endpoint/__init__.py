"""GraphQL over HTTP for any schema: negotiation, limits, errors and health; it knows nothing of roadmaps."""
