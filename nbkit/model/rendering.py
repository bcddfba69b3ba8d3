"""Owns the writing of formulas: tree -> text and LaTeX. Must not know models, networks or arrays."""

from __future__ import annotations

import re

from nbkit.model.expression import Apply, Number, Symbol, Tree
from nbkit.model.functions import ATOM, COMPARE, OPERATIONS, POWER, PRODUCT, SUM


def _binds(tree: Tree) -> int:
    return OPERATIONS[tree.operation].binds if isinstance(tree, Apply) else ATOM


def _bracketed(tree: Tree, rendered: list[str], opening: str, closing: str, *, fraction: bool) -> list[str]:
    """Put brackets where the order of operations needs them."""
    needed = brackets_needed(tree, [text.startswith("-") for text in rendered], fraction=fraction)
    return [f"{opening}{text}{closing}" if needs else text for text, needs in zip(rendered, needed, strict=True)]


def brackets_needed(tree: Tree, negative: list[bool], *, fraction: bool) -> list[bool]:
    """Around which arguments the order of operations needs brackets.

    Args:
        tree: an operation and its arguments.
        negative: of each argument, whether it is written with a minus in front.
        fraction: whether a division is written as one number above the other.
    """
    if not isinstance(tree, Apply) or OPERATIONS[tree.operation].binds == ATOM:
        return [False] * len(negative)
    if fraction and tree.operation == "divide":
        return [False] * len(negative)
    own = _binds(tree)
    out = []
    for position, argument in enumerate(tree.arguments):
        inner = _binds(argument)
        if fraction and isinstance(argument, Apply) and argument.operation == "divide":
            inner = PRODUCT if own == POWER else ATOM
        same_level = position > 0 and inner == own and own in (SUM, PRODUCT)
        chained = inner == own == COMPARE
        negative_inside = position > 0 and negative[position]
        left_of_power = own == POWER and position == 0 and inner < ATOM
        right_of_power = own == POWER and position == 1 and not fraction and inner < ATOM
        needs = inner < own and not (own == POWER and position == 1)
        out.append(needs or same_level or chained or negative_inside or left_of_power or right_of_power)
    return out


def to_text(tree: Tree) -> str:
    """Write a tree as the text that `parse` reads back to the same tree."""
    if isinstance(tree, Number):
        return tree.text
    if isinstance(tree, Symbol):
        return tree.name
    parts = _bracketed(tree, [to_text(a) for a in tree.arguments], "(", ")", fraction=False)
    return OPERATIONS[tree.operation].text.format(*parts)


def to_latex(tree: Tree) -> str:
    """Write a tree as LaTeX, names as Greek letters and subscripts."""
    if isinstance(tree, Number):
        return number_latex(tree.text)
    if isinstance(tree, Symbol):
        return symbol_latex(tree.name)
    rendered = [to_latex(a) for a in tree.arguments]
    parts = _bracketed(tree, rendered, r"\left(", r"\right)", fraction=True)
    return OPERATIONS[tree.operation].latex.format(*parts)


_GREEK = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "pi",
        "rho",
        "sigma",
        "tau",
        "upsilon",
        "phi",
        "chi",
        "psi",
        "omega",
        "Gamma",
        "Delta",
        "Theta",
        "Lambda",
        "Xi",
        "Pi",
        "Sigma",
        "Phi",
        "Psi",
        "Omega",
    ]
)


def number_latex(text: str) -> str:
    """Write a number as LaTeX: ``2e-3`` becomes a power of ten."""
    matched = re.fullmatch(r"(.+?)[eE]\+?(-?\d+)", text)
    return rf"{matched[1]} \cdot 10^{{{int(matched[2])}}}" if matched else text


def symbol_latex(name: str) -> str:
    r"""Write a name as LaTeX: ``tau_s`` becomes a tau with an index s.

    >>> symbol_latex("tau_s")
    '\\tau_{s}'
    """
    head, *rest = name.split("_")
    digits = re.fullmatch(r"([A-Za-z]+)(\d+)", head)
    if digits:
        head, rest = digits[1], [digits[2], *rest]
    rest = [part for part in rest if part]
    symbol = rf"\{head}" if head in _GREEK else head if len(head) == 1 else rf"\mathrm{{{head}}}"
    if not rest:
        return symbol
    index = ",".join(rf"\{p}" if p in _GREEK else p if len(p) == 1 or p.isdigit() else rf"\mathrm{{{p}}}" for p in rest)
    return f"{symbol}_{{{index}}}"
