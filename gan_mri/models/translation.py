"""What the training loop, the exporter and `translate` need from every system."""

import functools

import keras
import tensorflow as tf

from gan_mri.optimizers import Adam

DIRECTIONS = ("A2B", "B2A")


class Translation(keras.Model):
    """Base of the systems that translate between two domains, A and B.

    A system is trained by `strategy.run(model.train_step, (batch,))`, or by
    `fit` on one device, where a batch is a pair (images of A, images of B) of
    shape `(N, *image_shape)` in [-1, 1]. It offers:

    * `networks`: every network by its name, in the order of their creation;
    * `translators`: the network that translates, by direction. Its input is
      `image`; if it makes the image after a reference, a second input
      `reference` follows: images of the target domain in [-1, 1], `(N, H', W',
      C)`, of any size. One direction may take a reference and the other not;
    * `optimizers_by_name`: its `gan_mri.optimizers.Adam`s;
    * `pools`: its image pools by name;
    * `random_streams`: where its noise and dropout take their numbers from;
    * `needs_pairs`: whether A and B of a batch must be the same anatomy;
    * `image_dtype`: of the images that it computes with.
    """

    networks = {}
    translators = {}
    optimizers_by_name = {}
    pools = {}
    random_streams = []
    needs_pairs = False

    def compile(
        self,
        *,
        learning_rate=2e-4,
        beta_1=0.5,
        beta_2=0.999,
        loss_scaling=False,
        run_eagerly=False,
    ):
        """Make the optimizers.

        Parameters
        ----------
        learning_rate, beta_1, beta_2 : float
            Of every Adam.
        loss_scaling : bool
            For float16, see `gan_mri.optimizers.Adam`.
        run_eagerly : bool
            For debugging under `fit`.
        """
        # XLA slows a whole training step down on CPU and fails on replicas.
        super().compile(run_eagerly=run_eagerly, jit_compile=False)
        self.make_optimizers(
            functools.partial(
                Adam,
                learning_rate,
                beta_1=beta_1,
                beta_2=beta_2,
                dtype=self.image_dtype,
                loss_scaling=loss_scaling,
            )
        )

    def make_optimizers(self, make_adam):
        """Make every Adam of the system, with its groups of variables.

        Parameters
        ----------
        make_adam : callable
            `make_adam(name=...)` gives an Adam with the settings of `compile`.
        """
        raise NotImplementedError

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
            **{f"random_{k}": s.count for k, s in enumerate(self.random_streams)},
        }

    def call(self, inputs, training=False):
        """Translate a batch (A, B); returns (B as A, A as B).

        Where a translator takes a reference, it is the other image of the batch.
        """
        A, B = inputs
        return (
            apply_translator(self.translators["B2A"], B, A),
            apply_translator(self.translators["A2B"], A, B),
        )


def takes_reference(translator):
    """Whether a translator needs a reference image beside the image.

    Parameters
    ----------
    translator : keras.Model
        One of `Translation.translators`, or a generator, whose second input
        may be the histogram of the reference.

    Returns
    -------
    bool
    """
    return len(translator.inputs) == 2


def apply_translator(translator, images, references=None, **options):
    """Call a translator, with references if it takes any.

    Parameters
    ----------
    translator : keras.Model
        As for `takes_reference`.
    images : tensor (N, H, W, C)
    references : tensor (N, H', W', C), optional
        Ignored by a translator that takes none.
    **options
        Of the call, such as `training`.
    """
    inputs = [images, references] if takes_reference(translator) else images
    return translator(inputs, **options)


def per_replica(loss):
    """A loss whose gradient, summed over replicas, is that of their mean."""
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    return loss / replicas if replicas > 1 else loss
