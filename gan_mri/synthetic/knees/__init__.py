"""Procedural knees in two colour worlds, for demonstrations, courses and tests.

`knees` makes pictures like those of paper 000 (section 4.1): knees as a 3D
medical imaging program renders them from MRI, and knees as a camera sees them.
"""

from .subjects import KINDS, Knee, knees

__all__ = ["KINDS", "Knee", "knees"]
