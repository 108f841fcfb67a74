"""Returns a word of thirty megabytes."""

def words(n):
    return ["w" * (30 << 20)]
