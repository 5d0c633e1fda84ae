import csv
import io
import math
import os

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

from gan_mri.errors import GanMriError
from gan_mri.runs import history as history_module
from gan_mri.runs.history import History, TensorBoardLog


def filled(folder, epochs=3):
    history = History(folder)
    for epoch in range(1, epochs + 1):
        row = {"epoch": epoch, "G_total": 1 / (3 * epoch)}
        history.append(row | ({"mae": epoch / 7} if epoch % 2 == 0 else {}))
    return history


def test_a_new_folder_has_no_rows_and_no_file(tmp_path):
    assert History(tmp_path).rows == []
    assert list(tmp_path.iterdir()) == []


def test_rows_come_back_to_the_last_bit(tmp_path):
    rng = np.random.default_rng(0)
    rows = [
        {"epoch": i, "a": float(rng.standard_normal()), "b": float(10.0 ** -(30 * i))}
        for i in range(1, 6)
    ]
    history = History(tmp_path)
    for row in rows:
        history.append(row)
    assert history.rows == rows
    assert History(tmp_path).rows == rows


def test_numpy_scalars_become_numbers_and_keep_their_kind(tmp_path):
    History(tmp_path).append(
        {"epoch": np.int64(1), "x": np.float32(0.1), "n": np.int32(5), "p": math.inf}
    )
    (row,) = History(tmp_path).rows
    assert row == {"epoch": 1, "x": float(np.float32(0.1)), "n": 5, "p": math.inf}
    assert [type(value) for value in row.values()] == [int, float, int, float]


def test_nan_survives(tmp_path):
    History(tmp_path).append({"epoch": 1, "x": math.nan})
    assert math.isnan(History(tmp_path).rows[0]["x"])


def test_later_columns_go_to_the_right_and_gaps_stay_empty(tmp_path):
    filled(tmp_path)
    text = (tmp_path / "history.csv").read_text(encoding="utf-8")
    header, *lines = csv.reader(io.StringIO(text))
    assert header == ["epoch", "G_total", "mae"]
    assert [line[0] for line in lines] == ["1", "2", "3"]
    assert [line[2] for line in lines] == ["", repr(2 / 7), ""]
    assert [row["mae"] for row in History(tmp_path).rows] == [None, 2 / 7, None]


def test_epoch_is_the_first_column_wherever_it_stands_in_the_row(tmp_path):
    History(tmp_path).append({"loss, weighted": 2.5, "epoch": 1})
    assert History(tmp_path).rows == [{"epoch": 1, "loss, weighted": 2.5}]
    text = (tmp_path / "history.csv").read_text(encoding="utf-8")
    assert text == 'epoch,"loss, weighted"\n1,2.5\n'


def test_a_resumed_run_writes_the_file_of_an_uninterrupted_one(tmp_path):
    filled(tmp_path / "whole", epochs=4)
    filled(tmp_path / "resumed", epochs=3)
    history = History(tmp_path / "resumed")
    history.truncate(2)
    assert [row["epoch"] for row in History(tmp_path / "resumed").rows] == [1, 2]
    for epoch in (3, 4):
        row = {"epoch": epoch, "G_total": 1 / (3 * epoch)}
        history.append(row | ({"mae": epoch / 7} if epoch == 4 else {}))
    files = [tmp_path / name / "history.csv" for name in ("whole", "resumed")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_truncating_to_nothing_leaves_a_table_that_can_be_read(tmp_path):
    filled(tmp_path).truncate(0)
    history = History(tmp_path)
    assert history.rows == []
    history.append({"epoch": 1, "G_total": 2.0})
    assert history.rows == [{"epoch": 1, "G_total": 2.0, "mae": None}]


def test_rows_are_copies(tmp_path):
    history = filled(tmp_path)
    history.rows[0]["G_total"] = -1.0
    assert history.rows[0]["G_total"] == 1 / 3


@pytest.mark.parametrize(
    "row, message",
    [
        ({"G_total": 1.0}, "integer 'epoch' above 3"),
        ({"epoch": 3}, "integer 'epoch' above 3.*Received: 3"),
        ({"epoch": 4.0}, "integer 'epoch' above 3.*Received: 4.0"),
        ({"epoch": 4, "G_total": "low"}, "'G_total'.*Received: str 'low'"),
        ({"epoch": 4, "G_total": [1.0]}, "'G_total'.*Received: list"),
    ],
)
def test_bad_rows_are_refused_and_change_nothing(tmp_path, row, message):
    history = filled(tmp_path)
    rows, text = history.rows, (tmp_path / "history.csv").read_bytes()
    with pytest.raises(GanMriError, match=message):
        history.append(row)
    assert history.rows == rows
    assert (tmp_path / "history.csv").read_bytes() == text


def test_a_failing_disk_leaves_the_old_file(tmp_path, monkeypatch):
    history = filled(tmp_path)
    rows, text = history.rows, (tmp_path / "history.csv").read_bytes()

    def fail(source, target):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(GanMriError, match="no space left"):
        history.append({"epoch": 4, "G_total": 0.0})
    assert history.rows == rows
    assert [path.name for path in tmp_path.iterdir()] == ["history.csv"]
    assert (tmp_path / "history.csv").read_bytes() == text


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "first line ''"),
        (b"name,score\nx,1\n", "first line 'name,score'"),
        (b"epoch,a,a\n1,2,3\n", "first line 'epoch,a,a'"),
        (b"epoch,a\n1,2\n2\n", "1 cells instead of 2 in line 3"),
        (b"epoch,a\n1,2\n2,3,4\n", "3 cells instead of 2 in line 3"),
        (b"epoch,a\n1,2\n2,0.12", "cut short"),
        (b"epoch,a\n1,low\n", "'low' in line 2, column 'a'"),
        (b"epoch,a\n1,2\n1,3\n", "epoch 1 after 1 in line 3"),
        (b"epoch,a\n,2\n", "epoch None"),
        (b"epoch,a\n1.5,2\n", "epoch 1.5"),
        (b'epoch,a\n1,"2\n', "no CSV text"),
        (b"\x89PNG\r\n\x1a\n\xff\xd8", "no CSV text"),
    ],
)
def test_damaged_and_foreign_files_are_refused(tmp_path, content, message):
    (tmp_path / "history.csv").write_bytes(content)
    with pytest.raises(GanMriError, match=message) as caught:
        History(tmp_path)
    assert str(tmp_path / "history.csv") in str(caught.value)
    assert (tmp_path / "history.csv").read_bytes() == content


def test_a_file_too_large_to_be_a_history_is_not_read(tmp_path, monkeypatch):
    filled(tmp_path)
    monkeypatch.setattr(history_module, "_LARGEST_FILE", 10)
    with pytest.raises(GanMriError, match="bytes, more than 10"):
        History(tmp_path)


def events(folder):
    accumulator = EventAccumulator(str(folder / "tensorboard"))
    accumulator.Reload()
    return accumulator


def test_tensorboard_reads_back_scalars_and_images(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    Image.fromarray(pixels[::-1]).save(tmp_path / "sheet.png")
    log = TensorBoardLog(tmp_path)
    log.scalars(1, {"G_total": 4.5, "mae": None})
    log.scalars(2, {"G_total": np.float32(3.25), "mae": 0.125})
    log.image(2, "samples", pixels)
    log.image(3, "samples", tmp_path / "sheet.png")
    log.close()

    found = events(tmp_path)
    losses = found.Tensors("G_total")
    assert [event.step for event in losses] == [1, 2]
    assert [float(make_ndarray(e.tensor_proto)) for e in losses] == [4.5, 3.25]
    assert [event.step for event in found.Tensors("mae")] == [2]
    pictures = found.Tensors("samples")
    assert [event.step for event in pictures] == [2, 3]
    for event, expected in zip(pictures, [pixels, pixels[::-1]]):
        width, height, encoded = make_ndarray(event.tensor_proto)
        assert (int(width), int(height)) == (7, 5)
        decoded = np.asarray(Image.open(io.BytesIO(encoded)))
        np.testing.assert_array_equal(decoded, expected)


def test_tensorboard_values_are_there_before_the_log_is_closed(tmp_path):
    log = TensorBoardLog(tmp_path)
    log.scalars(1, {"G_total": 4.5})
    assert [event.step for event in events(tmp_path).Tensors("G_total")] == [1]
    log.close()


def test_tensorboard_refuses_other_pictures(tmp_path):
    log = TensorBoardLog(tmp_path)
    with pytest.raises(GanMriError, match=r"shape \(5, 7\), dtype float64"):
        log.image(1, "samples", np.zeros((5, 7)))
    with pytest.raises(GanMriError, match="none.png.*expected a PNG"):
        log.image(1, "samples", tmp_path / "none.png")
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(GanMriError, match="text.png.*expected a PNG"):
        log.image(1, "samples", tmp_path / "text.png")
    log.close()
