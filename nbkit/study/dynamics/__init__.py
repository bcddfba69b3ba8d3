"""Owns how the flow of a network is searched, followed and continued. Must not know Datasets or plots."""
