"""The proof of training: arithmetic on small evidence, and a few variants through real cells."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from grader import course
from grader.course.catalogue import read_catalogue
from grader.judge.threshold import ACCURACY_OF_TEN, bounds

ROOT = Path(__file__).parents[2]
NAME, RECIPE = "03-06-softmax", "softmax-regression"


@pytest.fixture(scope="module")
def proof() -> Iterator[ModuleType]:
    """Import the benchmark, whose modules stand beside one another and in no package."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import proof

    yield proof
    sys.path.remove(str(ROOT / "benchmarks"))


def _run(proof: ModuleType, variant: str, seed: int, value: float | None, curve: str) -> object:
    outcome = "error" if value is None else "passed"
    return proof.Run(NAME, RECIPE, variant, "source", seed, outcome, value, curve)


def test_a_rule_without_margin_fails_right_code_once_in_1771(proof: ModuleType) -> None:
    """Drawing 20 runs and 3 attempts from one distribution agrees with the error bound."""
    rng = random.Random(5)
    pool = [rng.gauss(0.77, 0.003) for _ in range(200)]
    pages = proof.proof_pages
    bare = pages.false_fails(pool, pages.without_margin(ACCURACY_OF_TEN), 20_000, 1)

    # 11.3 are expected; 0 or 40 and more have a probability of 1e-5 and less.
    assert 0 < bare < 40
    assert pages.false_fails(pool, ACCURACY_OF_TEN, 2_000, 1) == 0


def test_attempts_end_at_the_first_that_is_good_enough(proof: ModuleType) -> None:
    """Stored runs are judged in their order, and hopeless ones end early, as real attempts do."""
    found = bounds([0.76, 0.77, 0.78], ACCURACY_OF_TEN)
    judged = proof.proof_pages.judged

    assert judged([0.70, 0.77, 0.99], found, ACCURACY_OF_TEN).best == 0.77
    assert judged([0.1, 0.1, 0.77], found, ACCURACY_OF_TEN).reason.value == "chance"
    assert judged([0.73, 0.74, 0.73], found, ACCURACY_OF_TEN).reason.value == "below"


def test_evidence_survives_a_kill(proof: ModuleType, tmp_path: Path) -> None:
    """A last line that was cut off is lost and nothing else; old texts do not count."""
    file = tmp_path / "evidence.jsonl"
    evidence = proof.Evidence(file)
    evidence.add(_run(proof, "b", 1, 0.5, "x"))
    evidence.add(_run(proof, "a", 1, 0.7, "y"))
    with file.open("ab") as out:
        out.write(b'{"type":"run","exer')
    again = proof.Evidence(file)

    assert [run.variant for run in again.of(proof.Run)] == ["a", "b"]
    assert len(file.read_bytes().splitlines()) == 2
    assert again.run(NAME, RECIPE, proof.Variant("a", "", "another text"), 1) is None


def test_what_trains_as_right_code_does_is_told_from_what_trains_otherwise(
    proof: ModuleType,
) -> None:
    """A curve that equals the reference's shows that training never meets the mistake."""
    reference = _run(proof, "reference", 1, 0.77, "same")

    assert not _run(proof, "a", 1, 0.77, "same").tells(reference)  # type: ignore[attr-defined]
    assert _run(proof, "b", 1, 0.77, "other").tells(reference)  # type: ignore[attr-defined]
    assert not _run(proof, "c", 1, None, "other").tells(reference)  # type: ignore[attr-defined]


def test_variants_are_those_of_what_training_uses(proof: ModuleType) -> None:
    """At least 60 are tried; a mistake in a function that no loop calls is none of them."""
    found = {e.id: proof.wrong_variants(e) for e in course.load_course(ROOT).exercises}
    names = {variant.name for variant in found[NAME]}

    assert sum(map(len, found.values())) >= 60
    assert {"dim0", "mean_loss", "uphill", "cooled_logits"} <= names
    (exercise,) = course.select(course.load_course(ROOT), ["softmax"])
    elsewhere = {m.name for m in read_catalogue(exercise) if m.replaces == "accuracy"}
    assert elsewhere
    assert not names & elsewhere
    assert all(len({v.source for v in one}) == len(one) for one in found.values())


def test_it_tries_variants_in_cells_and_goes_on_where_it_ended(
    proof: ModuleType, tmp_path: Path
) -> None:
    """What trains, what each kind of test notices, and right code, through the real pipeline."""
    found = course.load_course(ROOT)
    chosen = course.select(found, ["softmax"])
    evidence = proof.Evidence(tmp_path / "evidence.jsonl")
    wanted = {"jobs": 1, "seeds": 1, "gradings": 1, "names": ["base2_log", "sum_loss"]}
    proof.prove(found, chosen, evidence, **wanted)

    (table,) = proof.proof_pages.tables(found, evidence)
    rows = {row.variant.name: row for row in table.wrong}
    assert rows["base2_log"].kind == "trains"
    assert rows["base2_log"].lockstep == ("test_three_steps_in_lockstep",)
    assert not rows["base2_log"].below
    assert rows["sum_loss"].kind == "same"
    assert rows["sum_loss"].unit
    (grading,) = evidence.of(proof.Grading)
    assert grading.score == grading.max_score
    page = proof.proof_pages.page(found, evidence)
    assert "Of 1 gradings 1 gave full marks." in page

    lost = next(key for key in evidence.findings if key[0] == "suite")
    del evidence.findings[lost]
    before = dict(evidence.findings)
    proof.prove(found, chosen, evidence, **wanted)
    assert evidence.findings.keys() == before.keys() | {lost}
    assert all(evidence.findings[key] is kept for key, kept in before.items())
