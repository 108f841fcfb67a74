"""Returns a sequence that has a part at every place, so that who asks is never done."""


class Rows:
    def __init__(self, X):
        self.X = X

    def __getitem__(self, place):
        return self.X


def parts(X):
    return Rows(X)
