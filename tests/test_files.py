import json

import pytest

from gan_mri.errors import GanMriError
from gan_mri.files import read_json, replacing, write_json


def test_replacing_keeps_the_old_file_when_the_block_raises(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="on purpose"):
        with replacing(path) as temporary:
            temporary.write_text("half")
            assert path.read_text() == "old"
            raise RuntimeError("on purpose")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    with replacing(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_json_comes_back(tmp_path):
    content = {"a": [1, 2.5, None], "b": {"c": "é"}}
    write_json(tmp_path / "folder" / "x.json", content)
    assert read_json(tmp_path / "folder" / "x.json") == content
    assert json.loads((tmp_path / "folder" / "x.json").read_text()) == content


@pytest.mark.parametrize("text", ["", "{", "[1]", "{'a': 1}"])
def test_what_is_no_json_object_is_refused_by_name(tmp_path, text):
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(GanMriError, match="config.json: expected a JSON object"):
        read_json(path)


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(GanMriError, match="missing.json"):
        read_json(tmp_path / "missing.json")
