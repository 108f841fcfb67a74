"""Prints escape sequences that move the cursor, set links and fill the clipboard."""

def curve(X):
    text = "\x1b[2J\x1b[1A\x1b]52;c;aGk=\x07\x1b]8;;http://evil.example\x07click\r\x9b31m\x00"
    print(text)
    raise ValueError(text)
