"""Law: text can be read on every ground that it stands on, on light and on dark paper."""

import pathlib
import re

import pytest

import nbkit
from nbkit.plots import style

FOLDER = pathlib.Path(nbkit.__file__).parent / "widgets"
CSS = (FOLDER / "workbench" / "workbench.css").read_text(encoding="utf-8")
THEME = (FOLDER / "live_theme.js").read_text(encoding="utf-8")
#: ink -> the grounds on which it is written
WRITTEN = {
    "ink": ("paper", "soft", "blue-soft", "rust-soft", "gold-soft"),
    "muted": ("paper", "soft"),
    "blue": ("paper",),
    "rust": ("paper",),
    "good": ("good-soft",),
    "wait": ("gold-soft",),
    "bad": ("bad-soft", "paper"),
    "note": ("note-soft",),
    "white": ("go", "halt"),
}
#: lines and rims against what they stand on: three to one suffices
DRAWN = {"blue": ("paper", "blue-soft"), "rust": ("paper", "rust-soft"), "gold": ("paper",), "focus": ("paper", "soft")}


def colours():
    """Name -> (light, dark)."""
    pairs = re.findall(r"--nbk-([\w-]+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));", CSS)
    return {name: (light or both, dark or both) for name, light, dark, both in pairs}


def luminance(ink):
    channels = [int(ink[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("least", "pairs"), [(4.5, WRITTEN), (3.0, DRAWN)], ids=["written", "drawn"])
def test_it_can_be_read(theme, least, pairs):
    known = colours()
    weak = {
        f"{ink} on {ground}": round(contrast(known[ink][theme], known[ground][theme]), 2)
        for ink, grounds in pairs.items()
        for ground in grounds
        if contrast(known[ink][theme], known[ground][theme]) < least
    }
    assert weak == {}


def test_every_colour_has_a_name_and_every_name_is_known():
    table, rules = CSS.split("container: nbk", 1)
    assert re.findall(r"#[0-9a-f]{3,8}\b", rules) == []
    used = set(re.findall(r"var\(--nbk-([\w-]+)", rules + table))
    assert used - set(colours()) == set()


def test_white_on_black_is_twenty_one():
    assert contrast("#ffffff", "#000000") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("ink", [*style.COLOURS, style.INK, style.MUTED, style.GHOST])
def test_what_figures_draw_is_seen_on_dark_paper(ink):
    dark = dict(re.findall(r'"(#\w{6})": "(#\w{6})"', THEME))
    paper = colours()["paper"][1]
    assert f'WHITE = "{paper}"' in THEME
    assert contrast(dark.get(ink, ink), paper) >= 4.5
