"""A synthetic class: who hands in what, in shares as a real class has them.

    python benchmarks/synthetic_class.py DEST --students 500 [--seed 1]

writes one folder per student with the six exercises of this repository. What is right comes
from the references and the alternatives, what is wrong from the catalogues of known mistakes,
one to a hand-in; some of it is unfinished, some does not even load, and a little
is hostile. Every kind has its share exactly, of a class of any size, because one endless loop
costs as much as a hundred right answers. Each file differs from every other by a comment, as
students' files do.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Iterator
from pathlib import Path

from grader import course
from grader.course.catalogue import read_alternatives, read_catalogue
from grader.model import Exercise

ROOT = Path(__file__).parents[1]
BROKEN = (
    "def {name}(:\n    pass\n",
    "import torch\nfrom d2l import torch as d2l\n\n\ndef {name}(*args):\n    return d2l\n",
    "import torch\n\n\ndef {name}(X)\n    return X\n",
    "",
)
HOSTILE = (
    "import os\n\nos._exit(0)\n",
    (
        "import torch\n\ntorch.allclose = lambda *args, **kwargs: True\n\n\ndef {name}(*args):\n"
        "    return args[0]\n"
    ),
    (
        "class Agreeable:\n    def __eq__(self, other):\n        return True\n\n"
        "    def __getattr__(self, name):\n        return self\n\n"
        "    def __call__(self, *args, **kwargs):\n        return self\n\n\n"
        "def {name}(*args, **kwargs):\n    return Agreeable()\n"
    ),
    (
        "import pathlib\n\nfound = [p.read_text() for p in pathlib.Path('/').glob('*/*.py')]\n\n\n"
        "def {name}(*args):\n    raise SystemExit(found)\n"
    ),
    "import ctypes\n\n\ndef {name}(*args, **kwargs):\n    ctypes.string_at(0)\n",
)
ENDLESS = "{reference}\n\n\ndef {name}(*args, **kwargs):\n    while True:\n        pass\n"
SHARES = {
    "right": 60.0,
    "one mistake": 24.0,
    "unfinished": 6.0,
    "missing": 5.0,
    "broken": 3.5,
    "hostile": 1.3,
    "endless": 0.2,
}
"""In percent."""
NUMBER_BY_NUMBER = ("loops", "numbers")
"""Alternatives that work on one number at a time, which the course teaches not to."""
NUMBER_BY_NUMBER_SHARE = 0.05
"""Of the right answers to an exercise that has such an alternative."""


def texts(exercise: Exercise) -> dict[str, list[tuple[str, float]]]:
    """Give every text that may be handed in, by kind, with the weight that it has in its kind."""
    reference = exercise.reference.read_text("utf-8")
    name = exercise.tasks[0].defines[0]

    def filled(forms: tuple[str, ...]) -> list[tuple[str, float]]:
        return [(form.replace("{name}", name), 1) for form in forms]

    return {
        "right": _right(exercise, reference),
        "one mistake": [(found.source, 1) for found in read_catalogue(exercise)],
        "unfinished": [(exercise.stub.read_text("utf-8"), 1)],
        "missing": [],
        "broken": filled(BROKEN),
        "hostile": filled(HOSTILE),
        "endless": [(ENDLESS.format(reference=reference, name=name), 1)],
    }


def _right(exercise: Exercise, reference: str) -> list[tuple[str, float]]:
    found = read_alternatives(exercise)
    quick = [reference, *(one.source for one in found if one.name not in NUMBER_BY_NUMBER)]
    slow = [one.source for one in found if one.name in NUMBER_BY_NUMBER]
    rare = NUMBER_BY_NUMBER_SHARE / (1 - NUMBER_BY_NUMBER_SHARE) * len(quick)
    return [(text, 1) for text in quick] + [(text, rare / len(slow)) for text in slow]


def kinds() -> Iterator[str]:
    """Yield the kinds of hand-ins without end: at each step the one that lags behind most."""
    total = sum(SHARES.values())
    given = dict.fromkeys(SHARES, 0)
    for number in itertools.count(1):
        kind = max(SHARES, key=lambda name: number * SHARES[name] / total - given[name])
        given[kind] += 1
        yield kind


def write_class(dest: Path, students: int, seed: int = 1) -> dict[str, int]:
    """Write a class, and tell how many hand-ins of each kind it has.

    Args:
        dest: The folder of the class; must not exist.
        students: How many.
        seed: The same seed gives the same class; a larger class begins with a smaller one.
    """
    exercises = course.load_course(ROOT).exercises
    known = {exercise.id: texts(exercise) for exercise in exercises}
    counts = dict.fromkeys(SHARES, 0)
    turns = kinds()
    for number in range(students):
        draw = random.Random(f"{seed}/{number}")  # noqa: S311 - a class, no secret
        for exercise in exercises:
            kind = next(turns)
            counts[kind] += 1
            if found := known[exercise.id][kind]:
                ((text, _),) = draw.choices(found, [weight for _, weight in found])
                _hand_in(dest, number, exercise, f"{text}\n# {draw.random()}\n")
    return counts


def write_sample(dest: Path) -> None:
    """Write a class in which every text is handed in once.

    Args:
        dest: The folder of the class; must not exist.
    """
    for exercise in course.load_course(ROOT).exercises:
        found = itertools.chain.from_iterable(texts(exercise).values())
        for number, (text, _) in enumerate(found):
            _hand_in(dest, number, exercise, f"{text}\n# {number}\n")


def _hand_in(dest: Path, number: int, exercise: Exercise, text: str) -> None:
    path = dest / f"s{number:04}" / exercise.id / f"{exercise.module}.py"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")


def main() -> None:
    """Write a class and print what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dest", type=Path)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(write_class(options.dest, options.students, options.seed))


if __name__ == "__main__":
    main()
