"""Which real test image serves as the reference of which translation.

Of a pair it is never the truth, whose colours nobody knows who needs a
translation, but about the same height in the next test subject. A single test
subject has the slice half its stack away; only where that subject has one
image does the truth serve. Without pairs the reference is the image of the
other domain with the same index, counted round. Nothing is drawn at random.
"""


def partners(split):
    """For every pair another one, whose images serve as its references.

    Parameters
    ----------
    split : gan_mri.data.Split

    Returns
    -------
    dict of (int, int) to (int, int)
        Rows of `split.pairs`.

    Examples
    --------
    With one pair a subject, every subject's partner is the next one, and the
    first is the last one's.
    """
    pairs = {}
    for a, b in split.pairs.tolist():
        pairs.setdefault(split.A.keys[a].subject, []).append((a, b))
    subjects, chosen = sorted(pairs), {}
    for number, subject in enumerate(subjects):
        own, others = pairs[subject], pairs[subjects[(number + 1) % len(subjects)]]
        shift = len(own) // 2 if len(subjects) == 1 else 0
        for position, pair in enumerate(own):
            there = (position + shift) % len(own)
            chosen[pair] = others[there * len(others) // len(own)]
    return chosen
