"""The tissue of each voxel as an image."""

import numpy as np
import pytest

from gan_mri.synthetic.brain import TISSUES, phantom


@pytest.mark.parametrize("shape", [(40, 36), (20, 24, 18)])
def test_tissue_is_the_labels_whatever_the_scanner_does(shape):
    options = {"contrasts": ("tissue", "T1w"), "shape": shape, "lesions": True}
    for made in phantom(2, noise=0.5, bias_field=0.5, **options):
        tissue = made.images["tissue"]
        assert tissue.dtype == np.float32 and tissue.shape == shape
        np.testing.assert_array_equal(tissue, made.labels)
        assert len(np.unique(tissue)) > 8 and tissue.max() < len(TISSUES)


def test_other_contrasts_do_not_change_beside_it():
    (alone,), (beside,) = (phantom(1, contrasts=names) for names in (["T2w"], ["tissue", "T2w"]))
    np.testing.assert_array_equal(alone.images["T2w"], beside.images["T2w"])
