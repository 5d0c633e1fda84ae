"""Whole volumes through networks that do not fit in memory with all their maps.

Exactly, in slabs (`exact`), or in windows that are blended (`windows`).

Of the first: `graph` lays a network open as a list of operations
(`operations`, one family of layers a file; `parts` for layers made of others),
`stages` cuts it at the maps that are stored, `slabs` orders the work, `costs`,
`timeline` and `plan` choose heights and files, `traced` is the computation of a slab,
`moments` and `storage` keep what has been computed.
"""

from gan_mri.inference.volumes.exact import apply_exactly
from gan_mri.inference.volumes.plan import Plan, peak_memory, plan, whole_memory
from gan_mri.inference.volumes.windows import Mismatch, apply_in_windows

__all__ = [
    "Mismatch",
    "Plan",
    "apply_exactly",
    "apply_in_windows",
    "peak_memory",
    "plan",
    "whole_memory",
]
