"""Compressed files read once, in bounded memory, with every byte's checksum checked.

A gzip file is one or several *members*, each closed by the CRC-32 and the
length of what it holds (RFC 1952). They are only compared by who reads to the
end: a reader that stops after the last voxel takes a flipped bit for
intensities.
"""

import logging
import zlib

_log = logging.getLogger("gan_mri")

_MAGIC = b"\x1f\x8b"
_READ = 2**18  # compressed bytes at a time
_BLOCK = 2**20  # decompressed bytes at a time


class GzipStream:
    """The decompressed bytes of a gzip file, front to back.

    Zeros after the last member are padding; anything else there is ignored with
    a warning, as `gzip` does.

    Parameters
    ----------
    path : Path

    Raises
    ------
    zlib.error, EOFError, ValueError
        From every method: a damaged stream, a truncated one, no gzip file.

    Examples
    --------
    >>> with GzipStream(path) as stream:
    ...     header = stream.read(348)
    ...     stream.readinto(voxels)
    ...     stream.finish(limit=2**30)
    """

    def __init__(self, path):
        self._file = open(path, "rb")
        self._blocks = _blocks(self._file, path)
        self._rest = memoryview(b"")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._file.close()

    def read(self, size):
        """Up to `size` bytes; fewer at the end of the file only."""
        pieces = []
        while size and self._more():
            pieces.append(bytes(self._rest[:size]))
            self._rest = self._rest[size:]
            size -= len(pieces[-1])
        return b"".join(pieces)

    def readinto(self, buffer):
        """Fill a writable buffer of bytes as far as the file goes; return how many came."""
        filled = 0
        while filled < len(buffer) and self._more():
            piece = self._rest[: len(buffer) - filled]
            buffer[filled : filled + len(piece)] = piece
            self._rest = self._rest[len(piece) :]
            filled += len(piece)
        return filled

    def finish(self, limit):
        """Read to the end, so that every checksum is compared.

        Parameters
        ----------
        limit : int
            Bytes after which a stream that does not end is refused.
        """
        surplus = len(self._rest)
        for block in self._blocks:
            surplus += len(block)
            if surplus > limit:
                raise ValueError(f"it goes on for more than {limit} bytes after the last voxel")

    def _more(self):
        if not self._rest:
            self._rest = memoryview(next(self._blocks, b""))
        return len(self._rest)


def _blocks(file, path):
    """Decompressed blocks of at most `_BLOCK` bytes."""
    data = file.read(_READ)
    if not data.startswith(_MAGIC):
        raise ValueError("it does not begin like a gzip file")
    while data:
        member = zlib.decompressobj(wbits=zlib.MAX_WBITS + 16)  # + 16: gzip's head and checksums
        while not member.eof:
            data = data or file.read(_READ)
            block = member.decompress(data, _BLOCK)
            if not block and not data and not member.eof:
                raise EOFError("the compressed data end too early")
            data = member.unconsumed_tail
            if block:
                yield block
        data = _next_member(member.unused_data, file)
        if data and not data.startswith(_MAGIC):
            _log.warning("%s: what follows the compressed data is no gzip, and is ignored.", path)
            return


def _next_member(data, file):
    """What follows a member, without padding; b"" at the end of the file."""
    while True:
        data = data.lstrip(b"\0")
        if len(data) >= len(_MAGIC):
            return data
        more = file.read(_READ)
        if not more:
            return data
        data += more
