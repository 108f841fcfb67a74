"""How much of its time a test gets, after others of the same hand-in have run out of theirs.

A function that never returns would otherwise take the time of all other functions.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.judge.reading import used_tasks
from grader.model import Task

SHRINKS = 0.2
"""What is left of a test's time for each test of its task before it that ran out of time."""
LEAST_S = 0.2
"""Time that any test gets; right code takes a twentieth of it in these exercises."""


class Patience:
    """Counts the late tests of each task of one hand-in."""

    def __init__(self, source: str, tasks: Sequence[Task]) -> None:
        """Start with all of the time for every task.

        Args:
            source: The student's text, read for which task uses which.
            tasks: Those of the exercise.
        """
        self._source = source
        self._tasks = {task.name: task for task in tasks}
        self._late: dict[str, int] = {}

    def time_s(self, task: str, full_s: float) -> float:
        """Return how much of its time the next test of a task gets.

        Before the first test of a task it is what the tasks get that its code uses.

        Args:
            task: The task.
            full_s: All of the test's time.
        """
        return max(full_s * SHRINKS ** self._late_before(task), min(full_s, LEAST_S))

    def count(self, task: str, *, late: bool) -> None:
        """Count a test that has ended; one in time, right or wrong, forgives half of the late."""
        before = self._late_before(task)
        self._late[task] = before + 1 if late else before // 2

    def _late_before(self, task: str) -> int:
        if task in self._late or not any(self._late.values()):
            return self._late.get(task, 0)
        used = used_tasks(self._source, self._tasks[task], self._tasks.values())
        return max((self._late.get(name, 0) for name in used), default=0)
