"""What Pillow leaves out of a grey TIFF: the sign, the sample format and which end is white.

Pillow gives 8-bit samples as unsigned and 32-bit ones as signed whatever the
file says, inverts WhiteIsZero for up to 8 bits only, swaps the bytes of
compressed big-endian samples twice, and takes differences of PackBits for
values.
"""

from typing import NamedTuple

import numpy as np

from gan_mri.errors import GanMriError

# Tags of TIFF 6.0 (Adobe 1992), sections 8 and 19.
_BITS_PER_SAMPLE, _COMPRESSION, _PHOTOMETRIC, _PREDICTOR, _SAMPLE_FORMAT = 258, 259, 262, 317, 339
_UNSIGNED, _SIGNED = 1, 2
_PACK_BITS = 32773


class TiffSamples(NamedTuple):
    """What a file says of its samples.

    Attributes
    ----------
    bits : int
        Of one sample.
    format : int
        1 unsigned, 2 signed, 3 floating-point.
    white_is_zero : bool
    misread : str
        What it has that Pillow reads wrongly; "" for nothing.
    """

    bits: int
    format: int
    white_is_zero: bool
    misread: str

    @classmethod
    def of(cls, image):
        """Of an opened `PIL.TiffImagePlugin.TiffImageFile` that is not loaded yet."""
        tags = image.tag_v2
        codec, _, _, arguments = image.tile[0] if image.tile else ("", None, 0, "")
        raw_mode = arguments[0] if isinstance(arguments, tuple) else arguments
        bits = max(tags.get(_BITS_PER_SAMPLE, (1,)))
        misread = ""
        # libtiff has brought them into the machine's order already.
        if codec == "libtiff" and raw_mode in ("I;16BS", "I;32BS", "F;32BF"):
            misread = f"compressed big-endian samples of {bits} bits"
        # libtiff takes differences back for other compressions only.
        if tags.get(_COMPRESSION) == _PACK_BITS and tags.get(_PREDICTOR, 1) != 1:
            misread = "samples that are compressed by PackBits after a predictor"
        return cls(
            bits=bits,
            format=max(tags.get(_SAMPLE_FORMAT, (_UNSIGNED,))),
            white_is_zero=tags.get(_PHOTOMETRIC, 0) == 0,
            misread=misread,
        )

    def check(self, path):
        """Refuse a file that Pillow reads wrongly, grey or RGB."""
        if self.misread:
            raise GanMriError(
                f"{path}: expected a TIFF that Pillow reads rightly, received {self.misread}. Save "
                "it uncompressed, or as .npy."
            )

    def restore(self, path, array):
        """The true values of a grey picture.

        Parameters
        ----------
        path : Path
            For messages.
        array : ndarray (H, W)
            As Pillow gives it.

        Returns
        -------
        ndarray (H, W)
            uint8, int8, uint16, int16, uint32, int32 or float32; more is brighter.

        Raises
        ------
        GanMriError
            White is zero where no sample value stands for black: signed or
            floating-point samples.
        """
        if self.white_is_zero and self.format != _UNSIGNED:
            raise GanMriError(
                f"{path}: expected a TIFF in which black is zero, received signed or "
                "floating-point samples in which white is zero (WhiteIsZero), so that no value "
                "is black. Save it as BlackIsZero."
            )
        if self.format == _SIGNED:
            # 8 bits come as unsigned ones, 16 bits in 32.
            return array.view(np.int8) if self.bits == 8 else array.astype(f"i{self.bits // 8}")
        if self.format == _UNSIGNED and self.bits == 32:
            return array.view(np.uint32)
        if self.white_is_zero and array.dtype.itemsize == 2:
            return (2**self.bits - 1 - array.astype(np.int32)).astype(np.uint16)
        return array
