"""Judging: hidden suites run here, in a trusted process, against code that runs in a cell.

    suite     the list of tests, from marks, before any student code runs
    plugin    pytest, with `student`, `driver`, `reference`, `seed` and `rng`
    proxy     what `student.softmax(X)` does
    session   the cell as the judge speaks to it
    reply     its answers, with what they do to the judge's tensors
    expect    assertions that say in words what was expected and what came
    policy    forbidden shortcuts
    run       one hand-in against its cells, one verdict a test
    verdicts  from an exception to words that a student may read

Importing a module of this room imports torch; the light processes do not.
"""
