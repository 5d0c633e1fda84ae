"""In which order a training run sees its images."""

import numpy as np


def epoch_order(split, *, batch_size, paired, seed, epoch):
    """Indices of the images of every step of an epoch.

    Each image of the larger domain comes once (the last batch is filled up
    with a second round); the smaller domain goes through as many rounds as
    needed, each in a new random order. With `paired` the two images of a row
    are a pair. The order follows from the seed and the epoch alone, so a
    resumed run continues where it was.

    Parameters
    ----------
    split : gan_mri.data.Split
    batch_size : int
        Over all replicas.
    paired : bool
    seed, epoch : int

    Returns
    -------
    ndarray of int (steps, batch_size, 2)
        (index into A, index into B).
    """
    rng = np.random.default_rng([seed, epoch])
    if paired:
        rows = _rounds(len(split.pairs), _steps(len(split.pairs), batch_size), rng)
        return split.pairs[rows].reshape(-1, batch_size, 2)
    steps = _steps(max(len(split.A), len(split.B)), batch_size)
    columns = [_rounds(len(domain), steps, rng) for domain in (split.A, split.B)]
    return np.stack(columns, axis=-1).reshape(-1, batch_size, 2)


def steps_of_epoch(split, *, batch_size, paired):
    """How many steps `epoch_order` has."""
    if paired:
        return _steps(len(split.pairs), batch_size) // batch_size
    return _steps(max(len(split.A), len(split.B)), batch_size) // batch_size


def _steps(images, batch_size):
    """Images of an epoch, filled up to whole batches."""
    return -(-images // batch_size) * batch_size


def _rounds(images, wanted, rng):
    """`wanted` indices below `images`: permutation after permutation."""
    rounds = -(-wanted // images)
    return np.concatenate([rng.permutation(images) for _ in range(rounds)])[:wanted]
