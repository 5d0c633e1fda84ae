"""Learning-rate schedules: pure functions of the step."""


def linear_decay(step, *, steps_per_epoch, epochs, decay_epoch):
    """Constant for `decay_epoch` epochs, then linear to 0 at the end.

    This is what GAN-MRI means to do (constant for 101 epochs, then down to 0
    at the end of epoch 200); its own decrements in float32 miss 0, and with
    identity learning or larger batches they stop early.

    Parameters
    ----------
    step : int
        Steps done before this one.
    steps_per_epoch, epochs, decay_epoch : int

    Returns
    -------
    float
        Factor of the initial rate: 1 until the decay starts, 0 after the last
        step. Always 1 if `epochs` is not larger than `decay_epoch`.
    """
    if epochs <= decay_epoch:
        return 1.0
    done = step - decay_epoch * steps_per_epoch
    length = (epochs - decay_epoch) * steps_per_epoch
    return min(1.0, max(0.0, 1.0 - done / length))
