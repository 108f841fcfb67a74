"""How many times slower than usual this machine is: limits on time in tests are as much wider.

A right hand-in that is ended by its limit says something about the machine and nothing about the
boundary. On an ordinary machine the limits are those that the hand-ins were written for.
"""

from __future__ import annotations

import functools
import resource
import subprocess
import sys

TOLERATED_IMPORT_S = 5.0
"""CPU seconds of `import torch`: 1.7 is usual, and the limits leave room for three times that."""
MOST = 30.0
"""A hand-in that hangs is waited for so many times as long; above that nobody has the patience."""


@functools.cache
def slowness() -> float:
    """Return it, at least 1; measured once."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return min(MOST, max(1.0, taken_s / TOLERATED_IMPORT_S))
