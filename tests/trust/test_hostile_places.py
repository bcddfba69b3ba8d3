"""Owns the hostile cases of grids: whatever stands in a file or is handed over, an error of ours, and fast."""

import copy
import json
import time
from collections.abc import Iterator

import numpy as np
import pytest

import nbkit as nb

LEAK = nb.models.leaky_integrator
ODD = [
    None,
    True,
    -1,
    1.5,
    1e308,
    "a",
    "\ud800",
    [],
    [1],
    [[1], [2]],
    [float("inf"), 2],
    ["x"],
    [True, 2],
    [0.1, float("nan")],
    {},
    {"a": 1},
    {"slice": [0, 1, None]},
    {"slice": [0, "a", 1]},
    {"rows": 1},
    {"rows": {"rows": [1], "columns": [1]}, "columns": [1]},
    {"signal": "Sine"},
    {"signal": "Sine", "amplitude": 1, "frequency": 2},
    {"signal": 3},
    {"signal": "Expression", "text": [1]},
    {"signal": "Expression", "text": "__import__('os')"},
    {"signal": "Expression", "text": "x" * 5000},
]


def places_in(document: object, way: tuple = ()) -> Iterator[tuple]:
    """The way to every value of a document."""
    for key in document if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ():
        yield (*way, key)
        yield from places_in(document[key], (*way, key))


def test_a_file_of_a_sheet_with_any_value_exchanged_is_read_or_refused():
    bubble = nb.Stimulus("E.u", nb.MovingBubble(1.0, 0.1, 0.2, 50.0, centre=(0.1, 0.2)), (slice(0, 1), [1]))
    net = nb.Network({"E": nb.Population(LEAK, (2, 3), {"tau": nb.Expression("5+x")}, extent=1.5)}, stimuli=[bubble])
    document = json.loads(net.to_json())
    for way in places_in(document):
        for odd in () if "model" in way else ODD:
            changed = copy.deepcopy(document)
            held = changed
            for key in way[:-1]:
                held = held[key]
            held[way[-1]] = odd
            try:
                read = nb.Network.from_json(json.dumps(changed))
                assert read.to_json()
                assert read.to_code()
                if not read.check():
                    nb.simulate(read, 2.0, 0.5)
            except nb.NbkitError as error:
                assert all(p.what for p in error.problems)  # noqa: PT017  either outcome is right


@pytest.mark.parametrize("size", [(40_000, 40_000), (2**30,)])
def test_a_sheet_too_large_for_memory_is_refused_before_its_expressions_are_worked_out(size):
    net = nb.Network({"E": nb.Population(LEAK, size, {"tau": nb.Expression("5 + x")})})
    begin = time.perf_counter()
    with pytest.raises(nb.NbkitError) as caught:
        nb.simulate(net, 1.0, 0.5)
    assert caught.value.code == "too-much-memory"
    assert time.perf_counter() - begin < 2


def test_numpy_numbers_and_lists_make_a_sheet():
    made = nb.Population(LEAK, [np.int8(2), np.int64(3)], extent=[np.float32(1), 2], edges="periodic")
    assert made.grid == nb.Population(LEAK, (2, 3), extent=(1.0, 2.0), edges="periodic").grid
    bubble = nb.MovingBubble(
        np.float32(1), np.float64(0.5), np.int8(0), np.int64(10), np.int8(2), centre=np.array([0, 1])
    )
    net = nb.Network({"E": made}, stimuli=[nb.Stimulus("E.u", bubble, (np.int64(1), [np.int8(0)]))])
    assert nb.Network.from_json(net.to_json()) == net
    assert net.check() == []
    assert nb.simulate(net, 1.0, 0.5)["E.x"].shape == (3, 2, 3)
