"""Owns descriptions: frozen networks and all that they are made of. Must not know how they run."""
