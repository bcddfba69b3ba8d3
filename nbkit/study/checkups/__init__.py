"""Owns the checks of a run before it starts, a subject in each file. Must not know how findings are shown."""
