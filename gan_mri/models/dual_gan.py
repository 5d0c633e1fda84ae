"""Dual GAN: a mask out of noise, and an image of the mask."""

import keras
import tensorflow as tf

from gan_mri import losses, seeds
from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.layers import RandomStream, one_power_iteration
from gan_mri.models.pix2pix import Pix2Pix
from gan_mri.models.translation import Translation, per_replica
from gan_mri.tasks import Task, Term


@keras.saving.register_keras_serializable(package="gan_mri")
class DualGAN(Translation):
    """Stage I, a DCGAN of masks, and stage II, pix2pix from masks to images, side by side.

    One training step is, in this order (Guibas, Virdi, Li 2017):

    1. stage I draws noise and makes masks of it; one Adam step for its
       discriminator, which sees real masks and these;
    2. `mask_generator_steps` Adam steps for its generator, on the same noise,
       against the discriminator as it is now;
    3. stage II: a step of `gan_mri.models.Pix2Pix` on real masks and their images.

    Neither stage sees what the other makes: they could be trained one after the
    other, and meet when images are generated.

    Parameters
    ----------
    mask_generator : keras.Model
        From `noise` `(N, K)` to masks, see `gan_mri.networks.dcgan`.
    mask_discriminator : keras.Model
        From masks to judgements.
    generator, discriminator : keras.Model
        Stage II's, see `gan_mri.models.Pix2Pix`.
    task : gan_mri.tasks.Task
        Of two directions: the image from the mask, and the mask from noise.
    mask_generator_steps : int
        From 1.
    image_rate, image_beta_1, image_beta_2 : float
        Of stage II's Adams; those of `compile` are stage I's.
    adversarial_weight, image_losses
        Of stage II.
    seed : int
        Of the noise.

    Raises
    ------
    GanMriError
        For a task of other directions, or losses that stage II cannot compute.
    """

    def __init__(
        self,
        mask_generator,
        mask_discriminator,
        generator,
        discriminator,
        task,
        *,
        mask_generator_steps=2,
        image_rate=1e-3,
        image_beta_1=0.0,
        image_beta_2=0.9,
        adversarial_weight=1.0,
        image_losses="l1:1",
        seed=0,
        name="dual_gan",
    ):
        super().__init__(name=name)
        self._painting, self._drawing = _directions(task)
        self._task = task
        self.mask_generator, self.mask_discriminator = mask_generator, mask_discriminator
        # The cross-entropy of both as it is, not halved.
        self._game = losses.adversarial("bce", discriminator_factor=1.0)
        self._steps = mask_generator_steps
        self._image_adam = {"learning_rate": image_rate}
        self._image_adam |= {"beta_1": image_beta_1, "beta_2": image_beta_2}
        self._noise_stream = RandomStream(seeds.integer(seed, "noise") % 2**31)
        self.painter = Pix2Pix(
            generator,
            discriminator,
            Task(task.domains, (self._painting,), task.domains),
            adversarial="bce",
            adversarial_weight=adversarial_weight,
            image_losses=image_losses,
            seed=seed,
        )
        self.image_dtype = self.painter.image_dtype
        self.built = True

    @property
    def task(self):
        return self._task

    @property
    def terms(self):
        drawing = self._drawing.name
        stage_2 = {_renamed(name): term for name, term in self.painter.terms.items()}
        return {
            "D_mask_real": Term("discriminator", 1.0, drawing),
            "D_mask_fake": Term("discriminator", 1.0, drawing),
            "adversarial_mask": Term("generator", 1.0, drawing),
            **stage_2,
        }

    @property
    def networks(self):
        return {
            "mask_generator": self.mask_generator,
            "mask_discriminator": self.mask_discriminator,
            **self.painter.networks,
        }

    @property
    def translators(self):
        return {
            self._painting.name: self.painter.generator,
            self._drawing.name: self.mask_generator,
        }

    @property
    def optimizers_by_name(self):
        stage_2 = self.painter.optimizers_by_name
        return {"D_mask": self.D_mask_optimizer, "G_mask": self.G_mask_optimizer, **stage_2}

    @property
    def random_streams(self):
        return [self._noise_stream, *self.painter.random_streams]

    def make_optimizers(self, make_adam):
        self.D_mask_optimizer = make_adam(name="adam_D_mask")
        self.G_mask_optimizer = make_adam(name="adam_G_mask")
        for group, optimizer, network in (
            ("D", self.D_mask_optimizer, self.mask_discriminator),
            ("G", self.G_mask_optimizer, self.mask_generator),
        ):
            optimizer.add_group(group, tf_variables(network.trainable_variables))
        self.painter.make_optimizers(lambda name: make_adam(name=name, **self._image_adam))

    def train_step(self, batch):
        """The update above.

        Parameters
        ----------
        batch : dict by domain, or tuple in their order
            Masks and images of one anatomy, `(N, *spatial, C)`, in [-1, 1].

        Returns
        -------
        dict of str to scalar tensor
            `D_mask_real`, `D_mask_fake`, before the update; `adversarial_mask`, of the
            generator's first step; `D_image_real`, `D_image_fake`, `adversarial_image` and
            the image losses of stage II; `G_total`, the weighted sum of both stages.
        """
        images = self.images_of(batch)
        results = self._train_stage_1(images[self._drawing.target])
        stage_2 = self.painter.train_step(images)
        results |= {_renamed(name): value for name, value in stage_2.items()}
        return results | {"G_total": stage_2["G_total"] + results["adversarial_mask"]}

    def _train_stage_1(self, real):
        # tf.shape, because the last batch of an export or a test may be of any length.
        noise = tf.random.stateless_uniform(
            (tf.shape(real)[0], self._drawing.noise), self._noise_stream.next(), -1.0, 1.0
        )
        noise = tf.cast(noise, self.image_dtype)
        with one_power_iteration():
            results = self._train_discriminator(real, noise)
            for _ in range(self._steps):
                loss = self._train_generator(noise)
                results.setdefault("adversarial_mask", loss)
        return results

    def _train_discriminator(self, real, noise):
        optimizer = self.D_mask_optimizer
        fake = tf.stop_gradient(self.mask_generator(noise, training=True))
        variables = optimizer.variables_of("D")
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            judged = (self.mask_discriminator(masks, training=True) for masks in (real, fake))
            D_real, D_fake = (
                self._game.discriminator(judgements, is_real)
                for judgements, is_real in zip(judged, (True, False))
            )
            objective = optimizer.scale_loss(per_replica(D_real + D_fake))
        optimizer.apply("D", tape.gradient(objective, variables))
        return {"D_mask_real": D_real, "D_mask_fake": D_fake}

    def _train_generator(self, noise):
        optimizer = self.G_mask_optimizer
        variables = optimizer.variables_of("G")
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            fake = self.mask_generator(noise, training=True)
            loss = self._game.generator(self.mask_discriminator(fake, training=True))
            objective = optimizer.scale_loss(per_replica(loss))
        optimizer.apply("G", tape.gradient(objective, variables))
        return loss


def _directions(task):
    """The direction of stage II and that of stage I."""
    painting = [way for way in task.directions if len(way.sources) == 1]
    drawing = [way for way in task.directions if way.noise]
    if (
        len(painting) != 1
        or len(task.directions) != 2
        or [way.target for way in drawing] != list(painting[0].sources)
    ):
        raise GanMriError(
            "task: expected two directions, an image from a mask and this mask from noise. "
            f"Received: {', '.join(way.name for way in task.directions)}."
        )
    return painting[0], drawing[0]


def _renamed(name):
    """A term of pix2pix as that of stage II; image losses name what they are of."""
    own = {"D_real": "D_image_real", "D_fake": "D_image_fake", "adversarial": "adversarial_image"}
    return own.get(name, name)
