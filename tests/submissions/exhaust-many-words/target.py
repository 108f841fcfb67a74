"""Returns a list of six million words."""

def words(n):
    return ["w"] * 6_000_000
