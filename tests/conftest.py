"""What every test of the program may rely on."""

from __future__ import annotations

import os

from hypothesis import settings

# A busy machine is no counter-example: no test of this house depends on the clock.
settings.register_profile("house", deadline=None)
# CI must not fail today on what passed yesterday with the same code.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "house")
