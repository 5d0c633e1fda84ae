"""What the training loop, the exporter and `translate` need from every system."""

import functools

import keras
import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.layers import random_streams
from gan_mri.networks.inputs import call_by_name, takes_reference
from gan_mri.optimizers import Adam
from gan_mri.tasks import TWO_DOMAINS


class Translation(keras.Model):
    """Base of the systems that translate between domains.

    A system is trained by `strategy.run(model.train_step, (batch,))`, or by
    `fit` on one device, where a batch is a dict from domain to images of shape
    `(N, *image_shape)` in [-1, 1], or a tuple of them in the order of the
    domains. It offers:

    * `task`: its domains, what must be paired, its directions;
    * `terms`: what each number is that `train_step` returns, by name;
    * `networks`: every network by its name, in the order of their creation;
    * `translators`: the network that translates, by the name of the direction.
      Its inputs are found by their names: `image` for a single source, the
      domains for several; if it makes the image after a reference, also
      `reference`: images of the target domain in [-1, 1], `(N, H', W', C)`, of
      any size;
    * `exported_translators`: the same with the weights that are exported, where
      these are not the trained ones (a running average, say);
    * `optimizers_by_name`: its `gan_mri.optimizers.Adam`s;
    * `pools`: its image pools by name;
    * `random_streams`: where its noise and dropout take their numbers from;
    * `image_dtype`: of the images that it computes with.
    """

    task = TWO_DOMAINS
    terms = {}
    networks = {}
    translators = {}
    optimizers_by_name = {}
    pools = {}

    @property
    def random_streams(self):
        """Those of the networks, each once."""
        found = []
        for network in self.networks.values():
            found += [stream for stream in random_streams(network) if stream not in found]
        return found

    @property
    def exported_translators(self):
        """By direction; by default the trained ones."""
        return self.translators

    @property
    def needs_pairs(self):
        """Whether some images of a row of a batch must show the same anatomy."""
        return bool(self.task.paired)

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
                learning_rate=learning_rate,
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
            `make_adam(name=...)` gives an Adam with the settings of `compile`, or with
            others where these are named.
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

    def images_of(self, batch):
        """A batch as a dict by domain, in the precision of the system."""
        found = self.task.batch(batch)
        return {domain: tf.cast(images, self.image_dtype) for domain, images in found.items()}

    def weighted(self, values):
        """The sum of some terms, each times its weight in `terms`.

        Parameters
        ----------
        values : dict of str to scalar tensor

        Returns
        -------
        scalar tensor

        Raises
        ------
        GanMriError
            For a term that the system does not declare.
        """
        terms = self.terms
        unknown = [name for name in values if name not in terms]
        if unknown:
            raise GanMriError(
                f"{type(self).__name__}.terms: expected a kind and a weight of every term. "
                f"Received none of {', '.join(unknown)}."
            )
        return sum(terms[name].weight * value for name, value in values.items())

    def call(self, inputs, training=False):
        """Translate a batch in every direction.

        Where a translator takes a reference, it is the target's image of the batch.

        Parameters
        ----------
        inputs : dict by domain, or tuple in the order of the domains

        Returns
        -------
        dict or tuple
            What was made of each domain, in the form of `inputs`. Domains into which nothing
            is translated are left out.
        """
        images = self.task.batch(inputs)
        made = {}
        for direction in self.task.directions:
            network = self.translators[direction.name]
            reference = images[direction.target] if takes_reference(network) else None
            made[direction.target] = call_by_name(network, direction.inputs(images, reference))
        if isinstance(inputs, dict):
            return made
        return tuple(made[domain] for domain in self.task.domains if domain in made)


def per_replica(loss):
    """A loss whose gradient, summed over replicas, is that of their mean."""
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    return loss / replicas if replicas > 1 else loss


def check_paired(task):
    """Refuse a task for a system that compares all of its translations with true images.

    Raises
    ------
    GanMriError
        If a domain is not paired.
    """
    unpaired = [name for name in task.domains if name not in task.paired]
    if unpaired:
        raise GanMriError(
            "task: expected all domains to be paired, for errors against the true image. "
            f"Received {', '.join(unpaired)}, which are not."
        )
