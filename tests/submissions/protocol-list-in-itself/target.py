"""Returns a list that contains itself."""

def words(n):
    found = []
    found.append(found)
    return found


def curve(X):
    return words(0)
