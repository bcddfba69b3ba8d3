"""Owns the running of programs. Must not know networks."""
