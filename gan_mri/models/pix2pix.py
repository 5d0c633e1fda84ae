"""pix2pix: paired translation in one direction, judged beside its source."""

import keras
import tensorflow as tf

from gan_mri import losses
from gan_mri.backend import tf_variables
from gan_mri.layers import RandomStream, one_power_iteration, random_streams
from gan_mri.models.image_terms import ImageTerms
from gan_mri.models.translation import Translation, per_replica
from gan_mri.networks.discriminator_features import discriminator_features
from gan_mri.networks.inputs import call_by_name
from gan_mri.tasks import Term


@keras.saving.register_keras_serializable(package="gan_mri")
class Pix2Pix(Translation):
    """One generator and one discriminator that sees the source beside the image.

    One training step is, in this order (Isola et al. 2017, section 3):

    1. the generator translates;
    2. one Adam step for the discriminator on the sum of its losses of the real
       and of the synthetic pair;
    3. one Adam step for the generator, against the discriminator as it is now:
       `adversarial_weight` times the adversarial loss plus the weighted `image_losses`.

    Parameters
    ----------
    generator : keras.Model
        Of an image, or of several sources by their names.
    discriminator : keras.Model
        Of the inputs `image` and `source`, see
        `gan_mri.networks.conditional_discriminator`; several sources, and neighbouring
        slices, come to it side by side, as channels.
    task : gan_mri.tasks.Task
        Of one direction; its domains paired.
    adversarial : str
        See `gan_mri.losses.adversarial`.
    adversarial_weight : float
    image_losses : dict or str
        By name and weight, see `gan_mri.losses.IMAGE_LOSSES`.
    seed : int
        Of the points of a gradient penalty.
    """

    def __init__(
        self,
        generator,
        discriminator,
        task,
        *,
        adversarial="bce",
        adversarial_weight=1.0,
        image_losses="l1:100",
        seed=0,
        name="pix2pix",
    ):
        super().__init__(name=name)
        self.generator, self.discriminator, self._task = generator, discriminator, task
        (self._direction,) = task.directions
        self.adversarial = losses.adversarial(adversarial)
        self.adversarial_weight = adversarial_weight
        self._features = discriminator_features(discriminator.get_layer("judge"))
        self.image_terms = ImageTerms(image_losses, task, {self._direction.target: self._see})
        self._penalty_stream = RandomStream(seed) if self.adversarial.penalty_weight else None
        self._source = None
        self.image_dtype = generator.outputs[0].dtype
        self.built = True

    @property
    def task(self):
        return self._task

    @property
    def terms(self):
        name = self._direction.name
        return {
            "D_real": Term("discriminator", 1.0, name),
            "D_fake": Term("discriminator", 1.0, name),
            "G_total": Term("total"),
            "adversarial": Term("generator", self.adversarial_weight, name),
            **self.image_terms.terms,
        }

    @property
    def networks(self):
        return {"generator": self.generator, "discriminator": self.discriminator}

    @property
    def translators(self):
        return {self._direction.name: self.generator}

    @property
    def optimizers_by_name(self):
        return {"D": self.D_optimizer, "G": self.G_optimizer}

    @property
    def random_streams(self):
        streams = random_streams(self.generator)
        return streams + ([self._penalty_stream] if self._penalty_stream else [])

    def make_optimizers(self, make_adam):
        self.D_optimizer, self.G_optimizer = make_adam(name="adam_D"), make_adam(name="adam_G")
        self.D_optimizer.add_group("D", tf_variables(self.discriminator.trainable_variables))
        self.G_optimizer.add_group("G", tf_variables(self.generator.trainable_variables))

    def train_step(self, batch):
        """The update above.

        Parameters
        ----------
        batch : dict by domain, or tuple in their order
            Images of one anatomy, `(N, *spatial, C)`, in [-1, 1]; those of the source with
            their neighbouring slices, if the task has any.

        Returns
        -------
        dict of str to scalar tensor
            `D_real`, `D_fake`, before the discriminator's update; `G_total`, the
            weighted sum of `adversarial` and the image losses, which are unweighted.
        """
        images = self.images_of(batch)
        inputs, truth = self._direction.inputs(images), images[self._direction.target]
        source = tf.concat(list(inputs.values()), axis=-1)
        variables = self.G_optimizer.variables_of("G")
        tape = tf.GradientTape(watch_accessed_variables=False)
        with one_power_iteration():
            with tape:
                tape.watch(variables)
                fake = call_by_name(self.generator, inputs, training=True)
            results = self._train_discriminator(truth, fake, source)
            with tape:
                self._source = source
                judged = self._judge(fake, source)
                values = {"adversarial": self.adversarial.generator(judged)}
                first = self._task.alone(images)[self._direction.sources[0]]
                values |= self.image_terms.measure(self._direction, truth, fake, first)
                self._source = None
                total = self.weighted(values)
                objective = self.G_optimizer.scale_loss(per_replica(total))
            self.G_optimizer.apply("G", tape.gradient(objective, variables))
        return {**results, "G_total": total, **values}

    def _train_discriminator(self, real, fake, source):
        variables = self.D_optimizer.variables_of("D")
        fake = tf.stop_gradient(fake)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            D_real = self.adversarial.discriminator(self._judge(real, source), True)
            D_fake = self.adversarial.discriminator(self._judge(fake, source), False)
            loss = D_real + D_fake
            if self._penalty_stream:
                penalty = losses.gradient_penalty(
                    lambda image: self._judge(image, source),
                    real,
                    fake,
                    self._penalty_stream.next(),
                )
                loss += self.adversarial.penalty_weight * penalty
            objective = self.D_optimizer.scale_loss(per_replica(loss))
        self.D_optimizer.apply("D", tape.gradient(objective, variables))
        return {"D_real": D_real, "D_fake": D_fake}

    def _judge(self, image, source):
        return self.discriminator([image, source], training=True)

    def _see(self, image):
        """What the discriminator's layers make of an image beside the present source."""
        return self._features(tf.concat([image, self._source], axis=-1))
