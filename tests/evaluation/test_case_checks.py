import pretended
import pytest
from data_samples import write_pictures as write_pictures_of_names
from runs import write_pictures
from untrained_runs import phantom_data, write_run

from gan_mri.data import load
from gan_mri.data.images.geometry import Geometry
from gan_mri.errors import GanMriError
from gan_mri.evaluation.case_checks import check_same_images, check_test_part
from gan_mri.evaluation.cases import Cases
from gan_mri.tasks import TWO_DOMAINS, Direction, Task


@pytest.fixture(scope="module")
def data():
    return phantom_data()


def test_other_test_subjects_are_named(data, tmp_path):
    alone = data.train.subjects[0]
    other = phantom_data(split=None, test_subjects=[alone])
    first = write_run(tmp_path / "first", data)
    second = write_run(tmp_path / "second", other)
    cases = [Cases(one, Geometry((24, 24), "crop"), TWO_DOMAINS) for one in (data, other)]
    with pytest.raises(GanMriError, match=f"different test subjects.*only the second has {alone}"):
        check_same_images(cases[1], cases[0], second, first)
    check_same_images(cases[0], Cases(data, Geometry((64, 64), "crop"), TWO_DOMAINS), first, first)


def test_other_sizes_and_contrasts_are_named(data, tmp_path):
    run = write_run(tmp_path / "run", data)
    first = Cases(data, Geometry((24, 24)), TWO_DOMAINS)
    with pytest.raises(GanMriError, match="other slices or sizes.* 24, 24.* 20, 20"):
        check_same_images(Cases(data, Geometry((20, 20), "resize"), TWO_DOMAINS), first, run, run)
    other = Cases(phantom_data(contrasts=("T1w", "FLAIR")), Geometry((24, 24)), TWO_DOMAINS)
    with pytest.raises(GanMriError, match="T1w and T2w in the first, T1w and FLAIR in the second"):
        check_same_images(other, first, run, run)


def test_data_without_a_test_part_are_refused(tmp_path):
    folder = write_pictures(tmp_path / "d", trainA=1, trainB=1, testA=1)
    data = load(folder)
    run = write_run(tmp_path / "run", data)
    with pytest.raises(GanMriError, match="test images of A and B.*none of B.*--data"):
        check_test_part(data, run)
    check_test_part(phantom_data(), run)


ONE_WAY = Task.between("A", "B", both_ways=False)


def cases_of(data, task):
    return Cases(data, Geometry((24, 24)), task)


def test_runs_of_other_directions_share_those_that_both_have(data, tmp_path):
    run = write_run(tmp_path / "run", data)
    both, one = cases_of(data, TWO_DOMAINS), cases_of(data, ONE_WAY)
    check_same_images(one, both, run, run)
    check_same_images(both, one, run, run)
    back = Task(("A", "B"), (Direction("B2A", ("B",), "A"),))
    with pytest.raises(GanMriError, match="T1w to T2w in the first, T2w to T1w in the second"):
        check_same_images(cases_of(data, back), one, run, run)


def test_one_name_for_two_directions_is_refused(tmp_path):
    task = Task.each_from_the_others(("T1w", "T2w", "PDw"))
    data = pretended.phantom_of(task, task.domains)
    other = Task(task.domains, (Direction("PDw", ("T1w",), "PDw"),))
    run = pretended.measurable_run(tmp_path / "run", data, task)
    with pytest.raises(GanMriError, match=r"T1w \+ T2w to PDw in the first, T1w to PDw in the sec"):
        check_same_images(cases_of(data, other), cases_of(data, task), run, run)


def test_the_same_contrasts_in_other_domains_are_told_apart(data, tmp_path):
    run = write_run(tmp_path / "run", data)
    swapped = Task.between("B", "A")
    other = phantom_data(domains=("B", "A"))
    message = "A = T1w and B = T2w in the first, B = T1w and A = T2w in the second"
    with pytest.raises(GanMriError, match=message):
        check_same_images(cases_of(other, swapped), cases_of(data, TWO_DOMAINS), run, run)


def test_volumes_are_called_so(tmp_path):
    first, second = (
        pretended.phantom_of(TWO_DOMAINS, ("T1w", "T2w"), size=size, subjects=4)
        for size in ((18, 18, 18), (20, 18, 18))
    )
    run = pretended.measurable_run(tmp_path / "run", first, TWO_DOMAINS)
    cases = [Cases(data, Geometry((18, 18, 18), "crop"), TWO_DOMAINS) for data in (first, second)]
    with pytest.raises(GanMriError, match="other volumes or sizes.* 18, 18, 18.* 20, 18, 18"):
        check_same_images(cases[1], cases[0], run, run)


def test_sources_that_never_belong_together_are_refused(tmp_path):
    for contrast, names in (("T1w", "ab"), ("T2w", "cd"), ("PDw", "ef")):
        write_pictures_of_names(tmp_path / contrast, names, shape=(24, 24))
    task = Task(("T1w", "T2w", "PDw"), (Direction("PDw", ("T1w", "T2w"), "PDw"),))
    data = load(tmp_path, domains=task.domains, contrasts=task.domains, split=(0.5, 0, 0.5))
    run = pretended.measurable_run(tmp_path / "run", data, task)
    with pytest.raises(GanMriError, match="an image of each of T1w and T2w, of which PDw is made"):
        check_test_part(data, run)


def test_every_missing_contrast_is_named(tmp_path):
    task = Task.each_from_the_others(("T1w", "T2w", "PDw"))
    run = pretended.measurable_run(tmp_path / "run", pretended.phantom_of(task, task.domains), task)
    nothing = pretended.phantom_of(task, task.domains, split=(1, 0, 0))
    with pytest.raises(GanMriError, match="of T1w, T2w and PDw.*none of T1w and none of T2w and"):
        check_test_part(nothing, run)
