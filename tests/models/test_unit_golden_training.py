"""Iterations of UNIT's training against the 2018 code, in float64."""

import golden
import golden_unit
import numpy as np
import pytest
import tensorflow as tf

from gan_mri.weights import gan_mri_order

# Where `train_on_batch` of the 2018 code returned what, as (row of the
# iteration, columns to add). Rows: D_A real, D_A fake, D_B real, D_B fake,
# then the six other networks.
PLACES = {
    "D_A_real": (0, [0]),
    "D_A_fake": (1, [0]),
    "D_B_real": (2, [0]),
    "D_B_fake": (3, [0]),
    "G_total": (4, [0]),
    "kl_A": (4, [1]),
    "kl_B": (4, [2]),
    "kl_cycle_A": (4, [3]),
    "kl_cycle_B": (4, [4]),
    "reconstruction_A": (4, [5]),
    "reconstruction_B": (4, [6]),
    "cycle_A": (4, [7]),
    "cycle_B": (4, [8]),
    "adversarial_A": (4, [9, 11, 13]),
    "adversarial_B": (4, [10, 12, 14]),
}


def check_weights(model, arrays, iteration):
    for name, network in model.networks.items():
        variables = gan_mri_order(network)
        rows = golden_unit.comparable([kind for kind, _ in golden.specs(variables)])
        expected = arrays[f"after{iteration}/{name}"]
        assert len(rows) == len(expected)
        for row, values in zip(rows, expected):
            # Relative to the tensor's largest value, as in test_golden_training.
            np.testing.assert_allclose(
                golden.samples(variables[row].numpy()),
                values,
                rtol=0,
                atol=1e-8 * np.nanmax(np.abs(values)),
                err_msg=f"{name}, tensor {row}, after {iteration}",
            )


@pytest.mark.parametrize("case", golden_unit.CASES)
def test_iterations(case):
    arrays = golden.fixture(f"unit_training_{case}")
    A, B = (golden_unit.to_range(arrays[side]) for side in "AB")
    model = golden_unit.build(case, "float64")
    iterations = golden_unit.CASES[case][1]
    step = model.train_step
    if iterations > 1:  # a graph takes longer to make than one iteration
        step = tf.function(step, autograph=False)
    for iteration in range(1, iterations + 1):
        results = step((A[iteration - 1 : iteration], B[iteration - 1 : iteration]))
        rows = arrays["losses"][arrays["iteration"] == iteration]
        assert list(results) == list(PLACES)
        for name, (row, columns) in PLACES.items():
            np.testing.assert_allclose(
                results[name],
                rows[row, columns].sum(),
                rtol=1e-8,
                err_msg=f"{name}, {iteration}",
            )
        if f"after{iteration}/encoder_A" in arrays:
            check_weights(model, arrays, iteration)
    assert int(model.adam.iterations) == 5 * iterations
