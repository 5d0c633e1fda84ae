import pytest

from gan_mri.trust.checks.comparison import compared

TRAINED = {
    "files": 3,
    "quantities": {
        "noise": [0.01, 0.02],
        "blur": [0.6, 0.7],
        "voxel_left_right": [1.0, 1.0],
        "voxel_front_back": [1.0, 1.0],
        "dark_ring": [0.95, 1.0],
        "percentile_50": [0.7, 0.75],
        "skewness": [-0.5, -0.4],
        "of tomorrow": [1, 2],
    },
}
RIGHT = {
    "noise": 0.024,
    "blur": 0.8,
    "voxel_left_right": 1.1,
    "voxel_front_back": 0.95,
    "dark_ring": 0.9,
    "percentile_50": 0.68,
    "skewness": -0.55,
}
T2W = {
    "files": 1,
    "quantities": {"percentile_50": [0.3, 0.3], "skewness": [0.6, 0.6], "dark_ring": [0.9, 0.9]},
}


def found(contrast="T1w", other=("T2w", T2W), **changes):
    values = RIGHT | changes
    return {one.quantity: one for one in compared(values, TRAINED, contrast=contrast, other=other)}


def test_what_is_within_the_margins_is_silent():
    assert not found()
    # What is not measured of an input (too small), and what is not known here, is left out.
    assert not compared({}, TRAINED)


def test_a_finding_names_value_range_and_what_to_do():
    text = str(found(noise=0.05)["noise"])
    assert text.startswith("Noise, of the intensity window: 5 %. Expected: at most 4 %")
    assert "(1 % to 2 % in 3 training files)" in text and "Denoise" in text
    # Less noise than in training is no reason to doubt.
    assert not found(noise=0.0)


@pytest.mark.parametrize(("value", "word"), [(0.3, "sharper"), (2.0, "smoother")])
def test_advice_depends_on_the_side(value, word):
    assert word in found(blur=value)["blur"].advice


def test_axes_are_told_of_together():
    (finding,) = found(voxel_left_right=2.0, voxel_front_back=2.0).values()
    assert finding.quantity == "voxel"
    assert finding.value == "left to right 2 mm, front to back 2 mm"
    (finding,) = found(voxel_left_right=2.0).values()
    assert finding.value == "left to right 2 mm" and "front" not in finding.expected


def test_another_contrast_is_called_by_its_name():
    (finding,) = found(percentile_50=0.32, skewness=0.5).values()
    assert finding.quantity == "contrast" and "looks like T2w" in finding.value
    assert "T1w, which the model takes" in finding.expected
    # Of a model whose card does not know the other one: by the numbers.
    assert set(found(percentile_50=0.32, skewness=0.5, other=None)) == {"percentile", "skewness"}
    # A third contrast is none of the two.
    assert "contrast" not in found(percentile_50=0.1, skewness=0.2)


def test_with_a_skull_contrasts_are_not_compared():
    assert set(found(dark_ring=0.3, percentile_50=0.32, skewness=0.5)) == {"dark_ring"}
    # Darker, but no bone.
    assert not found(dark_ring=0.72)
