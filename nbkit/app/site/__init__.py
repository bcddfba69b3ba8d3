"""Owns the static site: gallery, course, guides and reference as pages that need no server. Must not know runs."""
