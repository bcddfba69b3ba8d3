"""Owns the small sizes at which the lessons run every day: those of the site."""

from nbkit.app.site.small import SMALL

__all__ = ["SMALL"]
