"""Owns timings against peers and their limits. Measured on request (`python -m tests.bench`), never by the test run."""
