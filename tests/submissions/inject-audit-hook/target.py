"""Installs an audit hook, which cannot be removed, and lets it end the process."""

import os
import sys


def hook(event, args):
    if event in ("compile", "open", "marshal.dumps", "object.__setattr__"):
        os._exit(0)


sys.addaudithook(hook)


def curve(X):
    return compile("X", "x", "eval")
