"""Defines a number where a function is asked for."""

curve = 5
words = None
parts = "parts"
Tally = 1.5
