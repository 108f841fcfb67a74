"""What every test of the program may rely on."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

# A job started in the background ignores Ctrl-C, and so would every program that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is no counter-example: no test of this house depends on the clock.
settings.register_profile("house", deadline=None)
# CI must not fail today on what passed yesterday with the same code.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "house")
