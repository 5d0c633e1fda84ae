import numpy as np
import pretended
import pytest
from data_samples import write_pictures as write_pictures_of_names
from runs import write_pictures
from untrained_runs import phantom_data

from gan_mri.data import SampleKey, load
from gan_mri.data.images.geometry import Geometry
from gan_mri.evaluation.cases import Cases
from gan_mri.tasks import TWO_DOMAINS, Direction, Task


@pytest.fixture(scope="module")
def data():
    return phantom_data()


def test_every_pair_is_a_case_in_each_direction(data):
    cases = Cases(data, Geometry((24, 24)), TWO_DOMAINS)
    assert cases.paired and len(cases) == 6
    assert cases.subjects == data.test.subjects
    assert {name: way.contrast for name, way in cases.ways.items()} == {"A2B": "T2w", "B2A": "T1w"}
    for case in cases:
        a = data.test.A.keys.index(SampleKey(case.subject, "", 0))
        b = data.test.B.keys.index(SampleKey(case.subject, "", 0))
        source, truth, own = data.test.A[a], data.test.B[b], data.test.A.mask(a)
        if case.direction == "B2A":
            source, truth, own = truth, source, data.test.B.mask(b)
        np.testing.assert_array_equal(case.source, source)
        np.testing.assert_array_equal(case.truth, truth)
        np.testing.assert_array_equal(case.mask, data.test.A.mask(a) | data.test.B.mask(b))
        np.testing.assert_array_equal(case.source_mask, own)
        assert case.label == case.subject


def test_images_are_resized_as_the_model_was_trained(data):
    case = Cases(data, Geometry((20, 22), "resize"), TWO_DOMAINS)[0]
    assert case.source.shape == case.truth.shape == (20, 22, 1)
    assert case.mask.shape == (20, 22) and case.mask.dtype == bool


def test_without_pairs_every_image_is_a_case_without_truth(tmp_path):
    folder = write_pictures(tmp_path / "d", trainA=1, trainB=1, testA=2, testB=3)
    data = load(folder)
    cases = Cases(data, Geometry((24, 24)), TWO_DOMAINS)
    assert not cases.paired
    assert [case.direction for case in cases] == ["A2B"] * 2 + ["B2A"] * 3
    assert all(case.truth is None for case in cases)
    np.testing.assert_array_equal(cases[2].source, data.test.B[0])
    np.testing.assert_array_equal(cases[2].mask, data.test.B.mask(0))
    assert cases.subjects == ["testA-0", "testA-1", "testB-0", "testB-1", "testB-2"]


def test_the_reference_of_a_pair_is_of_another_subject(data):
    cases = Cases(data, Geometry((24, 24)), TWO_DOMAINS)
    subjects = data.test.subjects
    for case in cases:
        there = subjects[(subjects.index(case.subject) + 1) % len(subjects)]
        domain = data.test.B if case.direction == "A2B" else data.test.A
        reference = domain[domain.keys.index(SampleKey(there, "", 0))]
        np.testing.assert_array_equal(case.reference, reference)
        assert np.abs(case.reference - case.truth).max() > 0


def test_the_reference_of_one_subject_alone_is_the_truth(data):
    alone = phantom_data(split=None, test_subjects=[data.train.subjects[0]])
    for case in Cases(alone, Geometry((24, 24)), TWO_DOMAINS):
        np.testing.assert_array_equal(case.reference, case.truth)


def test_without_pairs_references_are_counted_round(tmp_path):
    data = load(write_pictures(tmp_path / "d", trainA=1, trainB=1, testA=2, testB=3))
    references = [case.reference for case in Cases(data, Geometry((20, 22), "resize"), TWO_DOMAINS)]
    expected = [data.test.B[0], data.test.B[1], data.test.A[0], data.test.A[1], data.test.A[0]]
    geometry = Geometry((20, 22), "resize")
    for reference, image in zip(references, expected, strict=True):
        np.testing.assert_array_equal(reference, geometry.whole(image))


def test_what_is_drawn_is_the_middle_subject(data):
    cases = Cases(data, Geometry((24, 24)), TWO_DOMAINS)
    shown = {direction: cases[index] for direction, index in cases.shown().items()}
    assert {case.subject for case in shown.values()} == {data.test.subjects[1]}
    assert all(case.direction == direction for direction, case in shown.items())


MANY = Task.each_from_the_others(("T1w", "T2w", "PDw"))


def test_every_row_is_a_case_in_each_direction():
    data = pretended.phantom_of(MANY, MANY.domains)
    cases = Cases(data, Geometry((24, 24)), MANY)
    assert cases.paired and len(cases) == 3 * len(data.test.pairs)
    assert [cases[index].direction for index in range(4)] == ["T1w", "T2w", "PDw", "T1w"]
    for case in cases:
        places = [
            data.test[name].keys.index(SampleKey(case.subject, "", 0)) for name in MANY.domains
        ]
        images = {name: data.test[name][i] for name, i in zip(MANY.domains, places)}
        masks = {name: data.test[name].mask(i) for name, i in zip(MANY.domains, places)}
        np.testing.assert_array_equal(case.truth, images.pop(case.direction))
        assert list(case.sources) == list(images)
        for name, image in images.items():
            np.testing.assert_array_equal(case.sources[name], image)
        np.testing.assert_array_equal(case.mask, np.logical_or.reduce(list(masks.values())))
        np.testing.assert_array_equal(case.source_mask, masks[next(iter(images))])
        there = data.test.subjects[(data.test.subjects.index(case.subject) + 1) % 3]
        target = data.test[case.direction]
        reference = target[target.keys.index(SampleKey(there, "", 0))]
        np.testing.assert_array_equal(case.reference, reference)
    assert len({cases[index].subject for index in cases.shown().values()}) == 1


def test_volumes():
    data = pretended.phantom_of(TWO_DOMAINS, ("T1w", "T2w"), size=(22, 20, 18), subjects=4)
    cases = Cases(data, Geometry((22, 20, 18)), TWO_DOMAINS)
    assert cases.rank == 3 and len(cases) == 4
    case = cases[0]
    assert case.source.shape == case.truth.shape == (22, 20, 18, 1)
    assert case.mask.shape == (22, 20, 18)
    assert cases.identity[0] == ("A2B", (case.subject, "", 0, ""), 22, 20, 18)


def test_a_direction_without_truth_and_way_back_needs_real_images(tmp_path):
    data = load(write_pictures(tmp_path / "d", trainA=1, trainB=1, testA=2, testB=3))
    both, geometry = Cases(data, Geometry((24, 24)), TWO_DOMAINS), Geometry((24, 24))
    assert both.unpaired == ["A2B", "B2A"] and not list(both.reals())
    cases = Cases(data, geometry, Task.between("A", "B", both_ways=False))
    assert [case.direction for case in cases] == ["A2B"] * 2
    reals = list(cases.reals())
    assert [(real.direction, real.subject) for real in reals] == [
        ("A2B", f"testB-{number}") for number in range(3)
    ]
    for index, real in enumerate(reals):
        np.testing.assert_array_equal(real.image, data.test.B[index])
        np.testing.assert_array_equal(real.mask, data.test.B.mask(index))


def test_some_directions_may_have_truths_and_others_none(tmp_path):
    # T1w and T2w of the same subjects, PDw of others.
    for contrast, names in (("T1w", "abc"), ("T2w", "abc"), ("PDw", "xyz")):
        write_pictures_of_names(tmp_path / contrast, names, shape=(24, 24))
    task = Task(
        ("T1w", "T2w", "PDw"),
        (Direction("T2w", ("T1w",), "T2w"), Direction("PDw", ("T1w", "T2w"), "PDw")),
    )
    data = load(tmp_path, domains=task.domains, contrasts=task.domains, split=(0.4, 0, 0.6))
    cases = Cases(data, Geometry((24, 24)), task)
    assert cases.unpaired == ["PDw"] and not cases.paired
    truths = {name: [c.truth for c in cases if c.direction == name] for name in cases.ways}
    assert len(truths["T2w"]) == len(truths["PDw"]) == 2
    assert all(truth is not None for truth in truths["T2w"])
    assert all(truth is None for truth in truths["PDw"])
    assert all(list(c.sources) == ["T1w", "T2w"] for c in cases if c.direction == "PDw")
    assert {real.subject for real in cases.reals()} <= set("xyz")
