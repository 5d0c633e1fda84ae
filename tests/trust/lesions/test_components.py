import numpy as np
import pytest

from gan_mri.trust.lesions.components import components

#: Oblique voxels of 6 mm3.
AFFINE = np.array([[0, -2.0, 0, 7], [1.0, 0, 0, -4], [0, 0, 3.0, 11], [0, 0, 0, 1]])


def test_volume_and_center_are_in_millimetres():
    mask = np.zeros((9, 10, 8), bool)
    mask[2:5, 3:5, 1:3] = True  # 12 voxels about (3, 3.5, 1.5)
    mask[7, 8, 6] = True
    first, second = components(mask, AFFINE)
    assert (first.number, first.voxels, first.volume) == (1, 12, pytest.approx(0.072))
    np.testing.assert_allclose(first.center, (AFFINE @ [3, 3.5, 1.5, 1])[:3])
    assert mask[first.box][first.inside].all() and first.inside.sum() == 12
    assert (second.number, second.voxels, second.middle) == (2, 1, (7, 8, 6))


def test_the_middle_is_a_voxel_of_its_own():
    ring = np.zeros((9, 9, 3), bool)
    ring[1:8, 1:8, 1] = True
    ring[2:7, 2:7, 1] = False
    (one,) = components(ring, np.eye(4))
    assert one.center == (4, 4, 1) and ring[one.middle]


def test_corners_connect_unless_faces_are_asked_for():
    mask = np.zeros((4, 4, 4), bool)
    mask[0, 0, 0] = mask[1, 1, 1] = mask[3, 3, 3] = True
    assert [one.voxels for one in components(mask, np.eye(4))] == [2, 1]
    assert len(components(mask, np.eye(4), corners=False)) == 3
    assert [one.voxels for one in components(mask, np.eye(4), least=2)] == [2]
    assert components(mask & False, np.eye(4)) == []
