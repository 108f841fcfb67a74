"""Gives its first answer again, as a baseline handed in unchanged would."""

KEPT = []


def curve(X):
    if not KEPT:
        KEPT.append(X * X + 1)
    return KEPT[0]
