"""Doubts about an input before it is translated: its header, and what the model was trained on.

    image -> overview (few voxels of the whole) -> header: orientation, place, symmetry
    image -> looks (few slices, as the network sees them) -> quantities -> against the card's ranges

The card of a model has the ranges of the same quantities over training files (`ranges`). A range
of few files is widened (`quantities`), so that another subject of the same kind raises no doubt.
"""
