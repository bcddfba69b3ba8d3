"""Owns the way from a network to a program. Must not know backends."""
