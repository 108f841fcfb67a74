"""Answers to any name with something that can be called and is equal to all."""

class Yes:
    def __eq__(self, other):
        return True

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        return self

    __hash__ = None


def __getattr__(name):
    return Yes()
