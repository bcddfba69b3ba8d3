"""Owns the page of the workbench that the browser tests open."""

import nbkit as nb

nb.Workbench()
