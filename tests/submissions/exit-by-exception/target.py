"""Raises what ends a process: SystemExit, KeyboardInterrupt and GeneratorExit."""

import sys


def curve(X):
    sys.exit(0)


def words(n):
    raise KeyboardInterrupt


def parts(X):
    raise GeneratorExit


class Tally:
    def __init__(self):
        raise BaseExceptionGroup("all", [SystemExit(0), KeyboardInterrupt()])
