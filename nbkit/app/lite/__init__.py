"""Owns the site that needs a browser and nothing else: nbkit, notebooks and Python, in one folder of static files."""
