"""Two generators and nothing else: supervised translation in both directions."""

import keras
import tensorflow as tf

from gan_mri import losses
from gan_mri.backend import tf_variables
from gan_mri.models.translation import Translation, per_replica


@keras.saving.register_keras_serializable(package="gan_mri")
class Generators(Translation):
    """Generators trained with the mean absolute error against the true image.

    One training step is one Adam step for A -> B and one for B -> A, each with
    an Adam of its own. With CycleGAN's generators this is Generators_s of
    paper 001, with `gan_mri.networks.simple_generator` its Simple.

    Parameters
    ----------
    G_A2B, G_B2A : keras.Model
        Images to images.
    """

    needs_pairs = True

    def __init__(self, G_A2B, G_B2A, *, name="generators"):
        super().__init__(name=name)
        self.G_A2B, self.G_B2A = G_A2B, G_B2A
        self.image_dtype = G_A2B.outputs[0].dtype
        self.built = True

    @property
    def networks(self):
        return {"G_A2B": self.G_A2B, "G_B2A": self.G_B2A}

    @property
    def translators(self):
        return {"A2B": self.G_A2B, "B2A": self.G_B2A}

    @property
    def optimizers_by_name(self):
        return {"A2B": self.A2B_optimizer, "B2A": self.B2A_optimizer}

    def make_optimizers(self, make_adam):
        self.A2B_optimizer = make_adam(name="adam_A2B")
        self.B2A_optimizer = make_adam(name="adam_B2A")
        for direction, optimizer in self.optimizers_by_name.items():
            network = self.translators[direction]
            optimizer.add_group("G", tf_variables(network.trainable_variables))

    def train_step(self, batch):
        """The update above.

        Parameters
        ----------
        batch : (tensor, tensor)
            Pairs of images, `(N, H, W, C)`, in [-1, 1].

        Returns
        -------
        dict of str to scalar tensor
            `supervised_A`, `supervised_B`: mean absolute errors of the
            translations to A and to B; `G_total`, their sum.
        """
        A, B = (tf.cast(images, self.image_dtype) for images in batch)
        results = {
            "supervised_A": self._train("B2A", B, A),
            "supervised_B": self._train("A2B", A, B),
        }
        return {"G_total": tf.add_n(list(results.values())), **results}

    def _train(self, direction, source, truth):
        optimizer = self.optimizers_by_name[direction]
        variables = optimizer.variables_of("G")
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            translated = self.translators[direction](source, training=True)
            loss = losses.mean_absolute_error(truth, translated)
            objective = optimizer.scale_loss(per_replica(loss))
        optimizer.apply("G", tape.gradient(objective, variables))
        return loss
