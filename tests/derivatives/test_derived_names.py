from pathlib import Path

import pytest

from gan_mri.derivatives.names import derived_name
from gan_mri.errors import GanMriError


@pytest.mark.parametrize(
    ("source", "contrast", "target", "name"),
    [
        ("sub-1_T1w.nii.gz", "T1w", "T2w", "sub-1_desc-synthetic_T2w.nii.gz"),
        (
            "sub-1_ses-2_acq-3d_run-1_T1w.nii",
            "T1w",
            "FLAIR",
            "sub-1_ses-2_acq-3d_run-1_desc-synthetic_FLAIR.nii.gz",
        ),
        # The agent is the source's contrast, not the result's, and the other way round.
        ("sub-1_ce-gd_T1w.nii.gz", "ce-gd_T1w", "T1w", "sub-1_desc-synthetic_T1w.nii.gz"),
        (
            "sub-1_run-1_T1w.nii.gz",
            "T1w",
            "ce-gd_T1w",
            "sub-1_ce-gd_run-1_desc-synthetic_T1w.nii.gz",
        ),
        ("sub-1_desc-preproc_T1w.nii.gz", "T1w", "T2w", "sub-1_desc-synthetic_T2w.nii.gz"),
        ("sub-1_own-9_T1w.nii.gz", "T1w", "T2w", "sub-1_own-9_desc-synthetic_T2w.nii.gz"),
    ],
)
def test_entities_stay_in_their_order(source, contrast, target, name):
    assert derived_name(Path("x") / source, contrast, target) == name


@pytest.mark.parametrize("target", ["T2 w", "../T2w", "a-b_T2w-1", "ce-_T1w", ""])
def test_a_target_that_is_no_bids_word(target):
    with pytest.raises(GanMriError, match="expected a contrast whose name can be the end"):
        derived_name(Path("sub-1_T1w.nii.gz"), "T1w", target)
