"""Knowledge states: what someone knows, what is ready, and why."""

from graph_api.knowledge.state.knowledge import KnowledgeState

__all__ = ["KnowledgeState"]
