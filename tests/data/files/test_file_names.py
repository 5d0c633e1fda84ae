from gan_mri.data.files.names import stem_of, suffix_of


def test_suffix_and_stem():
    assert suffix_of("a/Sub-01_T1w.NII.GZ") == ".nii.gz"
    assert stem_of("a/sub-01_T1w.nii.gz") == "sub-01_T1w"
    assert stem_of("37.003.PNG") == "37.003"
    assert suffix_of("notes.txt") == ""
