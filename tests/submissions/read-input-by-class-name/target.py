"""Carries a hidden input out in the name of a class."""

def curve(X):
    return type("X" + "_".join(str(int(x)) for x in X.detach().flatten().tolist()), (), {})()
