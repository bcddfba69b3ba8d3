"""Owns formulas as MathML, which browsers draw by themselves. Must not know networks, pages or arrays."""

from __future__ import annotations

import html
import re

from nbkit.model.equations import Equation
from nbkit.model.expression import Number, Symbol, Tree
from nbkit.model.functions import OPERATIONS
from nbkit.model.model import Model
from nbkit.model.rendering import brackets_needed

_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip

_THIN = '<mspace width="0.17em"></mspace>'


def _sign(text: str) -> str:
    return f"<mo>{text}</mo>"


def _fenced(inside: str, opening: str = "(", closing: str = ")") -> str:
    return f"<mrow>{_sign(opening)}{inside}{_sign(closing)}</mrow>"


def _between(sign: str) -> str:
    return f"<mrow>{{0}}{_sign(sign)}{{1}}</mrow>"


def _called(name: str, arguments: str = "{0}") -> str:
    return f"<mrow><mi>{name}</mi>{_fenced(arguments)}</mrow>"


def _true(sign: str) -> str:
    return _fenced(f"{{0}}{_sign(sign)}{{1}}", "[", "]")


#: operation -> how it is written around its arguments; what is not listed is written as a function with its name
_FORMS: dict[str, str] = {
    "add": _between("+"),
    "subtract": _between("−"),
    "multiply": f"<mrow>{{0}}{_THIN}{{1}}</mrow>",
    "divide": "<mfrac><mrow>{0}</mrow><mrow>{1}</mrow></mfrac>",
    "power": "<msup><mrow>{0}</mrow><mrow>{1}</mrow></msup>",
    "negative": f"<mrow>{_sign('−')}{{0}}</mrow>",
    "less": _true("&lt;"),
    "less_equal": _true("≤"),
    "greater": _true("&gt;"),
    "greater_equal": _true("≥"),
    "exp": "<msup><mi>e</mi><mrow>{0}</mrow></msup>",
    "expm1": _fenced(f"<msup><mi>e</mi><mrow>{{0}}</mrow></msup>{_sign('−')}<mn>1</mn>"),
    "log": _called("ln"),
    "log1p": _called("ln", f"<mn>1</mn>{_sign('+')}{{0}}"),
    "sqrt": "<msqrt>{0}</msqrt>",
    "abs": _fenced("{0}", "|", "|"),
    "minimum": _called("min", f"{{0}}{_sign(',')}{{1}}"),
    "maximum": _called("max", f"{{0}}{_sign(',')}{{1}}"),
    "sigmoid": _called("σ"),
    "positive_part": f"<msub>{_fenced('{0}', '[', ']')}<mo>+</mo></msub>",
}


def to_mathml(tree: Tree) -> str:
    """Write a tree as the inside of a ``math`` element; each name carries itself as ``data-name``.

    >>> from nbkit.model.expression import parse
    >>> to_mathml(parse("-r"))
    '<mrow><mo>−</mo><mi data-name="r">r</mi></mrow>'
    """
    return _written(tree)[0]


def _written(tree: Tree) -> tuple[str, bool]:
    """A formula, and whether it has a minus in front."""
    if isinstance(tree, Number):
        return _number(tree.text), False
    if isinstance(tree, Symbol):
        return symbol(tree.name), False
    rendered, negative = map(list, zip(*map(_written, tree.arguments), strict=True))
    needed = brackets_needed(tree, negative, fraction=True)
    parts = [_fenced(text) if needs else text for text, needs in zip(rendered, needed, strict=True)]
    infix = OPERATIONS[tree.operation].text.startswith("{0}") and tree.operation != "divide"
    in_front = tree.operation == "negative" or (infix and negative[0] and not needed[0])
    return _FORMS.get(tree.operation, _called(tree.operation)).format(*parts), in_front


def _number(text: str) -> str:
    matched = re.fullmatch(r"(.+?)[eE]\+?(-?\d+)", text)
    if matched is None:
        return f"<mn>{html.escape(text)}</mn>"
    power = str(int(matched[2])).replace("-", "−")
    times = _sign("·")
    return f"<mrow><mn>{html.escape(matched[1])}</mn>{times}<msup><mn>10</mn><mn>{power}</mn></msup></mrow>"


def symbol(name: str) -> str:
    """A name as a letter with an index: ``tau_s`` is a tau with an index s.

    >>> symbol("tau_s")
    '<msub data-name="tau_s"><mi>τ</mi><mi>s</mi></msub>'
    """
    head, *rest = name.split("_")
    digits = re.fullmatch(r"([A-Za-z]+)(\d+)", head)
    if digits:
        head, rest = digits[1], [digits[2], *rest]
    index = ",".join(_LETTERS.get(part, part) for part in rest if part)
    letter, held = html.escape(_LETTERS.get(head, head)), html.escape(name, quote=True)
    if not index:
        return f'<mi data-name="{held}">{letter}</mi>'
    return f'<msub data-name="{held}"><mi>{letter}</mi><mi>{html.escape(index)}</mi></msub>'


def _left(equation: Equation) -> str:
    if not equation.differential:
        return symbol(equation.target)
    change = f"<mfrac><mrow><mi>d</mi>{symbol(equation.target)}</mrow><mrow><mi>d</mi><mi>t</mi></mrow></mfrac>"
    if equation.factor is None:
        return change
    factor, operation = to_mathml(equation.factor), getattr(equation.factor, "operation", "")
    return f"{_fenced(factor) if operation in ('add', 'subtract') else factor}{_THIN}{change}"


def model_mathml(model: Model) -> str:
    """The equations of a model, and what makes a unit spike, as one ``math`` element.

    Example:
        >>> import nbkit as nb
        >>> model_mathml(nb.models.wilson_cowan).startswith('<math display="block"><mtable displaystyle="true">')
        True
    """
    rows = [(_left(line), to_mathml(line.right)) for line in (*model.differential.values(), *model.algebraic.values())]
    told = [f"<mtr><mtd>{left}</mtd><mtd>{_sign('=')}{right}</mtd></mtr>" for left, right in rows]
    if model.spiking is not None:
        condition = to_mathml(model.spiking.threshold)
        told.append(f"<mtr><mtd><mtext>spike if</mtext></mtd><mtd>{condition}</mtd></mtr>")
        done = [f"{symbol(r.target)}{_sign('+=' if r.adds else '←')}{to_mathml(r.right)}" for r in model.spiking.reset]
        told += [f"<mtr><mtd><mtext>then</mtext></mtd><mtd>{line}</mtd></mtr>" for line in done]
    return f'<math display="block"><mtable displaystyle="true">{"".join(told)}</mtable></math>'
