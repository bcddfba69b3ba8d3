"""Owns Markdown and code as HTML: formulas as MathML, anchors at headings, colours for Python. Must not know pages."""

from __future__ import annotations

import html

from nbconvert.filters import Highlight2HTML, ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from nbkit.app.site.formulas import mathml


class _Renderer(IPythonRenderer):
    """Markdown as notebooks have it, with formulas that need no script."""

    def block_math(self, body: str) -> str:
        return mathml(body, block=True)

    def multiline_math(self, text: str) -> str:
        return mathml(text.strip("$"), block=True)

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", block=True)

    def inline_math(self, body: str) -> str:
        return mathml(body, block=False)


def markdown(text: str) -> str:
    r"""Write Markdown as HTML.

    Example:
        >>> markdown("A *rhythm*.").strip()
        '<p>A <em>rhythm</em>.</p>'
        >>> "<math" in markdown("The step is $\\sqrt{10}$ times as long.")
        True
    """
    renderer = _Renderer(escape=False, anchor_link_text="#", exclude_anchor_links=False)
    return str(MarkdownWithMath(renderer=renderer).render(text))


def code(text: str) -> str:
    """Write Python as HTML with classes for its colours."""
    made: str = Highlight2HTML(pygments_lexer="python")(text.rstrip())
    return made


def printed(text: str) -> str:
    """Write what a terminal would show."""
    return f'<pre class="printed">{ansi2html(text)}</pre>'


def escaped(text: object) -> str:
    """A text that may hold anything, as HTML."""
    return html.escape(str(text), quote=True)
