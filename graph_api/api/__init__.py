"""The GraphQL schema: Strawberry types whose resolvers are one load or one pure call."""
