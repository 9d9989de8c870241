"""Calls that never were, on the command line: simulated, tested, replayed."""
