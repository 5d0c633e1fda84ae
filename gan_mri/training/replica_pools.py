"""The image pools of every replica: each holds other images, and a checkpoint one copy alone."""

import tensorflow as tf


class ReplicaPools:
    """Reads and writes the pools of all replicas of a model.

    Parameters
    ----------
    model : gan_mri.models.translation.Translation
    strategy : tf.distribute.Strategy
        Under which the model was built.

    Attributes
    ----------
    replicas : int
        0 where a checkpoint of the model's variables holds everything: there is one replica, or
        nothing in the pools.
    """

    def __init__(self, model, strategy):
        pools = [pool for _, pool in sorted(getattr(model, "pools", {}).items()) if pool.size]
        several = strategy.num_replicas_in_sync > 1 and pools
        self.replicas = strategy.num_replicas_in_sync if several else 0
        self._strategy = strategy
        self._variables = [variable for pool in pools for variable in (pool.images, pool.queries)]

    def gathered(self):
        """A checkpoint of all pools, replicas along a first axis; None where there are no others.

        All workers must call it together.

        Returns
        -------
        tf.train.Checkpoint or None
        """
        if not self.replicas:
            return None
        return self._checkpoint([tf.Variable(value) for value in self._gather()])

    def restore(self, prefix):
        """Give every replica its pools back.

        Parameters
        ----------
        prefix : str
            Of what `gathered` wrote, by as many replicas.
        """
        kept = [
            tf.Variable(tf.zeros((self.replicas, *variable.shape), variable.dtype))
            for variable in self._variables
        ]
        self._checkpoint(kept).read(prefix).assert_consumed()
        self._scatter(*map(tf.convert_to_tensor, kept))

    @staticmethod
    def _checkpoint(variables):
        return tf.train.Checkpoint(**{f"value_{k}": one for k, one in enumerate(variables)})

    @tf.function
    def _gather(self):
        def own():
            return [tf.convert_to_tensor(v)[tf.newaxis] for v in self._variables]

        values = self._strategy.run(own)
        return [self._strategy.gather(value, axis=0) for value in values]

    @tf.function
    def _scatter(self, *values):
        def own(*values):
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            for variable, value in zip(self._variables, values):
                variable.assign(value[replica])

        self._strategy.run(own, args=values)
