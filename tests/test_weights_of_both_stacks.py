"""What one stack saves, the other opens: both read the files of both."""

from pathlib import Path

import numpy as np
import pytest
from stack_networks import NETWORKS, inputs

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("writer", ["keras2", "keras3"])
def test_weights_of_either_stack_give_the_same_network(writer, name):
    stem = FIXTURES / f"stack_{writer}_{name}"
    network, given = NETWORKS[name](), inputs(name)
    network.load_weights(f"{stem}.weights.h5")
    outputs = np.asarray(network(given if len(given) > 1 else given[0]))
    with np.load(f"{stem}.npz", allow_pickle=False) as expected:
        np.testing.assert_allclose(outputs, expected["outputs"], rtol=0, atol=1e-5)
