"""What many grades tell together: statistics, mistakes that are shared, hand-ins that are alike.

    measures.py    formulas: difficulty, discrimination, reliability, quantiles
    facts.py       one person's grade, reduced to what the class is told      -> PersonFacts
    items.py       how each test did                                         -> ExerciseSummary
    clusters.py    wrong answers that are alike                              -> Cluster
    concerns.py    what a person should look at first                        -> Concern
    survey.py      all of it                                                 -> Overview
    lexer.py winnowing.py pairs.py   hand-ins that are alike                 -> Pair

Pure: no file is read or written and nothing is decided. No test that met a fault of ours counts
in any figure.
"""

from grader.insight.facts import PersonFacts
from grader.insight.pairs import Document, Pair, Side, SourceLine, similar_pairs
from grader.insight.survey import Overview, Survey, survey

__all__ = [
    "Document",
    "Overview",
    "Pair",
    "PersonFacts",
    "Side",
    "SourceLine",
    "Survey",
    "similar_pairs",
    "survey",
]
