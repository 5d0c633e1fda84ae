"""Which real test image serves as the reference of which translation.

Of a pair it is never the truth, whose colours nobody knows who needs a
translation, but about the same height in the next test subject. A single test
subject has the slice half its stack away; only where that subject has one
image does the truth serve. Without pairs the reference is the image of the
target's domain with the same index, counted round. Nothing is drawn at random.
"""


def partners(rows, subjects):
    """For every row of matching images another one, whose images serve as its references.

    Parameters
    ----------
    rows : sequence of tuple of int
        From `gan_mri.data.Split.matched`: an index for each domain.
    subjects : sequence of str
        Of each row.

    Returns
    -------
    dict of tuple to tuple
        Row to row.

    Examples
    --------
    With one row a subject, every subject's partner is the next one, and the
    first is the last one's:

    >>> partners([(0, 5), (1, 6)], ["sub-1", "sub-2"])
    {(0, 5): (1, 6), (1, 6): (0, 5)}
    """
    rows_of = {}
    for row, subject in zip(rows, subjects, strict=True):
        rows_of.setdefault(subject, []).append(row)
    names, chosen = sorted(rows_of), {}
    for number, name in enumerate(names):
        own, others = rows_of[name], rows_of[names[(number + 1) % len(names)]]
        shift = len(own) // 2 if len(names) == 1 else 0
        for position, row in enumerate(own):
            there = (position + shift) % len(own)
            chosen[row] = others[there * len(others) // len(own)]
    return chosen
