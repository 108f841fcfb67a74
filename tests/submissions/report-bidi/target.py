"""Hides text behind controls of writing direction and of no width."""

def curve(X):
    text = "passed \u202e deliaf \u2066\u200b\u2069 \ufeff \U000e0041"
    print(text)
    raise ValueError(text)
