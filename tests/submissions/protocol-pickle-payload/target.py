"""Returns an object whose pickle runs a command where it is read."""

import os


class Payload:
    def __reduce__(self):
        return os.close, (os.open("@SECRET_FOLDER@/@TOKEN@", os.O_WRONLY | os.O_CREAT, 0o600),)


class Quiet:
    def __reduce__(self):
        return exec, ("open('@SECRET_FOLDER@/@TOKEN@', 'w').close()",)


def curve(X):
    return Quiet()
