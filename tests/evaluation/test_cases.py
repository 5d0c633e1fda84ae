import numpy as np
import pytest
from runs import write_pictures
from untrained_runs import phantom_data, write_run

from gan_mri.data import load
from gan_mri.data.images.geometry import Geometry
from gan_mri.errors import GanMriError
from gan_mri.evaluation.cases import Cases, check_same_images, check_test_part


@pytest.fixture(scope="module")
def data():
    return phantom_data()


def test_every_pair_is_a_case_in_each_direction(data):
    cases = Cases(data, Geometry((24, 24)))
    assert cases.paired and len(cases) == 6
    assert cases.subjects == data.test.subjects
    assert cases.contrasts == {"A2B": "T2w", "B2A": "T1w"}
    for case in cases:
        a = data.test.A.keys.index((case.subject, "", 0))
        b = data.test.B.keys.index((case.subject, "", 0))
        source, truth = data.test.A[a], data.test.B[b]
        if case.direction == "B2A":
            source, truth = truth, source
        np.testing.assert_array_equal(case.source, source)
        np.testing.assert_array_equal(case.truth, truth)
        np.testing.assert_array_equal(case.mask, data.test.A.mask(a) | data.test.B.mask(b))
        assert case.label == case.subject


def test_images_are_resized_as_the_model_was_trained(data):
    case = Cases(data, Geometry((20, 22), "resize"))[0]
    assert case.source.shape == case.truth.shape == (20, 22, 1)
    assert case.mask.shape == (20, 22) and case.mask.dtype == bool


def test_without_pairs_every_image_is_a_case_without_truth(tmp_path):
    folder = write_pictures(tmp_path / "d", trainA=1, trainB=1, testA=2, testB=3)
    data = load(folder)
    cases = Cases(data, Geometry((24, 24)))
    assert not cases.paired
    assert [case.direction for case in cases] == ["A2B"] * 2 + ["B2A"] * 3
    assert all(case.truth is None for case in cases)
    np.testing.assert_array_equal(cases[2].source, data.test.B[0])
    np.testing.assert_array_equal(cases[2].mask, data.test.B.mask(0))
    assert cases.subjects == ["testA-0", "testA-1", "testB-0", "testB-1", "testB-2"]


def test_the_reference_of_a_pair_is_of_another_subject(data):
    cases = Cases(data, Geometry((24, 24)))
    subjects = data.test.subjects
    for case in cases:
        there = subjects[(subjects.index(case.subject) + 1) % len(subjects)]
        domain = data.test.B if case.direction == "A2B" else data.test.A
        reference = domain[domain.keys.index((there, "", 0))]
        np.testing.assert_array_equal(case.reference, reference)
        assert np.abs(case.reference - case.truth).max() > 0


def test_the_reference_of_one_subject_alone_is_the_truth(data):
    alone = phantom_data(split=None, test_subjects=[data.train.subjects[0]])
    for case in Cases(alone, Geometry((24, 24))):
        np.testing.assert_array_equal(case.reference, case.truth)


def test_without_pairs_references_are_counted_round(tmp_path):
    data = load(write_pictures(tmp_path / "d", trainA=1, trainB=1, testA=2, testB=3))
    references = [case.reference for case in Cases(data, Geometry((20, 22), "resize"))]
    expected = [data.test.B[0], data.test.B[1], data.test.A[0], data.test.A[1], data.test.A[0]]
    geometry = Geometry((20, 22), "resize")
    for reference, image in zip(references, expected, strict=True):
        np.testing.assert_array_equal(reference, geometry.whole(image))


def test_what_is_drawn_is_the_middle_subject(data):
    cases = Cases(data, Geometry((24, 24)))
    shown = {direction: cases[index] for direction, index in cases.shown().items()}
    assert {case.subject for case in shown.values()} == {data.test.subjects[1]}
    assert all(case.direction == direction for direction, case in shown.items())


def test_other_test_subjects_are_named(data, tmp_path):
    alone = data.train.subjects[0]
    other = phantom_data(split=None, test_subjects=[alone])
    first = write_run(tmp_path / "first", data)
    second = write_run(tmp_path / "second", other)
    cases = [Cases(one, Geometry((24, 24), "crop")) for one in (data, other)]
    with pytest.raises(GanMriError, match=f"different test subjects.*only the second has {alone}"):
        check_same_images(cases[1], cases[0], second, first)
    check_same_images(cases[0], Cases(data, Geometry((64, 64), "crop")), first, first)


def test_other_sizes_and_contrasts_are_named(data, tmp_path):
    run = write_run(tmp_path / "run", data)
    first = Cases(data, Geometry((24, 24)))
    with pytest.raises(GanMriError, match="other slices or sizes.* 24, 24.* 20, 20"):
        check_same_images(Cases(data, Geometry((20, 20), "resize")), first, run, run)
    other = Cases(phantom_data(contrasts=("T1w", "FLAIR")), Geometry((24, 24)))
    with pytest.raises(GanMriError, match="T1w and T2w in the first, T1w and FLAIR in the second"):
        check_same_images(other, first, run, run)


def test_data_without_a_test_part_are_refused(tmp_path):
    folder = write_pictures(tmp_path / "d", trainA=1, trainB=1, testA=1)
    data = load(folder)
    run = write_run(tmp_path / "run", data)
    with pytest.raises(GanMriError, match="test images of A and B.*none of B.*--data"):
        check_test_part(data, run)
    check_test_part(phantom_data(), run)
