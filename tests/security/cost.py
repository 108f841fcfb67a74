"""What a call costs, without what the collector does to the rest of a long test run."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def cpu_s(call: Callable[[], object]) -> float:
    """Return the CPU seconds of a call, the garbage collector switched off meanwhile.

    A collection walks the whole heap of the test run, which has nothing to do with the call.
    """
    gc.collect()
    gc.disable()
    try:
        started_s = time.process_time()
        call()
        return time.process_time() - started_s
    finally:
        gc.enable()
