"""The execution of operations by plans: what is the same for every parent is worked out once a document.

The answer is that of graphql-core to the byte, errors and their order included. Whatever is unusual is left
to graphql-core itself.
"""

from graph_api.endpoint.execution.executor import PlannedExecutor

__all__ = ["PlannedExecutor"]
