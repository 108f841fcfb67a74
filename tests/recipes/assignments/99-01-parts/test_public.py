"""No public tests: these recipes have no exercise yet."""
