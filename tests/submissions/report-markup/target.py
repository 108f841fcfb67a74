"""Raises and prints markup that would run in a reader's browser."""

def curve(X):
    text = "</pre></code><script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1))"
    print(text)
    raise ValueError(text)
