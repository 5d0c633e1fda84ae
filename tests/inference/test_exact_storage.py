import numpy as np
import pytest
import tiny

from gan_mri.inference.volumes.storage import InArray, InFile, InMemory


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


@pytest.mark.parametrize("kind", [InMemory, InFile])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_come_back(kind, dtype):
    rows = tiny.images(11, 6, 5, 3, dtype=dtype)
    storage = kind(rows.shape, rows.dtype)
    for start in (0, 4, 8):
        storage.write(start, rows[start : start + 4])
    np.testing.assert_array_equal(storage.read(0, 11), rows)
    storage.release(5)
    np.testing.assert_array_equal(storage.read(5, 9), rows[5:9])
    storage.close()


def test_rows_that_are_released_leave_the_memory():
    shape, row = (40, 512, 512), 512 * 512 * 4
    rows = np.ones((10, *shape[1:]), np.float32)
    before = resident()
    storage = InMemory(shape, np.dtype("float32"))
    assert resident() - before < 5 * row
    for start in range(0, 40, 10):
        storage.write(start, rows)
    assert 39 * row < resident() - before < 50 * row
    storage.release(20)
    storage.release(35)
    assert resident() - before < 17 * row
    for start in range(35, 40):
        np.testing.assert_array_equal(storage.read(start, start + 1), 1)
    storage.close()
    # What NumPy took for these comparisons stays with the process: some rows.
    assert resident() - before < 12 * row


def test_files_are_not_in_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    rows = np.ones((4, 256, 256), np.float32)
    before = resident()
    storage = InFile((40, 256, 256), rows.dtype)
    for start in range(0, 40, 4):
        storage.write(start, rows)
    assert resident() - before < 5 * rows[0].nbytes
    storage.close()
    assert not list(tmp_path.iterdir())


def test_a_file_that_was_cut():
    storage = InFile((4, 3), np.dtype("float32"))
    storage.write(0, np.ones((2, 3), np.float32))
    with pytest.raises(OSError, match="shorter"):
        storage.read(0, 4)


def test_an_array_in_another_type():
    array = np.arange(6).reshape(3, 2)
    read = InArray(array, np.dtype("float32")).read(1, 3)
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, array[1:])
