"""Owns LaTeX formulas as MathML, so that a page draws them without a script. Must not know where they stand."""

from __future__ import annotations

import html
import re


def mathml(latex: str, *, block: bool) -> str:
    r"""Write a formula as a ``math`` element.

    Args:
        latex: without dollars around it.
        block: whether it stands on a line of its own.

    Returns:
        HTML. What cannot be converted stands as it was typed, as code.

    Example:
        >>> mathml(r"\tau", block=False)
        '<math display="inline"><mrow><mi>&#x003C4;</mi></mrow></math>'
    """
    from latex2mathml.converter import convert  # noqa: PLC0415  an extra that only a build needs

    text = re.sub(r"\\(displaystyle|textstyle|,\s*$)", "", html.unescape(latex)).strip()
    text = re.sub(r"\\(begin|end)\{(aligned|gathered|split)\}", r"\\\1{align*}", text)
    try:
        made = convert(text, display="block" if block else "inline")
    except Exception:  # noqa: BLE001  its errors have no common name
        return f"<code>{html.escape(text)}</code>"
    return str(made).replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")
