"""What the evidence says, in numbers and as a page; nothing is run for it."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from proof_evidence import Evidence, Grading, Run, Suite
from proof_variants import Variant, right_variants, wrong_variants

from grader.judge import calibration
from grader.judge.recipes import RECIPES
from grader.judge.threshold import (
    MAX_ATTEMPTS,
    RUNS,
    Attempt,
    Bounds,
    Decision,
    Metric,
    Reason,
    Rule,
    another,
    bounds,
    decide,
)
from grader.model import Course, Exercise

_TESTS = ("threshold", "lockstep", "unit tests")
DRAWS = 2000
"""Gradings drawn from stored runs of each reference."""
DRAW_SEED = 7


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one variant under one recipe.

    Attributes:
        variant: The variant.
        values: What its runs measured.
        decision: What the rule says of them, in the order of the seeds.
        kind: `trains`, `breaks` or `same` (trains exactly as the reference does).
        lockstep: Lockstep tests that notice it.
        unit: Other tests that notice it.
    """

    variant: Variant
    values: tuple[float, ...]
    decision: Decision
    kind: str
    lockstep: tuple[str, ...]
    unit: tuple[str, ...]

    @property
    def below(self) -> bool:
        """Whether the threshold costs it points."""
        return self.decision.reason is not Reason.PASSED

    @property
    def caught(self) -> bool:
        """Whether anything costs it points."""
        return self.below or bool(self.lockstep or self.unit)


@dataclass(frozen=True, slots=True)
class Table:
    """One recipe of one exercise.

    Attributes:
        exercise: The exercise.
        recipe: Name of the recipe.
        rule: How it is judged.
        found: Its bounds.
        wrong: One row a wrong variant.
        right: One row a right one, the reference first.
        pool: What runs of the reference measured, those of the calibration first.
    """

    exercise: Exercise
    recipe: str
    rule: Rule
    found: Bounds
    wrong: tuple[Row, ...]
    right: tuple[Row, ...]
    pool: tuple[float, ...]

    def trained(self) -> list[Row]:
        """Return the wrong variants that train, and otherwise than the reference."""
        return [row for row in self.wrong if row.kind == "trains"]


def judged(values: Sequence[float], found: Bounds, rule: Rule) -> Decision:
    """Apply the rule to runs as if they were made one after the other."""
    attempts: list[Attempt] = []
    for value in values:
        if attempts and not another(attempts, found, rule):
            break
        attempts.append(Attempt(value, (float(len(attempts)),)))
    return decide(attempts, found, rule)


def false_fails(pool: Sequence[float], rule: Rule, draws: int, seed: int) -> int:
    """Count gradings of right code that the rule fails, calibrated and tried on drawn runs.

    Each grading draws as many runs as a calibration has, and the attempts from the others, so
    that no run is measured against itself.

    Args:
        pool: What runs of one reference measured.
        rule: The rule.
        draws: How many gradings.
        seed: Of the drawing.
    """
    rng = random.Random(seed)  # noqa: S311 - a drawing that can be repeated
    fails = 0
    for _ in range(draws):
        drawn = rng.sample(list(pool), RUNS + MAX_ATTEMPTS)
        found = bounds(drawn[:RUNS], rule)
        fails += judged(drawn[RUNS:], found, rule).reason is not Reason.PASSED
    return fails


def without_margin(rule: Rule) -> Rule:
    """Return the rule whose threshold is the worst run alone, as the error bound has it."""
    return dataclasses.replace(rule, margin=-1.0)


def tables(course: Course, evidence: Evidence) -> list[Table]:
    """Return a table for each recipe of which there are findings."""
    runs = [run for run in evidence.of(Run) if isinstance(run, Run)]
    return [
        _table(exercise, recipe, evidence)
        for exercise in course.exercises
        for recipe in sorted({run.recipe for run in runs if run.exercise == exercise.id})
    ]


def _table(exercise: Exercise, recipe: str, evidence: Evidence) -> Table:
    rule = RECIPES[recipe].rule
    entries = calibration.read(exercise.hidden_dir).entries
    entry = [entry for entry in entries if entry.key.recipe == recipe][-1]
    limits = entry.bounds(rule)
    right = right_variants(exercise)

    def row(variant: Variant) -> Row | None:
        runs = _runs(evidence, exercise.id, recipe, variant)
        if not runs:
            return None
        values = tuple(math.nan if run.value is None else run.value for run in runs)
        reference = evidence.run(exercise.id, recipe, right[0], runs[0].seed)
        kind = "trains" if runs[0].tells(reference) else "breaks"
        if runs[0].outcome == "passed" and kind == "breaks":
            kind = "same"
        suite = evidence.findings.get(("suite", exercise.id, variant.name))
        lockstep, unit = (suite.lockstep, suite.unit) if isinstance(suite, Suite) else ((), ())
        return Row(variant, values, judged(values, limits, rule), kind, lockstep, unit)

    gradings = [g for g in evidence.of(Grading) if isinstance(g, Grading)]
    fresh = [
        value
        for grading in gradings
        if grading.exercise == exercise.id and grading.variant == right[0].name
        for value in grading.values.get(recipe, ())
        if value is not None
    ]
    own = [run.value for run in _runs(evidence, exercise.id, recipe, right[0])]
    return Table(
        exercise,
        recipe,
        rule,
        limits,
        tuple(found for v in wrong_variants(exercise) if (found := row(v))),
        tuple(found for v in right if (found := row(v))),
        (*entry.values, *(value for value in own if value is not None), *fresh),
    )


def _runs(evidence: Evidence, exercise: str, recipe: str, variant: Variant) -> list[Run]:
    return [
        run
        for run in evidence.of(Run)
        if isinstance(run, Run)
        and (run.exercise, run.recipe, run.variant) == (exercise, recipe, variant.name)
        and evidence.run(exercise, recipe, variant, run.seed) is not None
    ]


def page(course: Course, evidence: Evidence) -> str:
    """Return the page in Markdown."""
    found = tables(course, evidence)
    gradings = [g for g in evidence.of(Grading) if isinstance(g, Grading)]
    parts = [
        _HEAD,
        _summary(found),
        _LOCKSTEP,
        *(f"- `{t.recipe}`: {r.variant.name}, {r.variant.label}\n" for t, r in _unseen(found)),
        _RIGHT,
        _right(found, gradings),
        _FALSE,
        _false(found),
        "\n## Every variant\n",
        *(_rows(table) for table in found),
    ]
    return "".join(parts)


def _unseen(found: Sequence[Table]) -> list[tuple[Table, Row]]:
    return [(t, r) for t in found for r in t.trained() if not r.lockstep]


def _summary(found: Sequence[Table]) -> str:
    lines = [
        _columns("recipe", "tried", "break", "as right code", "train", *_TESTS, "together"),
        "|---|---|---|---|---|---|---|---|---|",
    ]
    everything = [("all", [row for table in found for row in table.wrong])]
    for name, rows in [(f"`{t.recipe}`", list(t.wrong)) for t in found] + everything:
        trained = [row for row in rows if row.kind == "trains"]
        counts = [len(rows), *(sum(r.kind == kind for r in rows) for kind in ("breaks", "same"))]
        shares = [
            sum(row.below for row in trained),
            sum(bool(row.lockstep) for row in trained),
            sum(bool(row.unit) for row in trained),
            sum(row.caught for row in trained),
        ]
        shown = [f"{n} ({_share(n, len(trained))})" for n in shares]
        lines.append("| " + " | ".join([name, *map(str, counts), str(len(trained)), *shown]) + " |")
    return "\n".join(lines) + "\n"


def _columns(*names: str) -> str:
    return "| " + " | ".join(names) + " |"


def _share(count: int, of: int) -> str:
    """Return a percentage, never rounded up to a whole that it is not."""
    return f"{math.floor(1000 * count / of) / 10:g} %" if of else "none"


def _right(found: Sequence[Table], gradings: Sequence[Grading]) -> str:
    lines = [
        "| recipe | right code | single runs | worst | T | gradings | full marks |",
        "|---|---|---|---|---|---|---|",
    ]
    for table in found:
        for row in table.right:
            own = [
                g
                for g in gradings
                if (g.exercise, g.variant) == (table.exercise.id, row.variant.name)
            ]
            pick = min if table.rule.metric is Metric.ACCURACY else max
            measured = [*row.values, *(v for g in own for v in g.values.get(table.recipe, ()) if v)]
            full = sum(g.score == g.max_score for g in own)
            cells = [
                f"`{table.recipe}`",
                row.variant.name,
                str(len(measured)),
                _value(pick(measured), table.rule),
                _value(table.found.threshold, table.rule),
                str(len(own)),
                str(full),
            ]
            lines.append("| " + " | ".join(cells) + " |")
    full = sum(g.score == g.max_score for g in gradings)
    lines.append(f"\nOf {len(gradings)} gradings {full} gave full marks.")
    for grading in gradings:
        if grading.score != grading.max_score:
            lost = ", ".join(grading.lost)
            lines.append(f"\nLost: {grading.exercise}, {grading.variant}: {lost}.")
    return "\n".join(lines) + "\n"


def _false(found: Sequence[Table]) -> str:
    lines = [
        "| recipe | runs | gradings drawn | failed | failed if T were the worst run |",
        "|---|---|---|---|---|",
    ]
    totals = [0, 0, 0]
    for table in found:
        if len(table.pool) < RUNS + MAX_ATTEMPTS:
            continue
        fails = false_fails(table.pool, table.rule, DRAWS, DRAW_SEED)
        bare = false_fails(table.pool, without_margin(table.rule), DRAWS, DRAW_SEED)
        lines.append(f"| `{table.recipe}` | {len(table.pool)} | {DRAWS} | {fails} | {bare} |")
        totals = [totals[0] + DRAWS, totals[1] + fails, totals[2] + bare]
    lines.append(f"| all | | {totals[0]} | {totals[1]} | {totals[2]} |")
    return "\n".join(lines) + "\n"


def _rows(table: Table) -> str:
    lines = [
        f"\n### `{table.recipe}` ({table.exercise.id})\n",
        f"T is {_value(table.found.threshold, table.rule)}.\n",
        "| a version that ... | measured | threshold | lockstep | unit tests |",
        "|---|---|---|---|---|",
    ]
    for row in sorted(table.wrong, key=lambda row: (row.kind, row.variant.name)):
        label = row.variant.label.replace("|", "\\|")
        if row.kind == "trains":
            values = ", ".join(_value(value, table.rule) for value in row.values)
            said = row.decision.reason.value if row.below else "-"
        else:
            values, said = ("breaks", "ended") if row.kind == "breaks" else ("as right code", "-")
        seen = [str(len(tests)) if tests else "-" for tests in (row.lockstep, row.unit)]
        lines.append(f"| {label} | {values} | {said} | {seen[0]} | {seen[1]} |")
    return "\n".join(lines) + "\n"


def _value(value: float, rule: Rule) -> str:
    if math.isnan(value):
        return "nan"
    return f"{value:.4f}" if rule.metric is Metric.ACCURACY else f"{value:.3f}"


_HEAD = """\
# What judging training catches, and whom it fails wrongly

Written by `nox -s proof` from `benchmarks/results/training-proof.jsonl`; [training.md](training.md)
says what is judged and how. Everything here was trained and graded in cells, as hand-ins are.

Tried are the mistakes of the catalogues and further versions that may well train
(`benchmarks/proof_variants.py`). Some break, because an exception or their time ends them; some
train digit by digit as right code does, since what is wrong with them lies elsewhere. The others
train, each with several seeds. Of these, this is what each kind of test catches by itself:
*threshold*, the rule applied to its runs; *lockstep*, the tests with that word in their name;
*unit tests*, all others.

"""
_LOCKSTEP = """
Mistakes that train and that no lockstep test notices:

"""
_RIGHT = """
## Right code

The reference and the alternatives of each exercise: single runs, and whole gradings with hidden
suite and up to three attempts.

"""
_FALSE = """
## False fails

Each grading drawn here takes 20 stored runs of the reference as its calibration and up to three
others as attempts. With T at the worst of the 20 runs, right code fails once in 1,771 gradings;
with the margin of the rule, less.

"""
