import numpy as np
import pytest
from scipy.ndimage import binary_fill_holes, distance_transform_edt
from skimage.measure import perimeter
from skimage.morphology import convex_hull_image

from gan_mri.synthetic.brain import tissues
from gan_mri.synthetic.brain.anatomy import Anatomy, rotation

BRAIN = [
    tissues.GRAY,
    tissues.WHITE,
    tissues.CAUDATE,
    tissues.PUTAMEN,
    tissues.PALLIDUM,
    tissues.THALAMUS,
]


def plane(anatomy, z=10.0, step=1.0):
    """Axial plane of tissue codes, first index x, second y."""
    x, y = np.meshgrid(np.arange(-92, 92, step), np.arange(-129, 95, step), indexing="ij")
    points = np.stack([x.ravel(), y.ravel(), np.full(x.size, z)]).astype(np.float32)
    return anatomy.at(points)[0].reshape(x.shape)


@pytest.fixture(scope="module")
def planes():
    return [plane(Anatomy(0, number)) for number in range(4)]


def test_a_point_does_not_depend_on_its_company():
    anatomy = Anatomy(3, 1, lesions=True)
    points = np.random.default_rng(0).uniform(-80, 80, size=(3, 4000)).astype(np.float32)
    together, alone = anatomy.at(points), anatomy.at(points[:, ::-7])
    codes, coherence, texture = (array[..., ::-7] for array in together)
    same = codes == alone[0]
    assert same.mean() > 0.995  # the rest is rounding at boundaries
    np.testing.assert_allclose(coherence[same], alone[1][same], atol=1e-3)
    np.testing.assert_allclose(texture[:, same], alone[2][:, same], atol=1e-3)


def test_every_tissue_is_there(planes):
    together = np.concatenate(planes)
    shares = np.bincount(together.ravel(), minlength=14) / np.isin(together, BRAIN).sum()
    assert (shares[:13] > 0.001).all() and shares[tissues.LESION] == 0
    assert 0.6 < shares[tissues.GRAY] / shares[tissues.WHITE] < 1.3


def test_subjects_differ_but_are_all_heads(planes):
    for first, second in zip(planes, planes[1:]):
        brain = np.isin(first, BRAIN) | np.isin(second, BRAIN)
        assert 0.25 < (first != second)[brain].mean() < 0.75


def test_skull_encloses_the_brain_and_skin_the_head(planes):
    for codes in planes:
        bone = np.isin(codes, [tissues.BONE, tissues.MARROW])
        within = binary_fill_holes(bone) & ~bone
        assert within[np.isin(codes, BRAIN)].all()
        assert binary_fill_holes(codes != tissues.AIR)[codes == tissues.AIR].sum() == 0


def test_cortex_is_folded(planes):
    """The pial outline of a slice is far longer than its hull (Zilles et al. 1988: 2.6 for whole
    brains).
    """
    for codes in planes:
        tissue = np.isin(codes, BRAIN)
        folding = perimeter(tissue) / perimeter(convex_hull_image(tissue))
        assert 1.7 < folding < 4.0


@pytest.mark.parametrize("number", [0, 1])
def test_cortex_has_its_thickness(number):
    """Euclidean distances to fluid in a block of the parietal lobe, 1 mm voxels."""
    axes = np.meshgrid(np.arange(4, 64), np.arange(-90, -10), np.arange(30, 84), indexing="ij")
    points = np.stack([axis.ravel() for axis in axes]).astype(np.float32)
    codes = Anatomy(0, number).at(points)[0].reshape(axes[0].shape)
    depth = distance_transform_edt(~np.isin(codes, [tissues.CSF, tissues.BONE]))[8:-8, 8:-8, 8:-8]
    codes = codes[8:-8, 8:-8, 8:-8]
    gray, white = depth[codes == tissues.GRAY], depth[codes == tissues.WHITE]
    assert np.percentile(gray, 95) < 4.5
    assert np.percentile(white, 5) > 2.0
    # Where white matter begins is how thick the cortex is.
    edge = (codes == tissues.WHITE) & (distance_transform_edt(codes != tissues.GRAY) < 1.1)
    assert 2.0 < np.median(depth[edge]) < 4.5


def test_ventricles_lie_between_the_nuclei(planes):
    for codes in planes:
        where = {
            code: np.argwhere(codes == code)[:, 0] - 92
            for code in (tissues.THALAMUS, tissues.PUTAMEN)
        }
        assert (
            np.median(np.abs(where[tissues.PUTAMEN]))
            > np.median(np.abs(where[tissues.THALAMUS])) + 5
        )
        middle = codes[92 - 25 : 92 + 25, 129 - 30 : 129 + 40]
        assert (middle == tissues.CSF).sum() > 60


def test_lesions_replace_white_matter_only():
    for number in range(3):
        healthy, diseased = plane(Anatomy(0, number)), plane(Anatomy(0, number, lesions=True))
        changed = healthy != diseased
        assert changed.sum() > 10
        assert (healthy[changed] == tissues.WHITE).all() and (
            diseased[changed] == tissues.LESION
        ).all()


def test_fibres_are_parallel_in_the_corpus_callosum_and_nowhere_outside_white_matter():
    points = np.random.default_rng(1).uniform(-70, 70, size=(3, 20000)).astype(np.float32)
    codes, coherence, _ = Anatomy(0, 0).at(points)
    assert (coherence[codes != tissues.WHITE] == 0).all()
    assert 0 <= coherence.min() and coherence.max() <= 1
    white = (codes == tissues.WHITE) & (points[2] > 0)
    middle = white & (np.abs(points[0]) < 4) & (np.abs(points[1]) < 25) & (points[2] < 30)
    assert coherence[middle].mean() > 2 * coherence[white].mean()


def test_rotation_is_one():
    turn = rotation(np.radians([3.0, -2.0, 5.0]))
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1)
    np.testing.assert_allclose(rotation([0, 0, np.pi / 2]) @ [1, 0, 0], [0, 1, 0], atol=1e-12)
