"""Fills memory with files in its own folder."""

def curve(X):
    for name in range(320):
        with open(f"room-{name}", "wb") as file:
            file.write(bytes(1 << 20))
    return X * X + 1
