"""Five iterations of training against the 2018 code, in float64."""

import golden
import numpy as np
import pytest
import tensorflow as tf

import gan_mri
from gan_mri.weights import gan_mri_order

# Where `train_on_batch` of the 2018 code returned what, as (row of the
# iteration, column). Rows: D_A real, D_B real, D_A fake, D_B fake, generators,
# then the two of identity learning.
D_AND_CYCLES = {
    "D_A_real": (0, 0),
    "D_B_real": (1, 0),
    "D_A_fake": (2, 0),
    "D_B_fake": (3, 0),
    "G_total": (4, 0),
    "cycle_A": (4, 1),
    "cycle_B": (4, 2),
}
ADVERSARIAL = {"adversarial_A": (4, 3), "adversarial_B": (4, 4)}
PLACES = {
    "default": D_AND_CYCLES | ADVERSARIAL,
    "supervised": D_AND_CYCLES | ADVERSARIAL | {"supervised_A": (4, 5), "supervised_B": (4, 6)},
    # Four adversarial terms, dA/1, dB/1, dA/2, dB/2; ours are sums over scales.
    "multiscale_rl09": D_AND_CYCLES,
    "identity": D_AND_CYCLES | ADVERSARIAL | {"identity_B": (5, 0), "identity_A": (6, 0)},
}


def check_weights(model, arrays, iterations):
    for name, network in model.networks.items():
        variables = gan_mri_order(network)
        rows = golden.comparable([kind for kind, _ in golden.specs(variables)])
        expected = arrays[f"after{iterations}/{name}"]
        assert len(rows) == len(expected)
        for row, values in zip(rows, expected):
            # Relative to the tensor's largest value: one that happens to be
            # near 0 has the same absolute noise as its neighbours.
            np.testing.assert_allclose(
                golden.samples(variables[row].numpy()),
                values,
                rtol=0,
                atol=1e-8 * np.nanmax(np.abs(values)),
                err_msg=f"{name}, tensor {row}, after {iterations}",
            )


@pytest.mark.parametrize("case", golden.TRAINING_CASES)
def test_five_iterations(case):
    arrays = golden.fixture(f"training_{case}")
    A, B = (golden.to_range(arrays[side]) for side in "AB")
    model = gan_mri.build(
        "welander/cyclegan",
        (64, 64, 1),
        dtype="float64",
        pool_size=0,
        **golden.TRAINING_CASES[case][1],
    )
    for name, network in model.networks.items():
        golden.fill(gan_mri_order(network), golden.SEEDS[name])
    step = tf.function(model.train_step, autograph=False)
    for iteration in range(5):
        results = step((A[iteration : iteration + 1], B[iteration : iteration + 1]))
        rows = arrays["losses"][arrays["iteration"] == iteration + 1]
        expected = {name: rows[place] for name, place in PLACES[case].items()}
        if case == "multiscale_rl09":
            expected["adversarial_A"] = rows[4, 3] + rows[4, 5]
            expected["adversarial_B"] = rows[4, 4] + rows[4, 6]
        assert set(results) == set(expected)
        for name, value in expected.items():
            np.testing.assert_allclose(
                results[name], value, rtol=1e-8, err_msg=f"{name}, {iteration + 1}"
            )
        if iteration in (0, 4):
            check_weights(model, arrays, iteration + 1)
