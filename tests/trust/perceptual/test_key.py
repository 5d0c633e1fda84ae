import json

import pytest

from gan_mri.errors import GanMriError
from gan_mri.trust.perceptual.key import Key, folder_of, read_answers

KEY = {
    "format": 1,
    "study": "0123456789abcdef",
    "methods": ["unit"],
    "images": [
        {"image": "00000001", "contrast": "T1w", "method": None, "label": "sub-01"},
        {"image": "00000002", "contrast": "T1w", "method": "unit", "label": "sub-02"},
    ],
}
ANSWERS = {
    "format": 1,
    "study": "0123456789abcdef",
    "reader": "AE",
    "answers": [
        {"image": "00000001", "answer": "real", "seconds": 1.5},
        {"image": "00000002", "answer": "real", "seconds": 0.5},
    ],
}


def written(path, content):
    path.write_text(json.dumps(content))
    return path


def test_what_was_written_is_read(tmp_path):
    written(tmp_path / "key.json", KEY)
    key = Key(tmp_path)
    assert key.methods == ["unit"] and key.contrasts == ["T1w"]
    assert key.images["00000002"].method == "unit"
    answers = read_answers(written(tmp_path / "a.json", ANSWERS), key)
    assert answers.reader == "AE" and answers.calls["00000002"] == "real"


@pytest.mark.parametrize(
    "change",
    [
        {"methods": []},
        {"methods": ["cyclegan"]},
        {"study": "../../../etc/pass"},
        {"images": KEY["images"] + KEY["images"][:1]},
        {"images": [{"image": "00000001"}]},
        {"format": 2},
    ],
)
def test_a_key_of_another_structure_is_refused(tmp_path, change):
    written(tmp_path / "key.json", KEY | change)
    with pytest.raises(GanMriError, match=r"key\.json: expected the key of a study"):
        Key(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"study": "f" * 16}, "answers to the study ffff"),
        ({"answers": ANSWERS["answers"][:1]}, "none to 1 of them"),
        (
            {"answers": [*ANSWERS["answers"], {"image": "0000000f", "answer": "real"}]},
            "strange image",
        ),
        ({"answers": ANSWERS["answers"] * 2}, "two to the same image"),
        ({"answers": [{"image": "00000001", "answer": "maybe"}]}, '"maybe"'),
        ({"reader": 7}, "reader is 7"),
    ],
)
def test_answers_that_do_not_fit_are_refused(tmp_path, change, said):
    written(tmp_path / "key.json", KEY)
    path = written(tmp_path / "a.json", ANSWERS | change)
    with pytest.raises(GanMriError, match=said):
        read_answers(path, Key(tmp_path))


def test_the_study_is_found_from_the_answers(tmp_path):
    written(tmp_path / "key.json", KEY)
    (tmp_path / "answers" / "ward 3").mkdir(parents=True)
    path = written(tmp_path / "answers" / "ward 3" / "a.json", ANSWERS)
    assert folder_of(path) == tmp_path.resolve()
    with pytest.raises(GanMriError, match="--study"):
        folder_of(tmp_path.parent / "nowhere" / "a.json")
