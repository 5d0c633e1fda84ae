import math

import pytest

from gan_mri.errors import GanMriError
from gan_mri.losses import IMAGE_LOSSES, parse_image_losses


def test_both_spellings():
    weights = {"l1": 100.0, "gradient_difference": 10.0}
    assert parse_image_losses("l1:100,gradient_difference:10") == weights
    assert parse_image_losses(" L1: 1e2, gradient-difference:10 ") == weights
    assert parse_image_losses({"l1": 100, "gradient_difference": "10"}) == weights
    assert list(parse_image_losses("ssim:1,l1:2")) == ["ssim", "l1"]


@pytest.mark.parametrize("nothing", [None, "", {}, "l1:0", {"l2": 0.0}])
def test_nothing(nothing):
    assert parse_image_losses(nothing) == {}


def test_every_name():
    weights = dict.fromkeys(IMAGE_LOSSES, 0.25)
    assert parse_image_losses(weights) == weights
    assert parse_image_losses(",".join(f"{name}:0.25" for name in weights)) == weights


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("l3:1", "names from l1, l2, .*Received: 'l3'"),
        ({3: 1}, "Received: 3"),
        ("l1", "name:weight.* Received: 'l1'"),
        ("l1:1,", "name:weight.* Received: ''"),
        ("l1:1,L1:2", "every name once. Received: 'l1' again"),
        ("l1:x", "weight of 'l1' .* Received: 'x'"),
        ("l1:", "weight of 'l1' .* Received: ''"),
        ({"l1": -1}, "weight of 'l1' .* Received: -1"),
        ({"l1": math.inf}, "weight of 'l1' .* Received: inf"),
        ({"l1": math.nan}, "weight of 'l1' .* Received: nan"),
        ({"l1": True}, "weight of 'l1' .* Received: True"),
        ({"l1": None}, "weight of 'l1' .* Received: None"),
        (["l1"], r"a dict .* Received: \['l1'\]"),
        (5, "a dict .* Received: 5"),
    ],
)
def test_errors_name_the_word(given, message):
    with pytest.raises(GanMriError, match=f"^image_losses: .*{message}"):
        parse_image_losses(given)
