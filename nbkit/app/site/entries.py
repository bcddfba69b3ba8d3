"""Owns the entries of the gallery: where they are, and what one consists of. Must not know pages."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

from nbkit.app.demo import FOLDERS as NOTEBOOKS
from nbkit.app.site.stories import Story, read_story
from nbkit.errors import NbkitNote, fail
from nbkit.network.document import Document
from nbkit.network.network import Network
from nbkit.network.setup import Setup

APP = Path(__file__).parents[1]
#: where entries are: inside an installed package, else in the source tree
FOLDERS = (APP / "entries", APP.parents[1] / "gallery")
STORY, NETWORK = "story.md", "network.json"


@dataclass(frozen=True)
class Entry:
    """A network with a story.

    Attributes:
        name: of its folder, and of its page.
        story: what it tells.
        network: what it shows.
        setup: how it is run.
    """

    name: str
    story: Story
    network: Network
    setup: Setup

    @property
    def document(self) -> Document:
        """Network and setup together, as files and links hold them."""
        return Document(self.network, self.setup)


def gallery() -> Path:
    """The folder that holds the entries.

    Raises:
        NbkitError: ``bad-file`` if there is none.
    """
    return _first(FOLDERS, f"*/{STORY}", "gallery")


def notebooks() -> Path:
    """The folder that holds the lessons.

    Raises:
        NbkitError: ``bad-file`` if there is none.
    """
    return _first(NOTEBOOKS, "*.ipynb", "notebooks")


def _first(folders: tuple[Path, ...], pattern: str, what: str) -> Path:
    for folder in folders:
        if any(folder.glob(pattern)):
            return folder
    looked = " nor in ".join(map(str, folders))
    raise fail("bad-file", what, f"nothing is in {looked}", "install nbkit again")


def names(folder: Path) -> list[str]:
    """The entries of a folder, by name."""
    return sorted(file.parent.name for file in folder.glob(f"*/{STORY}"))


def read_entry(folder: Path) -> Entry:
    """Read an entry: its story, its network, its setup.

    Args:
        folder: holds ``story.md``, and in ``network.json`` a document or a network.

    Raises:
        NbkitError: what is wrong with the story, with the file, or with the network; ``bad-file`` for a file that
            is missing.
    """
    for name in (STORY, NETWORK):
        if not (folder / name).is_file():
            raise fail("bad-file", folder.name, f"it has no {name}", "an entry is a story and a network")
    story = read_story(folder / STORY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NbkitNote)  # that defaults were converted is told by the card
        document = Document.from_json((folder / NETWORK).read_text(encoding="utf-8"))
    document.network.require()
    return Entry(folder.name, story, document.network, document.setup)
