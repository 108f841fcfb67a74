"""A synthetic class: who hands in what, in shares as a real class has them.

    python benchmarks/synthetic_class.py DEST --students 500 [--seed 1]

writes one folder per student with the six exercises of this repository. What is right comes
from the references and the alternatives, what is wrong from the catalogues of known mistakes,
one or two of them to a hand-in; some of it is unfinished, some does not even load, and a little
is hostile. Each file differs from every other by a comment, as students' files do.
"""

from __future__ import annotations

import argparse
import itertools
import random
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
"""In percent; an endless loop is one hand-in of 500, and costs as much as 100 right ones."""


def texts(exercise: Exercise) -> dict[str, list[str]]:
    """Give every text that may be handed in, by kind."""
    reference = exercise.reference.read_text("utf-8")
    name = exercise.tasks[0].defines[0]

    def filled(forms: tuple[str, ...]) -> list[str]:
        return [form.replace("{name}", name) for form in forms]

    return {
        "right": [reference, *(found.source for found in read_alternatives(exercise))],
        "one mistake": [found.source for found in read_catalogue(exercise)],
        "unfinished": [exercise.stub.read_text("utf-8")],
        "missing": [],
        "broken": filled(BROKEN),
        "hostile": filled(HOSTILE),
        "endless": [ENDLESS.format(reference=reference, name=name)],
    }


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
    for number in range(students):
        draw = random.Random(f"{seed}/{number}")  # noqa: S311 - a class, no secret
        for exercise in exercises:
            (kind,) = draw.choices(list(SHARES), list(SHARES.values()))
            counts[kind] += 1
            if found := known[exercise.id][kind]:
                text = draw.choice(found) if len(found) > 1 else found[0]
                _hand_in(dest, number, exercise, f"{text}\n# {draw.random()}\n")
    return counts


def write_sample(dest: Path) -> None:
    """Write a class in which every text is handed in once.

    Args:
        dest: The folder of the class; must not exist.
    """
    for exercise in course.load_course(ROOT).exercises:
        for number, text in enumerate(itertools.chain.from_iterable(texts(exercise).values())):
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
