"""Owns the small sizes at which the lessons run every day, in tests and for the site."""

#: notebook -> parameters of a run small enough for every day
SMALL: dict[str, dict[str, object]] = {
    "01_populations_and_connectivity.ipynb": {"n_units": 8, "duration": 150.0, "seed": 7, "sizes": [5, 20]},
    "02_network_simulation.ipynb": {"duration": 12.0, "seed": 3},
    "11_neural_field.ipynb": {
        "duration": 1450.0, "n_seeds": 2, "spacings": [0.1, 0.05], "signal_speeds": [1.0], "seed": 7,
    },
    "12_microcircuit.ipynb": {
        "duration": 1000.0, "warm_up": 200.0, "other_scales": [0.03], "flashes": 4, "seed": 7,
    },
    "03_how_a_computer_steps_time.ipynb": {"shorter": [2.0, 1.0, 0.5, 0.2], "n_units": 400, "n_steps": 3000},
    "04_leaky_neurons_and_noise.ipynb": {
        "drives": [20.0, 21.0, 40.0], "means": [10.0, 15.0, 25.0], "n_units": 600, "duration": 1000.0,
    },
    "05_phase_plane.ipynb": {"currents": [0.32, 0.327, 0.34], "duration": 600.0, "izhikevich_duration": 2000.0},
    "06_unequal_neurons.ipynb": {"n_units": 800, "inputs": [0.25, 0.5, 0.75], "duration": 400.0},
    "00_your_first_rhythm.ipynb": {"duration": 600.0, "dt": 0.05, "others": [1.0, 2.0]},
    "07_wilson_cowan.ipynb": {"duration": 400.0, "drives": [1.2, 1.5], "near_end": [1.84, 1.88], "long": 2000.0},
    "08_paradoxical_inhibition.ipynb": {"recurrent": [0.9, 1.1, 2.0], "reached": [5, 17, 20]},
    "09_delays_make_rhythms.ipynb": {
        "delays": [8.0, 13.0, 16.0], "long_delays": [13.0, 34.0], "steps": [1.0, 0.5],
    },
    "10_exact_mean_field.ipynb": {"n_neurons": 2000, "n_small": 600, "thresholds": [50.0, 100.0]},
}  # fmt: skip
