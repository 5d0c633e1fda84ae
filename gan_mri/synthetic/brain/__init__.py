"""A procedural brain for demonstrations, courses and tests.

`phantom` makes arrays, `phantom_bids` a folder of NIfTI files.
"""

from .bids import phantom_bids
from .contrasts import CONTRASTS
from .subjects import PhantomSubject, phantom
from .tissues import TISSUES

__all__ = ["CONTRASTS", "TISSUES", "PhantomSubject", "phantom", "phantom_bids"]
