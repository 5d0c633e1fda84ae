"""In which order a training run sees its images."""

import numpy as np


def epoch_order(split, *, batch_size, paired, seed, epoch):
    """Indices of the images of every step of an epoch.

    Each image of the larger domain comes once (the last batch is filled up
    with a second round); the smaller domains go through as many rounds as
    needed, each in a new random order. The paired domains of a row show one
    anatomy. The order follows from the seed and the epoch alone, so a
    resumed run continues where it was.

    Parameters
    ----------
    split : gan_mri.data.Split
    batch_size : int
        Over all replicas.
    paired : sequence of str
        Domains, as `gan_mri.tasks.Task.paired`.
    seed, epoch : int

    Returns
    -------
    ndarray of int (steps, batch_size, domains)
        Indices into the samples of each domain.
    """
    rng = np.random.default_rng([seed, epoch])
    images = steps_of_epoch(split, batch_size=batch_size, paired=paired) * batch_size
    columns = {}
    if paired:
        matched = split.matched(paired)
        rows = matched[_rounds(len(matched), images, rng)]
        columns = dict(zip(paired, rows.T))
    for domain in split.domains:
        if domain not in columns:
            columns[domain] = _rounds(len(split[domain]), images, rng)
    order = np.stack([columns[domain] for domain in split.domains], axis=-1)
    return order.reshape(-1, batch_size, len(split.domains))


def steps_of_epoch(split, *, batch_size, paired):
    """How many steps `epoch_order` has."""
    counts = [len(split[domain]) for domain in split.domains if domain not in paired]
    counts += [len(split.matched(paired))] if paired else []
    return -(-max(counts) // batch_size)


def _rounds(images, wanted, rng):
    """`wanted` indices below `images`: permutation after permutation."""
    rounds = -(-wanted // images)
    return np.concatenate([rng.permutation(images) for _ in range(rounds)])[:wanted]
