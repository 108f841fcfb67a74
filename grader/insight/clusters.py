"""Wrong answers that several people share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from grader.insight.facts import Look

ALIKE = 3
"""So many equal wrong answers without a name are a candidate for the catalogue."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One wrong answer to one test.

    Attributes:
        look: What it looks like.
        people: Who gave it, as numbers of people, ascending.
    """

    look: Look
    people: tuple[int, ...]

    @property
    def is_candidate(self) -> bool:
        """Whether it should get a name in the catalogue of known mistakes."""
        return not self.look.label and len(self.people) >= ALIKE


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mistake without a name that several people share, in every test that it fails.

    Attributes:
        exercise_id: Where.
        tests: Numbers of its tests in suite order.
        cluster: What it looks like in the first of them, and who made it.
    """

    exercise_id: str
    tests: tuple[int, ...]
    cluster: Cluster


def clusters_of(looks: Mapping[int, Look]) -> tuple[Cluster, ...]:
    """Group people by what their answer to one test looks like.

    Args:
        looks: By number of the person.

    Returns:
        The commonest first; equally common ones in the order of their first person.
    """
    groups: dict[Look, list[int]] = defaultdict(list)
    for number in sorted(looks):
        groups[looks[number]].append(number)
    clusters = [Cluster(look, tuple(people)) for look, people in groups.items()]
    return tuple(sorted(clusters, key=lambda c: (-len(c.people), c.people)))


def candidates_of(exercise_id: str, clusters: Mapping[int, tuple[Cluster, ...]]) -> list[Candidate]:
    """Find the mistakes of one exercise that the catalogue should learn.

    Args:
        exercise_id: Which.
        clusters: By number of the test.

    Returns:
        One for each set of people, however many tests they fail together; the largest first.
    """
    found: dict[tuple[int, ...], list[tuple[int, Cluster]]] = defaultdict(list)
    for test, of_test in clusters.items():
        for cluster in of_test:
            if cluster.is_candidate:
                found[cluster.people].append((test, cluster))
    merged = [
        Candidate(exercise_id, tuple(test for test, _ in hits), hits[0][1])
        for hits in found.values()
    ]
    return sorted(merged, key=lambda c: (-len(c.cluster.people), c.tests))
