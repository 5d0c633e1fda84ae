import numpy as np
import pytest
from data_samples import picture_of

from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.images.scaling_choice import choose, parse_scaling
from gan_mri.errors import GanMriError


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
    stack = picture_of(np.arange(100).reshape(10, 10).astype(dtype))
    assert choose("auto", [stack], pictures=pictures).method == method


def test_auto_refuses_pictures_of_several_types():
    stacks = [
        picture_of(np.arange(100).reshape(10, 10).astype(t), n)
        for t, n in ((np.uint8, "a"), (np.uint16, "b"))
    ]
    with pytest.raises(
        GanMriError, match=r"b\.png: .*one pixel type.*uint16 here and uint8 in a\.png"
    ):
        choose("auto", stacks, pictures=True)


def test_spellings():
    ct, mr = IntensityScaling.from_text("window:-100:300"), IntensityScaling.from_text("volume")
    ab = ("A", "B")
    assert parse_scaling("auto", ab) == {"A": "auto", "B": "auto"}
    assert parse_scaling(mr, ab) == parse_scaling(["volume"], ab) == {"A": mr, "B": mr}
    assert (
        parse_scaling(("window:-100:300", mr), ab)
        == parse_scaling({"A": ct, "B": "volume"}, ab)
        == {"A": ct, "B": mr}
    )
    for bad in ({"A": ct}, ("volume", "volume", "volume"), None, 5):
        with pytest.raises(GanMriError, match="scaling: expected"):
            parse_scaling(bad, ab)


@pytest.mark.parametrize("domains", [("CT",), ("CT", "MR", "PET"), ("a", "b", "c", "d")])
def test_any_number_of_domains(domains):
    texts = ["window:-100:300", "volume", "percentile", "zscore"][: len(domains)]
    each = [IntensityScaling.from_text(text) for text in texts]
    assert parse_scaling(texts, domains) == dict(zip(domains, each))
    assert parse_scaling(dict(zip(domains[::-1], texts[::-1])), domains) == dict(zip(domains, each))
    assert parse_scaling("volume", domains) == dict.fromkeys(
        domains, IntensityScaling.from_text("volume")
    )
    with pytest.raises(GanMriError, match="scaling: expected one for all .* or one each|both"):
        parse_scaling(["volume", *texts], domains)
    with pytest.raises(GanMriError, match=f'scaling: expected the keys "{domains[0]}"'):
        parse_scaling({"other": "volume"}, domains)
