import numpy as np
import pytest

from gan_mri.data.files.image_file import ImageFile
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.images.scaling_choice import choose, parse_scaling
from gan_mri.data.stacks import Key, make_stack
from gan_mri.errors import GanMriError


def picture(array, name="a"):
    return make_stack(
        ImageFile(f"{name}.png", array), domain="A", key=Key(name), plane="axial", slices=None
    )


@pytest.mark.parametrize(
    "dtype, pictures, method",
    [
        (np.uint8, True, "uint8"),
        (np.uint16, True, "percentile"),
        (np.float32, True, "percentile"),
        (np.uint8, False, "volume"),
        (np.int16, False, "volume"),
    ],
)
def test_auto(dtype, pictures, method):
    stack = picture(np.arange(100).reshape(10, 10).astype(dtype))
    assert choose("auto", [stack], pictures=pictures).method == method


def test_auto_refuses_pictures_of_several_types():
    stacks = [
        picture(np.arange(100).reshape(10, 10).astype(t), n)
        for t, n in ((np.uint8, "a"), (np.uint16, "b"))
    ]
    with pytest.raises(
        GanMriError, match=r"b\.png: .*one pixel type.*uint16 here and uint8 in a\.png"
    ):
        choose("auto", stacks, pictures=True)


def test_spellings():
    ct, mr = IntensityScaling.from_text("window:-100:300"), IntensityScaling.from_text("volume")
    assert parse_scaling("auto") == {"A": "auto", "B": "auto"}
    assert parse_scaling(mr) == parse_scaling(["volume"]) == {"A": mr, "B": mr}
    assert (
        parse_scaling(("window:-100:300", mr))
        == parse_scaling({"A": ct, "B": "volume"})
        == {"A": ct, "B": mr}
    )
    for bad in ({"A": ct}, ("volume", "volume", "volume"), None):
        with pytest.raises(GanMriError, match="scaling: expected"):
            parse_scaling(bad)
