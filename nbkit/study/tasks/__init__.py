"""Owns tasks: what students are asked, how answers are marked, and the log of attempts. Must not know widgets."""
