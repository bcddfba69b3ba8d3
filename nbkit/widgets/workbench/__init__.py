"""Owns the workbench: a network composed by hand and seen at once."""
