import pytest

from gan_mri.data.sources.contrast_words import alike, without_contrast


@pytest.mark.parametrize(
    "folders, expected",
    [
        # The same ending in both says nothing, and stays.
        ({"x": ["a_T1w", "b_T1w"], "y": ["c_T1w"]}, [["a_T1w", "b_T1w"], ["c_T1w"]]),
        # Not all files share it.
        ({"x": ["a_T1w", "b_FLAIR"], "y": ["a"]}, [["a_T1w", "b_FLAIR"], ["a"]]),
        # No contrast word: slices of one subject, people.
        (
            {"x": ["sub-01_slice-095"], "y": ["sub-01_slice-100"]},
            [["sub-01_slice-095"], ["sub-01_slice-100"]],
        ),
        ({"x": ["1_alice", "2_alice"], "y": ["1_bob"]}, [["1_alice", "2_alice"], ["1_bob"]]),
        # A word that begins like its folder, in any case.
        ({"Siemens": ["1_siemens3T"], "GE": ["1_ge"]}, [["1"], ["1"]]),
        # With a contrast agent (BIDS).
        (
            {"x": ["sub-1_ce-gadolinium_T1w", "sub-2_ce-gadolinium_T1w"], "y": ["sub-1_T1w"]},
            [["sub-1", "sub-2"], ["sub-1"]],
        ),
        # Nothing would be left.
        ({"T1": ["T1w"], "T2": ["T2w"]}, [["T1w"], ["T2w"]]),
        # The name of the folder, unless another has the file too.
        ({"A": ["1_A", "2"], "B": ["1_B", "2_A"]}, [["1", "2"], ["1", "2_A"]]),
        ({"A": ["1_A"], "B": ["1_A"]}, [["1_A"], ["1_A"]]),
        ({"T1": [], "T2": ["a_T2w"]}, [[], ["a"]]),
    ],
)
def test_what_is_left_of_names(folders, expected):
    assert without_contrast(folders) == expected


def test_names_that_look_like_one_subject():
    before, after = [f"p{i}-pre" for i in range(30)], [f"p{i}-post" for i in range(10, 25)]
    first, second = alike(before, after)
    assert first.partition("-")[0] == second.partition("-")[0]
    assert alike([f"cat{i}" for i in range(50)], [f"cat{i}" for i in range(50, 99)]) is None
    assert alike(["a"], []) is None and alike(["ab1"], ["ab2"]) is None
    assert alike(["IXI002T1"], ["IXI002T2"]) == ("IXI002T1", "IXI002T2")
