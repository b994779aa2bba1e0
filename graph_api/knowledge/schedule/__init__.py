"""When a path is learned: stages side by side, the critical path, and a calendar of weeks."""

from graph_api.knowledge.schedule.calendar import (
    Calendar,
    CriticalPath,
    Part,
    calendar,
    critical_path,
    stages,
)

__all__ = ["Calendar", "CriticalPath", "Part", "calendar", "critical_path", "stages"]
