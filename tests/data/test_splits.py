import pytest

from gan_mri.data.sources.layouts import Entry, Plan
from gan_mri.data.splits import assign
from gan_mri.data.stacks import Key
from gan_mri.errors import GanMriError


def plan_of(a, b, kind="bids"):
    return plan_of_many(kind, A=a, B=b)


def plan_of_many(kind="bids", **subjects_of):
    entries = [
        Entry(domain, Key(subject), None, f"{subject}_{domain}.nii")
        for domain, subjects in subjects_of.items()
        for subject in subjects
    ]
    return Plan(kind, "/data", tuple(subjects_of), tuple(subjects_of), entries)


def folders(**files):
    entries = [
        Entry(name[-1], Key(stem), None, f"{name}/{stem}.png", name[:-1])
        for name, stems in files.items()
        for stem in stems
    ]
    return Plan("gan_mri_folder", "/data", ("A", "B"), ("A", "B"), entries)


def split(plan, fractions=None, *, test=None, validation=None, seed=0):
    return assign(
        plan, split=fractions, test_subjects=test, validation_subjects=validation, seed=seed
    )


def count(manifest, name):
    return sum(part == name for part in manifest.values())


SUBJECTS = [f"sub-{i:02d}" for i in range(20)]


@pytest.mark.parametrize(
    "subjects, fractions, expected",
    [
        (20, None, (14, 0, 6)),
        (20, (0.5, 0.25, 0.25), (10, 5, 5)),
        (20, (1, 0, 0), (20, 0, 0)),
        (2, None, (1, 0, 1)),
        (1, None, (1, 0, 0)),
        (3, (0.9, 0.05, 0.05), (1, 1, 1)),
        (2, (0.4, 0.3, 0.3), (1, 0, 1)),
    ],
)
def test_counts(subjects, fractions, expected):
    manifest = split(plan_of(SUBJECTS[:subjects], SUBJECTS[:subjects]), fractions)
    assert tuple(count(manifest, name) for name in ("train", "validation", "test")) == expected


def test_same_seed_same_split_whatever_the_order_of_files():
    first = split(plan_of(SUBJECTS, SUBJECTS))
    assert first == split(plan_of(SUBJECTS[::-1], SUBJECTS[::-1]))
    assert first != split(plan_of(SUBJECTS, SUBJECTS), seed=1)


@pytest.mark.parametrize("options", [{}, {"test": ["sub-07"]}], ids=["drawn", "listed"])
def test_the_order_of_the_manifest_is_that_of_the_names(options):
    """And not that of a set, which is another one in each process."""
    names = [f"sub-{number:02d}" for number in range(40)]
    manifest = split(plan_of(names[::-1], names[5:]), **options)
    assert list(manifest) == names


def test_the_split_never_changes_between_versions():
    # Recorded once: runs that people repeat must find the same test subjects.
    manifest = split(plan_of(SUBJECTS, SUBJECTS))
    tests = sorted(subject for subject, name in manifest.items() if name == "test")
    assert tests == ["sub-05", "sub-12", "sub-13", "sub-14", "sub-15", "sub-19"]


def test_subjects_with_one_contrast_train():
    manifest = split(plan_of(SUBJECTS[:12], SUBJECTS[8:]), (0.5, 0, 0.5))
    assert count(manifest, "test") == 2
    assert all(manifest[subject] == "train" for subject in SUBJECTS[:8] + SUBJECTS[12:])


def test_without_any_common_subject_both_domains_are_split():
    manifest = split(plan_of(SUBJECTS[:10], SUBJECTS[10:]))
    for half in (SUBJECTS[:10], SUBJECTS[10:]):
        assert sum(manifest[subject] == "test" for subject in half) == 3


def test_two_folders_split_both_domains_by_the_fractions():
    a, b = [f"a{i}" for i in range(20)], [f"b{i}" for i in range(10)]
    common = ["x", "y", "z"]
    manifest = split(plan_of(a + common, b + common, "two_folders"))
    assert sum(manifest[name] == "test" for name in a) == 6
    assert sum(manifest[name] == "test" for name in b) == 3
    assert sum(manifest[name] == "test" for name in common) == 1
    assert manifest.keys() == {*a, *b, *common}
    # The same names in a BIDS folder are subjects that one contrast is missing of.
    assert count(split(plan_of(a + common, b + common)), "test") == 1


def test_a_plan_may_bring_its_own_fractions():
    plan = plan_of(SUBJECTS[:10], SUBJECTS[10:])._replace(fractions=(0.9, 0.0, 0.1))
    manifest = split(plan)
    for half in (SUBJECTS[:10], SUBJECTS[10:]):
        assert sum(manifest[subject] == "test" for subject in half) == 1
    assert count(split(plan, (0.5, 0, 0.5)), "test") == 10
    assert count(split(plan, test=["sub-03"]), "test") == 1


def test_explicit_lists():
    manifest = split(plan_of(SUBJECTS, SUBJECTS), test=["sub-03", "07"], validation=["sub-00"])
    assert [s for s in SUBJECTS if manifest[s] == "test"] == ["sub-03", "sub-07"]
    assert [s for s in SUBJECTS if manifest[s] == "validation"] == ["sub-00"]
    assert split(plan_of(SUBJECTS, SUBJECTS), test="sub-03")["sub-03"] == "test"


def test_bad_lists():
    plan = plan_of(SUBJECTS[:3], SUBJECTS[:3])
    with pytest.raises(
        GanMriError, match="test_subjects: .*received 'sub-99'. Known: sub-00, sub-01, sub-02"
    ):
        split(plan, test=["sub-99"])
    with pytest.raises(GanMriError, match="sub-01: expected in one split"):
        split(plan, test=["sub-01"], validation=["sub-01"])
    with pytest.raises(GanMriError, match="leave a subject to train"):
        split(plan, test=SUBJECTS[:3])
    with pytest.raises(GanMriError, match="either fractions or lists"):
        split(plan, (0.7, 0, 0.3), test=["sub-01"])


@pytest.mark.parametrize(
    "fractions", [(0.7, 0.3), (0.7, 0.7, 0.3), (0, 0.5, 0.5), (1.2, -0.2, 0), ("a", 0, 1), 0.7]
)
def test_bad_fractions(fractions):
    with pytest.raises(GanMriError, match="split: expected three fractions .*received"):
        split(plan_of(SUBJECTS, SUBJECTS), fractions)


def test_folders_are_already_split():
    plan = folders(trainA="ab", trainB="bc", testA="x", testB="x")
    assert split(plan) == {"a": "train", "b": "train", "c": "train", "x": "test"}
    for arguments in ({"fractions": (0.7, 0, 0.3)}, {"test": ["a"]}, {"validation": ["a"]}):
        with pytest.raises(GanMriError, match="/data: expected no split or subjects"):
            split(plan, **arguments)


def test_a_subject_in_training_and_test_folders():
    with pytest.raises(
        GanMriError, match=r"/data: .*b in both \(2 subjects in all\): trainA/b\.png and testB/b"
    ):
        split(folders(trainA="abc", trainB="c", testA="d", testB="bc"))


def test_of_three_domains_whoever_lacks_one_trains():
    manifest = split(plan_of_many(A=SUBJECTS, B=SUBJECTS[2:], C=SUBJECTS[:18]), (0.5, 0.25, 0.25))
    assert manifest.keys() == set(SUBJECTS)
    assert all(manifest[name] == "train" for name in SUBJECTS[:2] + SUBJECTS[18:])
    assert [count(manifest, name) for name in ("train", "validation", "test")] == [12, 4, 4]


def test_with_all_contrasts_the_split_is_that_of_two():
    two = split(plan_of(SUBJECTS, SUBJECTS))
    assert split(plan_of_many(A=SUBJECTS, B=SUBJECTS, C=SUBJECTS)) == two
    assert split(plan_of_many(A=SUBJECTS)) == two


def test_where_nobody_has_all_contrasts_each_kind_of_subject_is_split():
    """Ten with A and B, ten with B and C, ten with A and C: every domain trains and tests."""
    ab, bc, ac = ([f"{kind}{i}" for i in range(10)] for kind in ("ab", "bc", "ac"))
    for kind in ("bids", "two_folders"):
        manifest = split(plan_of_many(kind, A=ab + ac, B=ab + bc, C=bc + ac))
        assert len(manifest) == 30
        for group in (ab, bc, ac):
            assert sum(manifest[name] == "test" for name in group) == 3


def test_names_that_three_folders_share_do_not_decide_alone():
    a, b, c = ([f"{kind}{i}" for i in range(10)] for kind in "abc")
    manifest = split(plan_of_many("two_folders", A=a + ["x", "y"], B=b + ["x", "y"], C=[*c, "x"]))
    assert all(sum(manifest[name] == "test" for name in group) == 3 for group in (a, b, c))
    assert manifest["x"] == manifest["y"] == "train"  # alone of their kind: nobody would be left
