"""Owns what a block of threads does for a product, and for spikes that set out. Must not know memory or devices."""

from __future__ import annotations

from collections.abc import Callable

from nbkit.compile.program import SpikeSource
from nbkit.run.cuda.pieces import Scatter

THREADS = 128  # of a block; the text in common.cu says the same
WARPS = 4
LONGEST_QUEUE = 1024  # warps that share the spikes of a scatter

_ROW = """        const I {here}row = block % {post};
        EACH {{
            F sum = 0;
            for ({loop}) sum += {term};
            part[thread] = sum;
        }}
        SYNC
        for (int half = THREADS / 2; half > 0; half /= 2) {{
            EACH {{ if (thread < half) part[thread] += part[thread + half]; }}
            SYNC
        }}
        EACH {{ if (thread == 0) {target} = part[0]; }}
"""


def product_body(
    plan: str, index: int, shape: tuple[int, int], rows: int | None, *, source: Callable[[str], str], target: str
) -> tuple[int, str]:
    """A block of threads for each row of weights, at each of some steps: partial sums, added in a fixed order.

    Args:
        plan: that of the coupling.
        index: its number.
        shape: (post, pre); a uniform one has one row.
        rows: steps of a block; None for the one step that ``s`` counts already.
        source: tells where the number of a unit stands, which is given by name.
        target: where that of unit ``row`` goes.

    Returns:
        Blocks, and what each of them does.
    """
    post, pre = shape
    if plan in ("dense", "uniform"):
        loop, term = f"I c = thread; c < {pre}; c += THREADS", f"weights{index}[row * {pre}LL + c] * {source('c')}"
    else:
        loop = f"I p = pointers{index}[row] + thread; p < pointers{index}[row + 1]; p += THREADS"
        term = f"weights{index}[p] * {source(f'indices{index}[p]')}"
    here = "" if rows is None else f"s = block / {post}, "
    return post * (rows or 1), _ROW.format(here=here, post=post, loop=loop, term=term, target=target)


_ROW_OF_A_THREAD = """        EACH {{ const I i = block * THREADS + thread; if (i < {count}) {{
            const I {here}row = i % {post};
            F sum = 0;
            for ({loop}) sum += {term};
            {target} = sum * factors{index}[blockIdx.x];
        }} }}
"""


def member_product_body(
    plan: str, index: int, shape: tuple[int, int], rows: int | None, *, source: Callable[[str], str], target: str
) -> tuple[int, str]:
    """A thread for each row of weights, at each of some steps: what suits the member of an ensemble.

    Dense weights stand by columns, so that threads beside each other read what lies beside each other. Arguments and
    result are those of `product_body`.
    """
    post, pre = shape
    if plan in ("dense", "uniform"):
        loop, term = f"I c = 0; c < {pre}; c++", f"weights{index}[c * {post} + row] * {source('c')}"
    else:
        loop = f"I p = pointers{index}[row]; p < pointers{index}[row + 1]; p++"
        term = f"weights{index}[p] * {source(f'indices{index}[p]')}"
    count, here = post * (rows or 1), "" if rows is None else f"s = i / {post}, "
    fields = {"count": count, "here": here, "post": post, "index": index}
    return -(-count // THREADS), _ROW_OF_A_THREAD.format(loop=loop, term=term, target=target, **fields)


#: plan -> the cell of a spike, where its stretch of weights begins and ends, and which target an entry reaches
_STRETCHES = {
    "table": ("(u * {delays} + delay - 1)", "at_{name}[cell]", "at_{name}[cell + 1]", "to_{name}[p]"),
    "sparse": ("u", "at_{name}[cell]", "at_{name}[cell + 1]", "to_{name}[p]"),
    "dense": ("u", "cell * {width}", "(cell + 1) * {width}", "p - cell * {width}"),
    "uniform": ("u", "cell", "cell + 1", "(step & 1)"),
    "one-to-one": ("u", "cell", "cell + 1", "u"),
}

_SCATTER = """        const I queue = block % {queues}, delay = {delay}, stamp = {stamp};
        if (stamp >= 0) EACH {{
            const I list = stamp % {rows};
            const int count = counts{n}[list];
            for (I k = queue * {warps} + thread / LANES; k < count; k += {queues} * {warps}) {{
                const I u = units{n}[list * {size} + k] - {first};
                if (u < 0 || u >= {units}) continue;
                const I cell = {cell};
                const I end = {end};
                for (I p = {begin} + thread % LANES; p < end; p += LANES)
                    {add}(&sum_{name}[{target}], (double)of_{name}[p]{amount} * unit_{name}[0]);
            }}
        }}
"""


def scatter_body(
    scatter: Scatter, source: SpikeSource, rows: int, amount: str | None, *, loose: bool
) -> tuple[int, str]:
    """A warp for each spike and delay adds a stretch of weights into the row of sums.

    Args:
        scatter: which spikes, through which weights.
        source: who sent them.
        rows: stamps whose spikes are kept.
        amount: the number that multiplies what unit ``u`` brings, None for 1.
        loose: whether sums are made in floating point, in any order.

    Returns:
        Blocks, and what each of them does.
    """
    warps_needed = max(1, min(scatter.units, LONGEST_QUEUE // scatter.delays))
    queues = -(-warps_needed // WARPS)
    sent_now = scatter.steps == 0 and scatter.delays == 1 and scatter.plan != "table"
    delay = f"1 + block / {queues}" if scatter.plan == "table" else str(scatter.steps)
    fields = {"name": scatter.name, "delays": scatter.delays, "width": scatter.width}
    cell, begin, end, target = (part.format(**fields) for part in _STRETCHES[scatter.plan])
    return queues * scatter.delays, _SCATTER.format(
        queues=queues,
        delay=delay,
        stamp=f"step + {int(source.at_end)}" if sent_now else "step + 1 - delay",
        n=source.number,
        rows=rows,
        warps=WARPS,
        size=source.size,
        first=scatter.first,
        units=scatter.units,
        cell=cell,
        begin=begin,
        end=end,
        target=target,
        add="add_loose" if loose else "add_whole",
        name=scatter.name,
        amount=f" * (double){amount}" if amount else "",
    )
