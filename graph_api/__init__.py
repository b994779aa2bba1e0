"""A roadmap knowledge graph: what to learn, what it rests on, and what to learn next."""
