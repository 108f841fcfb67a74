"""Prints and raises halves of characters."""

def curve(X):
    text = "\ud83d \udcff"
    print(text.encode("utf-8", "surrogatepass"))
    raise ValueError(text)
