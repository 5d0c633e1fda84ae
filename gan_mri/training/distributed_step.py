"""A training step on all replicas of all workers, and what the workers agree on meanwhile."""

import tensorflow as tf

from gan_mri.training.workers import several_workers


class DistributedStep:
    """Runs `model.train_step` under a strategy.

    Parameters
    ----------
    model : gan_mri.models.translation.Translation
        Built under the strategy's scope.
    strategy : tf.distribute.Strategy
    """

    def __init__(self, model, strategy):
        self._model, self._strategy = model, strategy
        self._shares = several_workers(strategy)
        self._names = None
        self._function = tf.function(self._traced)

    def __call__(self, batch, wishes):
        """Make one step.

        Parameters
        ----------
        batch : dict of str to tensor
            Images by domain.
        wishes : list of bool
            Of this worker: signals and clocks of the workers differ.

        Returns
        -------
        (dict of str to float, list of bool)
            The losses, means over the replicas; and for each wish whether any worker has it.
        """
        shared = [tf.constant(wishes, tf.float64)] if self._shares else []
        values = self._function(batch, *shared).numpy().tolist()
        count = len(self._names)
        agreed = [wish > 0 for wish in values[count:]] if self._shares else list(wishes)
        return dict(zip(self._names, values[:count])), agreed

    def _traced(self, batch, wishes=None):
        losses = self._strategy.run(self._model.train_step, (batch,))
        self._names = list(losses)
        # One vector, so that the host waits for one number and not for ten.
        values = [
            self._strategy.reduce(tf.distribute.ReduceOp.MEAN, loss, axis=None)
            for loss in losses.values()
        ]
        if wishes is not None:
            wishes = self._strategy.run(tf.identity, (wishes,))
            wishes = self._strategy.reduce(tf.distribute.ReduceOp.SUM, wishes, axis=None)
            values += tf.unstack(tf.cast(wishes, values[0].dtype))
        return tf.stack(values)
