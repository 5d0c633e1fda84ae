import numpy as np
import pytest

from gan_mri.data.images.neighbours import (
    around,
    as_channels,
    check_neighbours,
    refuse_picture,
)
from gan_mri.errors import GanMriError


@pytest.mark.parametrize("neighbours", [0, 1, 3])
def test_slices_around_a_slice_are_those_of_a_padded_stack(neighbours):
    stack = np.random.default_rng(0).normal(size=(5, 4, 3))
    padded = np.pad(stack, [(neighbours, neighbours), (0, 0), (0, 0)], mode="edge")
    numbers = [0, 3, 4]
    expected = [padded[k : k + 2 * neighbours + 1] for k in numbers]
    np.testing.assert_array_equal(stack[around(numbers, neighbours, 5)], expected)


def test_a_volume_thinner_than_its_neighbours():
    np.testing.assert_array_equal(around(1, 3, 2), [0, 0, 0, 1, 1, 1, 1])


def test_slices_become_channels_in_their_order():
    slices = np.random.default_rng(0).normal(size=(3, 4, 5, 2))
    image = as_channels(list(slices))
    assert image.shape == (4, 5, 6)
    for number in range(3):
        np.testing.assert_array_equal(image[..., 2 * number : 2 * number + 2], slices[number])


def test_what_has_no_neighbours():
    check_neighbours(0, 3, "bids")
    check_neighbours(2, 2, "bids")
    refuse_picture("a.png", 0)
    with pytest.raises(GanMriError, match="bids: expected neighbours=0, because whole volumes"):
        check_neighbours(2, 3, "bids")
    with pytest.raises(GanMriError, match=r"a\.png: expected a volume.*neighbours=1.*a picture"):
        refuse_picture("a.png", 1)
