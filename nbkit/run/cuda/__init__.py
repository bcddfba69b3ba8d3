"""Owns the running of programs on one NVIDIA card. Must not know networks; nothing here loads CuPy but `device`."""
