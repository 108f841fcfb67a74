"""How long a test waits for a command before it calls it stuck: a bound, and no measurement."""

PATIENCE_S = 3600.0
"""Even a machine many times slower than usual is through by then."""
