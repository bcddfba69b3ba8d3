"""Owns the table of faults that are put into nbkit to see whether lessons notice. Must not know how they are run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One line of nbkit, made wrong.

    Attributes:
        name: what is wrong, in words.
        file: of the package.
        line: a line of it, or a part of one, that stands there exactly once.
        faulty: what is put in its place.
        lessons: parts of the names of the notebooks that should notice, the likeliest first.
        survives: why no lesson can notice it, where that is so.
    """

    name: str
    file: str
    line: str
    faulty: str
    lessons: tuple[str, ...] = ()
    survives: str = ""


FAULTS: tuple[Fault, ...] = (
    # delays and the past
    Fault(
        "delays are a step too long",
        "nbkit/compile/delays.py",
        "plan = DelayPlan(steps, steps * dt)",
        "plan = DelayPlan(steps + (steps > 0), steps * dt)",
        ("delays_make", "01_"),
    ),
    Fault(
        "delays are a step too short",
        "nbkit/compile/delays.py",
        "plan = DelayPlan(steps, steps * dt)",
        "plan = DelayPlan(max(steps - 1, 0), steps * dt)",
        ("delays_make", "01_"),
    ),
    Fault(
        "what has no delay comes a step late",
        "nbkit/compile/delays.py",
        "plan = DelayPlan(steps, steps * dt)",
        "plan = DelayPlan(steps or 1, steps * dt)",
        ("paradoxical", "01_"),
    ),
    Fault(
        "delays that differ are a step too long",
        "nbkit/compile/late.py",
        "np.floor(times / dt + (0.5 + OFF_GRID))",
        "np.floor(times / dt + (1.5 + OFF_GRID))",
        ("field",),
    ),
    Fault(
        "before t = 0 there was nothing, whatever was asked",
        "nbkit/compile/projections.py",
        'past = first if projection.history == "initial" else np.zeros(size)',
        "past = np.zeros(size)",
        ("delays_make",),
    ),
    Fault(
        "a stale buffer: the past is not carried along",
        "nbkit/run/stepper.py",
        "                self.executor.roll()",
        "                pass",
        ("delays_make", "01_"),
    ),
    Fault(
        "a stale block: what depends on the past is computed once",
        "nbkit/run/stepper.py",
        "self._entered, self._stale = number, True",
        "self._entered, self._stale = number, self._entered < 0",
        ("paradoxical", "delays_make"),
    ),
    Fault(
        "the spread of a delay is taken for its variance",
        "nbkit/compile/delays.py",
        "stages = max(1, round((delay / spread) ** 2))",
        "stages = max(1, round(delay**2 / spread))",
        ("01_",),
    ),
    Fault(
        "the chain of a spread delay begins empty",
        "nbkit/compile/projections.py",
        'start = at_start(context, *split_path(projection.source)) if projection.history == "initial"',
        "start = at_start(context, *split_path(projection.source)) if not size",
        ("delays_make",),
    ),
    # weights
    Fault(
        "weights are transposed",
        "nbkit/compile/coupling.py",
        "weights = np.ascontiguousarray(weight, dtype=np.float64)",
        "weights = np.ascontiguousarray(np.transpose(weight), dtype=np.float64)",
        ("01_", "02_"),
    ),
    Fault(
        "inhibition excites",
        "nbkit/compile/coupling.py",
        "row = np.full((1, ends.pre), float(weight) * share)",
        "row = np.full((1, ends.pre), abs(float(weight)) * share)",
        ("paradoxical", "delays_make"),
    ),
    Fault(
        "a total is shared among the targets instead of the sources",
        "nbkit/compile/coupling.py",
        'share = 1.0 / ends.pre if projection.weight_is == "total" else 1.0',
        'share = 1.0 / ends.post if projection.weight_is == "total" else 1.0',
        ("paradoxical",),
    ),
    Fault(
        "the gain is ignored",
        "nbkit/compile/context.py",
        "self.gains.append(slot_of(gain))",
        'self.gains.append(slot_of(self.cell("1", 1.0)))',
        ("02_", "field"),
    ),
    Fault(
        "an in-degree is off by one",
        "nbkit/network/rules.py",
        "return by_row(self, generator, ends, self.in_degree, (ends.post, ends.pre))",
        "return by_row(self, generator, ends, self.in_degree - 1, (ends.post, ends.pre))",
        ("paradoxical",),
    ),
    Fault(
        "units reach themselves, although they should not",
        "nbkit/compile/neighbours.py",
        "twins = not same or not isinstance(rule, AllToAll) or rule.autapses",
        "twins = True",
        ("field",),
    ),
    Fault(
        "a kernel is not multiplied by the area of a unit",
        "nbkit/compile/neighbours.py",
        'scale = pre.cell if projection.weight_is == "density" else 1.0',
        "scale = 1.0",
        ("field",),
    ),
    Fault(
        "an exponential kernel reaches too far",
        "nbkit/network/kernels.py",
        'formula = "amplitude*exp(-d/width)"',
        'formula = "amplitude*exp(-d/(1.4142*width))"',
        ("field",),
    ),
    # steps
    Fault(
        "Euler's step is half as long",
        "nbkit/compile/populations.py",
        "dt = context.step(context.own_dt(name))",
        "dt = context.step(context.own_dt(name) / 2)",
        ("paradoxical", "delays_make"),
    ),
    Fault(
        "an exact propagator has a time constant that is 5 % short",
        "nbkit/run/propagators.py",
        "found: Rows = expm(matrices * dt[:, None, None])[:, :size]",
        "found: Rows = expm(1.05 * matrices * dt[:, None, None])[:, :size]",
        ("microcircuit",),
    ),
    Fault(
        "linear units are stepped by Euler's rule instead of exactly",
        "nbkit/compile/populations.py",
        'exact = (context.method or model.method) == "exact"',
        "exact = False",
        ("microcircuit",),
    ),
    Fault(
        "the lower limit of a state is ignored",
        "nbkit/compile/populations.py",
        "if bound is not None:",
        'if bound is not None and operation == "minimum":',
        ("field",),
    ),
    Fault(
        "the sigmoid is twice as steep",
        "nbkit/model/functions.py",
        '"1/(1 + exp(-x))"',
        '"1/(1 + exp(-2*x))"',
        ("01_", "07_wilson_cowan"),
    ),
    Fault(
        "a stimulus begins a step late",
        "nbkit/compile/delays.py",
        "return math.ceil(time / dt) if off else nearest",
        "return (math.ceil(time / dt) if off else nearest) + (time > 0)",
        ("paradoxical",),
    ),
    # noise and seeds
    Fault(
        "white noise without the square root of dt",
        "nbkit/compile/context.py",
        "1.0 / float(np.sqrt(dt)))",
        "1.0)",
        ("paradoxical", "steps_time"),
    ),
    Fault(
        "all that is drawn has the same seed",
        "nbkit/compile/sampling.py",
        "hashlib.sha256(name.encode())",
        'hashlib.sha256(b"")',
        ("paradoxical",),
    ),
    Fault(
        "the seed is ignored",
        "nbkit/compile/sampling.py",
        "np.random.SeedSequence(seed, spawn_key",
        "np.random.SeedSequence(0, spawn_key",
        ("02_",),
    ),
    Fault(
        "background spikes come at twice their rate",
        "nbkit/compile/background.py",
        'factors = {"rate": 1.0 / steps_per_unit(context.network.time_unit), "weight": 1.0}',
        'factors = {"rate": 2.0 / steps_per_unit(context.network.time_unit), "weight": 1.0}',
        ("microcircuit",),
    ),
    Fault(
        "uniform noise ends halfway between its bounds",
        "nbkit/compile/stimuli.py",
        'reach = graph.apply("multiply", graph.apply("subtract", high, low, text="high - low"), shares,',
        'reach = graph.apply("multiply", graph.apply("subtract", high, graph.number(0.0), text="high - low"), shares,',
        ("field",),
    ),
    Fault(
        "a Lorentzian is twice as wide",
        "nbkit/network/laws.py",
        "return self.centre + self.half_width * np.tan(np.pi * (shares - 0.5))",
        "return self.centre + 2 * self.half_width * np.tan(np.pi * (shares - 0.5))",
        ("mean_field",),
    ),
    Fault(
        "coloured noise forgets twice as fast",
        "nbkit/compile/stimuli.py",
        "kept = float(np.exp(-context.timing.dt / tau))",
        "kept = float(np.exp(-2 * context.timing.dt / tau))",
        survives="no lesson has coloured noise",
    ),
    Fault(
        "an out-degree is off by one",
        "nbkit/network/rules.py",
        "by_row(self, generator, ends, self.out_degree, (ends.pre, ends.post))",
        "by_row(self, generator, ends, self.out_degree - 1, (ends.pre, ends.post))",
        survives="no lesson draws out-degrees",
    ),
    # spikes
    Fault(
        "refractoriness is a step short",
        "nbkit/compile/spikes.py",
        "rows.append(np.array([float(nearest) for nearest, _ in found])[of_unit])",
        "rows.append(np.array([max(0.0, float(nearest) - 1) for nearest, _ in found])[of_unit])",
        ("microcircuit",),
    ),
    Fault(
        "a reset that should add sets instead",
        "nbkit/run/numpy_source.py",
        'sign = "+=" if operation == "increase" else "="',
        'sign = "="',
        ("02_", "mean_field"),
    ),
    Fault(
        "units that spike are not reset",
        "nbkit/run/numpy_source.py",
        'return [f"if k{index}.size:", f"    {target}[k{index}] {sign} {value}"]',
        'return ["pass"] if sign == "=" else [f"if k{index}.size:", f"    {target}[k{index}] {sign} {value}"]',
        ("02_",),
    ),
    Fault(
        "spikes through tables arrive a step early",
        "nbkit/run/arrivals.py",
        "cells = self._cells + (step - self._stamps)",
        "cells = self._cells + np.minimum(step - self._stamps + 1, table.delays - 1)",
        ("microcircuit",),
    ),
    Fault(
        "spikes are delivered a step early",
        "nbkit/run/spikes.py",
        "units = fired.get(step + 1 - delay)",
        "units = fired.get(step + 1 - max(delay - 1, 1))",
        ("microcircuit", "02_"),
    ),
    Fault(
        "what a spike brings to a kept sum is lost",
        "nbkit/run/numpy_source.py",
        'return [f"if k{source}.size:", f"    {add}(k{source}, {target}, {sources[1]})"]',
        'return ["pass"]',
        ("02_", "mean_field"),
    ),
    Fault(
        "spikes on their way are forgotten at the end of a block",
        "nbkit/run/stepper.py",
        "store.forget(self.position - self._longest)",
        "store.forget(self.position)",
        ("microcircuit",),
    ),
    # what is read from a run
    Fault(
        "a recording is shifted by a sample",
        "nbkit/run/stepper.py",
        "tape.write(begin + 1, rows[here - made + 1 : here + 1])",
        "tape.write(begin + 1, rows[here - made : here])",
        ("paradoxical", "02_"),
    ),
    Fault(
        "every n-th sample is that before it",
        "nbkit/run/tapes.py",
        "skip = -first % every",
        "skip = -(first + 1) % every",
        ("02_", "field"),
    ),
    Fault(
        "means over blocks are divided by one sample less",
        "nbkit/run/tapes.py",
        "1.0, 1.0 / every)",
        "1.0, 1.0 / max(1, every - 1))",
        ("02_",),
    ),
    Fault(
        "periods come out 5 % long",
        "nbkit/analysis/rhythms.py",
        "cycle = float(single.mean())",
        "cycle = 1.05 * float(single.mean())",
        ("07_wilson_cowan", "delays_make"),
    ),
    Fault(
        "rates are 5 % high",
        "nbkit/analysis/counts.py",
        "values = bincount(trains.rows, minlength=len(trains.numbers)) / span.duration",
        "values = 1.05 * bincount(trains.rows, minlength=len(trains.numbers)) / span.duration",
        ("mean_field", "microcircuit"),
    ),
    # theory
    Fault(
        "the frequency at a Hopf point is 5 % off",
        "nbkit/study/dynamics/branch.py",
        "turning = abs(float(place.values[one[pair]].imag))",
        "turning = 1.05 * abs(float(place.values[one[pair]].imag))",
        ("07_wilson_cowan",),
    ),
    Fault(
        "the onset of delayed feedback takes the wrong angle",
        "nbkit/study/delays.py",
        "return Onset(math.acos(-1 / gain) / speed, 2 * math.pi / speed)",
        "return Onset(math.acos(1 / gain) / speed, 2 * math.pi / speed)",
        ("delays_make",),
    ),
    Fault(
        "Siegert's rate without the correction of the threshold for synapses",
        "nbkit/study/rates.py",
        "shift = COLOUR / 2 * np.sqrt(tau_syn / tau_m)",
        "shift = 0 * np.sqrt(tau_syn / tau_m)",
        ("microcircuit",),
    ),
    Fault(
        "folds of quadratic units with a 2 in place of the 3",
        "nbkit/study/quadratic_states.py",
        "- 3 * (half_width / (2 * math.pi * r)) ** 2",
        "- 2 * (half_width / (2 * math.pi * r)) ** 2",
        ("mean_field",),
    ),
    Fault(
        "health allows steps that are five times too long",
        "nbkit/study/checkups/modes.py",
        "bounds = np.maximum(-2.0 * rates.real,",
        "bounds = np.maximum(-10.0 * rates.real,",
        ("07_wilson_cowan",),
    ),
)
