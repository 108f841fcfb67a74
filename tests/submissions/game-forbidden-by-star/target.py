"""Calls the method that the task rules out."""

def helper(X):
    return X.square()


def curve(X):
    return helper(X) + 1
