"""Owns the words of the command ``nbkit``. Must not know how a demo is served."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from nbkit import __version__
from nbkit.app.demo import DemoError, demo
from nbkit.errors import NbkitError

_ACCELERATOR = {"auto": None, "on": True, "off": False}


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
        return int(given.does(given))
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
        help="open the workbench in a browser",
        description="Open the workbench in a browser, with copies of the tutorials beside it.",
    )
    opened.add_argument("--port", type=_port, default=0, metavar="N", help="port of the server; a free one by default")
    opened.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    opened.add_argument("--lab", action="store_true", help="open JupyterLab, where the cells can be edited")
    opened.set_defaults(does=lambda given: demo(port=given.port, browser=not given.no_browser, lab=given.lab))
    _add_run(commands)
    _add_tasks(commands)
    _add_class(commands)
    _add_gallery(commands)
    _add_lite(commands)
    return parser


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = commands.add_parser(
        "run",
        help="run a network from a file and write the result to a file",
        description="Run a network, or a document with its setup, from JSON and write the result to a new file. What "
        "is not given is taken from the setup. Problems are all told before the run; if it fails, nothing is written.",
    )
    run.add_argument("file", metavar="FILE.json")
    run.add_argument("--out", required=True, metavar="FILE.nc|FILE.zarr", help="netCDF, or Zarr for any size")
    run.add_argument("--duration", type=_time, metavar="T", help='in the unit of the network, or as "200 ms"')
    run.add_argument("--dt", type=_time, metavar="T", help="step")
    run.add_argument("--seed", type=int, metavar="N", help="root of every draw")
    run.add_argument("--record", nargs="+", action="extend", metavar="PATH", help="such as E.r or E.spike")
    run.add_argument("--precision", metavar="KIND", help="float64 or float32")
    run.add_argument("--method", metavar="NAME", help="euler or exact; by default each model's own")
    run.add_argument("--delays", metavar="RULE", help="error, or nearest: round them to whole steps")
    run.add_argument("--discard", type=_time, default=0.0, metavar="T", help="leave out what comes before")
    run.add_argument("--accelerator", choices=tuple(_ACCELERATOR), default="auto", help="the compiled interpreter")
    run.set_defaults(does=_run_file)


def _run_file(given: argparse.Namespace) -> int:
    from nbkit.app.run_file import EndedEarlyError, run_file  # noqa: PLC0415  the demo needs none of it

    keys = ("duration", "dt", "seed", "record", "precision", "method", "delays")
    setup = {key: getattr(given, key) for key in keys if getattr(given, key) is not None}
    try:
        told = run_file(
            given.file,
            given.out,
            setup,
            accelerator=_ACCELERATOR[given.accelerator],
            discard=given.discard,
            tell=lambda text: _say(f"{text}\n", sys.stderr),
        )
    except EndedEarlyError:
        _say("\nnbkit: interrupted; nothing was written\n", sys.stderr)
        return 1
    _say(f"{told}\n")
    return 0


def _add_tasks(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    tasks = commands.add_parser("task", help="try the tasks of a notebook before students do")
    inside = tasks.add_subparsers(dest="task_command", metavar="command", required=True)
    check = inside.add_parser(
        "check",
        help="run a notebook and try every nb.Task in it",
        description="Run a notebook and try every nb.Task in it: the start gets no points, the reference gets all of "
        "them with every seed, wrong answers get the hints that were meant for them, always the same and in time. "
        "The notebook's code is run, so check only notebooks that you would run yourself.",
    )
    check.add_argument("notebook", metavar="FILE.ipynb")
    check.add_argument("--seeds", type=_count, default=20, metavar="N", help="seeds for each reference; 20 by default")
    check.set_defaults(does=_check_tasks)


def _check_tasks(given: argparse.Namespace) -> int:
    from nbkit.app.task_check import check_notebook  # noqa: PLC0415  the demo needs none of it

    found = check_notebook(given.notebook, given.seeds)
    failed = sum(finding.good is False for finding in found)
    _say("".join(f"{finding}\n" for finding in found) + f"{failed} of {len(found)} findings failed\n")
    return 1 if failed else 0


def _add_class(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    table = commands.add_parser(
        "class",
        help="make one table of the logs of many students",
        description="Read every log of attempts (.jsonl) in a folder and print the table students x tasks, who is "
        "stuck, and the commonest wrong answers. A log that cannot be true is refused by name; the rest goes on.",
    )
    table.add_argument("folder", metavar="FOLDER")
    table.add_argument("--out", metavar="FILE", help="write the table to this .csv or .html file, too")
    table.set_defaults(does=_show_class)


def _show_class(given: argparse.Namespace) -> int:
    from nbkit.app import class_writing  # noqa: PLC0415  the demo needs none of it
    from nbkit.app.class_table import class_table  # noqa: PLC0415

    out = Path(given.out) if given.out else None
    if out is not None:
        class_writing.require_known(out)
    found = class_table(given.folder)
    _say(class_writing.as_text(found))
    for problem in found.refused:
        _say(f"nbkit: refused {problem.where}: {problem.what}\n", sys.stderr)
    if out is not None:
        class_writing.write(found, out)
    return 1 if found.refused else 0


def _add_lite(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    lite = commands.add_parser("lite", help="make a site that runs in a browser alone, without any server behind it")
    inside = lite.add_subparsers(dest="lite_command", metavar="command", required=True)
    build = inside.add_parser(
        "build",
        help="make a folder of static files: the workbench and notebooks, with Python inside the page",
        description="Make a folder of static files that runs nbkit in a browser: the workbench and notebooks, with "
        "Python (Pyodide) inside the page. Any web server can hand it out; nothing runs there.",
    )
    build.add_argument("--out", default="nbkit-lite", metavar="DIR", help="folder to make; nbkit-lite by default")
    build.add_argument(
        "--pyodide",
        metavar="PATH-or-URL",
        help="a Pyodide release: a folder or an archive, and the site asks nobody else for anything; or an address to "
        "take it from. JupyterLite's own choice by default",
    )
    build.add_argument("--notebooks", nargs="+", metavar="FILE", help="notebooks; the lessons that suit it by default")
    build.set_defaults(does=_build_lite)


def _build_lite(given: argparse.Namespace) -> int:
    from nbkit.app.lite.build import build  # noqa: PLC0415  the demo needs none of it

    build(given.out, pyodide=given.pyodide, notebooks=given.notebooks, say=lambda line: _say(f"{line}\n"))
    return 0


def _add_gallery(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    gallery = commands.add_parser("gallery", help="make pages of the gallery and the course that need no server")
    inside = gallery.add_subparsers(dest="gallery_command", metavar="command", required=True)
    build = inside.add_parser(
        "build",
        help="run every entry and notebook and write the site",
        description="Run every entry of the gallery and every notebook, and write a site that opens without a server "
        "and without a network. A part that fails is named, and the rest is built.",
    )
    build.add_argument("--out", default="site", metavar="DIR", help="folder of the site; 'site' by default")
    sizes = build.add_mutually_exclusive_group()
    sizes.add_argument("--small", dest="small", action="store_true", help="run notebooks at a small size (the default)")
    sizes.add_argument("--full", dest="small", action="store_false", help="run notebooks as they stand")
    build.set_defaults(small=True)
    build.add_argument("--only", nargs="+", default=[], metavar="NAME", help="entries and notebooks; all by default")
    build.add_argument("--binder", default="", metavar="URL", help="address that launches this repository on Binder")
    build.add_argument("--lite", default="", metavar="URL", help="address of a site by 'nbkit lite build'")
    build.add_argument("--no-thumbnails", action="store_true", help="cards without pictures; needs no browser")
    build.set_defaults(does=_build_gallery)


def _build_gallery(given: argparse.Namespace) -> int:
    from nbkit.app.site import build as site  # noqa: PLC0415  the demo needs none of it
    from nbkit.app.site.ways import Addresses  # noqa: PLC0415

    addresses = Addresses(given.binder, given.lite)
    asked = site.Asked(Path(given.out), given.small, tuple(given.only), not given.no_thumbnails, addresses)
    found = site.build(asked, lambda line: _say(f"{line}\n"))
    failed = [finding for finding in found if not finding.good]
    _say(f"{asked.out / 'index.html'}: {len(found)} findings, {len(failed)} failed\n")
    _say("".join(f"{finding}\n" for finding in failed))
    return 1 if failed else 0


def _say(text: str, stream: TextIO | None = None) -> None:
    """Write a text, whatever letters the terminal lacks."""
    out = stream or sys.stdout
    known = out.encoding or "utf-8"
    out.write(text.encode(known, "replace").decode(known))


def _time(text: str) -> float | str:
    """A time as a number of the network's unit, or as text with a unit of its own."""
    try:
        return float(text)
    except ValueError:
        return text


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 1000")
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a whole number from 1 to 65535")
    return int(text)
