import numpy as np
import pytest
from scipy.stats import entropy, pearsonr
from skimage.metrics import normalized_mutual_information as skimage_nmi

from gan_mri.errors import GanMriError
from gan_mri.metrics import mutual_information, normalized_mutual_information, pearson


@pytest.mark.parametrize("shape", [(40, 30), (12, 14, 16), (20, 20, 3)])
def test_they_agree_with_scikit_image_and_scipy(shape):
    rng = np.random.default_rng(0)
    a = rng.random(shape)
    b = a**2 + 0.3 * rng.random(shape)
    found = normalized_mutual_information(a, b, bins=20)
    assert found == pytest.approx(skimage_nmi(a.ravel(), b.ravel(), bins=20), abs=1e-12)
    assert pearson(a, b) == pytest.approx(pearsonr(a.ravel(), b.ravel())[0], abs=1e-12)
    mask = rng.random(shape[:2] if shape[-1] == 3 else shape) < 0.5
    inside = a[mask].ravel(), b[mask].ravel()
    found = normalized_mutual_information(a, b, bins=20, mask=mask)
    assert found == pytest.approx(skimage_nmi(*inside, bins=20), abs=1e-12)
    assert pearson(a, b, mask=mask) == pytest.approx(np.corrcoef(*inside)[0, 1], abs=1e-12)


def test_the_two_informations_follow_from_the_same_entropies():
    rng = np.random.default_rng(1)
    a, b = rng.random((50, 50)), rng.random((50, 50))
    counts = np.histogram2d(a.ravel(), b.ravel(), bins=8)[0]
    own, joint = entropy(counts.sum(0)) + entropy(counts.sum(1)), entropy(counts.ravel())
    assert mutual_information(a, b, bins=8) == pytest.approx(own - joint, abs=1e-12)
    assert normalized_mutual_information(a, b, bins=8) == pytest.approx(own / joint, abs=1e-12)


def test_the_ends_of_the_scale_and_what_is_refused():
    a = np.repeat([0.0, 1.0, 2.0, 3.0], 4).reshape(4, 4)
    assert normalized_mutual_information(a, 7 - a, bins=4) == pytest.approx(2)
    assert normalized_mutual_information(a, a.T, bins=4) == pytest.approx(1)
    assert pearson(a, 7 - 2 * a) == pytest.approx(-1)
    for metric in (lambda *x: normalized_mutual_information(*x, bins=4), pearson):
        with pytest.raises(GanMriError, match="expected 'image' to vary"):
            metric(a, np.ones((4, 4)))
    with pytest.raises(GanMriError, match="normalized_mutual_information: expected 'bins'"):
        normalized_mutual_information(a, a, bins=1)
