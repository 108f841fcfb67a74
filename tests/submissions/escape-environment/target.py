"""Sets variables that would act on the next program started."""

import ctypes
import os

for name, value in {
    "LD_PRELOAD": "/tmp/@TOKEN@.so", "PYTHONSTARTUP": "/tmp/@TOKEN@.py", "PYTHONPATH": "/tmp/@TOKEN@",
    "PYTHONINSPECT": "1", "BASH_ENV": "/tmp/@TOKEN@.sh", "RESULT_FILE": "/dev/null",
}.items():
    os.environ[name] = value
    ctypes.CDLL(None).setenv(name.encode(), value.encode(), 1)


def curve(X):
    return X
