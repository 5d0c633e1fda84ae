"""A procedural brain for demonstrations, courses and tests.

`phantom` makes arrays, `phantom_bids` a folder of NIfTI files.
"""

from .bids import phantom_bids
from .contrasts import CONTRASTS
from .named_scanners import SCANNERS, Scanner
from .subjects import PhantomSubject, phantom
from .tissues import TISSUES

__all__ = [
    "CONTRASTS",
    "SCANNERS",
    "TISSUES",
    "PhantomSubject",
    "Scanner",
    "phantom",
    "phantom_bids",
]
