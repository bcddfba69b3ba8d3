"""Owns equations: text, meaning, shipped models. Must not know networks or arrays."""
