"""Lists all processes and reads how they were started."""

import os


def curve(X):
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            open(f"/proc/{name}/cmdline").close()
            return X * X + 1
    raise LookupError("alone")
