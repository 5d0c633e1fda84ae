"""Where maps are: in memory that is given back row by row, or in a file."""

import math
import mmap
import tempfile

import numpy as np


class InMemory:
    """A map in memory, of which the system provides a row when it is written.

    Parameters
    ----------
    shape : tuple of int
    dtype : numpy.dtype
    """

    def __init__(self, shape, dtype):
        length = math.prod(shape) * dtype.itemsize
        private = {}
        if hasattr(mmap, "MAP_PRIVATE"):
            # Python's default is shared memory, which cannot be given back in parts.
            private = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS}
        self._memory = mmap.mmap(-1, length, **private)
        self._rows = np.frombuffer(self._memory, dtype).reshape(shape)
        self._row = length // shape[0]
        self._released = 0

    def read(self, start, stop):
        """The rows [start, stop), not a copy."""
        return self._rows[start:stop]

    def write(self, start, rows):
        """Write rows from `start` on."""
        self._rows[start : start + len(rows)] = rows

    def release(self, stop):
        """Give the rows before `stop` back. They are not read again."""
        end = stop * self._row // mmap.PAGESIZE * mmap.PAGESIZE
        if end > self._released and hasattr(mmap, "MADV_DONTNEED"):
            self._memory.madvise(mmap.MADV_DONTNEED, self._released, end - self._released)
            self._released = end

    def close(self):
        """Give everything back."""
        # The memory goes with the last array that shows it.
        del self._rows, self._memory


class InFile:
    """A map in a temporary file.

    Read and written, not mapped: the pages of a file that is mapped into memory
    count as the memory of the process. The file has no name where the system
    allows that (Linux), so that nothing is left of it even if the process is
    killed. It lies where `tempfile` says: TMPDIR should be on a disk.

    Parameters
    ----------
    shape : tuple of int
    dtype : numpy.dtype
    """

    def __init__(self, shape, dtype):
        self._shape, self._dtype = shape, dtype
        self._row = math.prod(shape[1:]) * dtype.itemsize
        self._file = tempfile.TemporaryFile(prefix="gan_mri_")

    def read(self, start, stop):
        """The rows [start, stop)."""
        rows = np.empty((stop - start, *self._shape[1:]), self._dtype)
        self._file.seek(start * self._row)
        view = memoryview(rows).cast("B")
        while view:
            count = self._file.readinto(view)
            if not count:
                raise OSError(
                    f"a temporary file in {tempfile.gettempdir()} is shorter than written"
                )
            view = view[count:]
        return rows

    def write(self, start, rows):
        """Write rows from `start` on."""
        self._file.seek(start * self._row)
        self._file.write(memoryview(np.ascontiguousarray(rows)).cast("B"))

    def release(self, stop):
        """Nothing: the file goes as a whole."""

    def close(self):
        """Remove the file."""
        self._file.close()


class InArray:
    """A map in an array of the caller.

    Parameters
    ----------
    array : ndarray
        Of the map's shape.
    dtype : numpy.dtype
        In which it is read.
    """

    def __init__(self, array, dtype):
        self._array, self._dtype = array, dtype

    def read(self, start, stop):
        """The rows [start, stop)."""
        return np.asarray(self._array[start:stop], self._dtype)

    def write(self, start, rows):
        """Write rows from `start` on."""
        self._array[start : start + len(rows)] = rows

    def release(self, stop):
        """Nothing: the array is the caller's."""

    def close(self):
        """Nothing: the array is the caller's."""
