"""Owns the words of the command ``nbkit``. Must not know how a demo is served."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from nbkit import __version__
from nbkit.app.demo import DemoError, demo
from nbkit.errors import NbkitError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: the words after ``nbkit``; those of the shell by default.

    Returns:
        0 if all went well, 1 after an error that was explained, 2 for words that are not understood.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.command is None:
        parser.print_help()
        return 0
    try:
        return demo(port=given.port, browser=not given.no_browser, lab=given.lab)
    except (NbkitError, DemoError) as error:
        sys.stderr.write(f"nbkit: {error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nbkit", description="Neural population dynamics in notebooks: write the equations, see what they do."
    )
    parser.add_argument("--version", action="version", version=f"nbkit {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    opened = commands.add_parser(
        "demo",
        help="open the first tutorial, with sliders, in a browser",
        description="Open the first tutorial in a browser. It is a copy: nothing you do changes the original.",
    )
    opened.add_argument("--port", type=_port, default=0, metavar="N", help="port of the server; a free one by default")
    opened.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    opened.add_argument("--lab", action="store_true", help="open JupyterLab, where the cells can be edited")
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a whole number from 1 to 65535")
    return int(text)
