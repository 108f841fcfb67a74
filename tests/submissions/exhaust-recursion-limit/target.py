"""Lifts the recursion limit and recurses."""

import sys

sys.setrecursionlimit(10**9)


def down(n):
    return down(n + 1)


def curve(X):
    return down(0)
