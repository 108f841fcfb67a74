"""Never ends to be asked for a name."""

import time


def __getattr__(name):
    time.sleep(3600)
