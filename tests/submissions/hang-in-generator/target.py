"""Yields all parts but the last."""

import time


def parts(X):
    yield X[:1]
    time.sleep(3600)
