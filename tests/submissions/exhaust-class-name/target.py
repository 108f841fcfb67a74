"""Returns an object whose class has a name of ten megabytes."""

def curve(X):
    return type("x" * (10 << 20), (), {})()
