"""Owns the command line and the demo. Must not hold anything that a notebook needs."""
