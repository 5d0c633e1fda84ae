"""What the training loop, the exporter and `translate` need from every system."""

import keras
import tensorflow as tf

DIRECTIONS = ("A2B", "B2A")


class Translation(keras.Model):
    """Base of the systems that translate between two domains, A and B.

    A system is trained by `strategy.run(model.train_step, (batch,))`, or by
    `fit` on one device, where a batch is a pair (images of A, images of B) of
    shape `(N, *image_shape)` in [-1, 1]. It offers:

    * `networks`: every network by its name, in the order of their creation;
    * `translators`: the network or function that translates, by direction;
    * `optimizers_by_name`: its `gan_mri.optimizers.Adam`s;
    * `pools`: its image pools by name;
    * `needs_pairs`: whether A and B of a batch must be the same anatomy.
    """

    networks = {}
    translators = {}
    optimizers_by_name = {}
    pools = {}
    needs_pairs = False

    def set_learning_rate(self, factor):
        """Set every learning rate to `factor` times its initial value."""
        for optimizer in self.optimizers_by_name.values():
            optimizer.learning_rate.assign(factor * optimizer.initial_learning_rate)

    def state(self):
        """Everything that training changes, by name: what a checkpoint holds.

        Returns
        -------
        dict of str to trackable
        """
        return {
            **{f"network_{name}": net for name, net in self.networks.items()},
            **{f"optimizer_{name}": opt for name, opt in self.optimizers_by_name.items()},
            **{f"pool_{name}": pool for name, pool in self.pools.items()},
        }

    def call(self, inputs, training=False):
        """Translate a batch (A, B); returns (B as A, A as B)."""
        A, B = inputs
        return self.translators["B2A"](B), self.translators["A2B"](A)


def per_replica(loss):
    """A loss whose gradient, summed over replicas, is that of their mean."""
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    return loss / replicas if replicas > 1 else loss
