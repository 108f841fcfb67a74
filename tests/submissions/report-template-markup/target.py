"""Raises text that the page's templates would run."""

def curve(X):
    raise ValueError("{{ 7 * 191 }}{% for x in range(9) %}{{ x }}{% endfor %}${7*191}")
