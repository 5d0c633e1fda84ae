"""Several workers that train together: whether there are any, and what happens when one is lost."""

import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.training.stopping import RESUME_STATUS

#: What TensorFlow raises, sooner or later, when another worker does not answer.
WORKER_IS_LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
)


class WorkerLost(GanMriError):
    """One of several workers has gone: the others stop, and the run can go on from a checkpoint."""

    status = RESUME_STATUS


def several_workers(strategy):
    """Whether a strategy has more processes than this one.

    Parameters
    ----------
    strategy : tf.distribute.Strategy

    Returns
    -------
    bool
    """
    resolver = getattr(strategy, "cluster_resolver", None)
    if resolver is None or resolver.task_type is None:
        return False
    return sum(map(len, resolver.cluster_spec().as_dict().values())) > 1
