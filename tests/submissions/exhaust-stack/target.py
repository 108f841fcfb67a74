"""Takes all the stack that it may, and calls itself in C."""

import resource


def curve(X):
    _, most = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (most, most))
    deep = ()
    for _ in range(150_000):
        deep = (deep,)
    hash(deep)
    return X * X + 1
