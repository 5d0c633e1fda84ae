"""CollaGAN: any one of several contrasts from all others."""

import keras
import tensorflow as tf

from gan_mri import losses, seeds
from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.layers import RandomStream
from gan_mri.models.collagan_losses import (
    adversarial_losses,
    discriminator_losses,
    structural_loss,
    where,
)
from gan_mri.models.image_terms import ImageTerms
from gan_mri.models.translation import Translation, per_replica
from gan_mri.networks.collagan import MISSING
from gan_mri.networks.collagan_translator import compose_collagan_translator
from gan_mri.networks.discriminator_features import discriminator_features
from gan_mri.networks.inputs import call_by_name
from gan_mri.tasks import Term


@keras.saving.register_keras_serializable(package="gan_mri")
class CollaGAN(Translation):
    """One generator for all contrasts, and one discriminator that also tells them apart.

    One training step is (Lee, Moon, Ye 2019 and the authors' code), for a target
    that is drawn evenly, one for all images of a batch:

    1. the generator imputes the target from the other contrasts;
    2. what it made takes the target's place, and the generator imputes each
       contrast in turn, the target among them, from all others: the cycles;
    3. the discriminator judges the real images, the imputed one and the cycles;
    4. three Adam steps, with gradients at the weights as they were before:

       * the discriminator, with the mean over the imputed image and the cycles of
         `(judgement of the real image - 1)^2 + (judgement of the synthetic one)^2`,
         plus the mean cross-entropy of the contrasts of the real images;
       * the discriminator again, by an Adam of its own, with the sum of these
         cross-entropies alone (`class_step`; the code has this third optimizer, the paper does
         not mention it);
       * the generator, with the sum, over the imputed image and the cycles, of
         `adversarial_weight (judgement - 1)^2` and `class_weight` times the
         cross-entropy of their contrasts, plus the sum, over the cycles of all
         contrasts but the target, of `cycle_weight` times the mean absolute error
         and `structure_weight` times `-log((1 + SSIM) / 2)`.

    No term compares the imputed image with the true one, unless there is a
    `supervised_weight`, or `image_losses`.

    Under `tf.distribute` every replica draws a target of its own.

    Parameters
    ----------
    generator : keras.Model
        See `gan_mri.networks.collagan_generator`.
    discriminator : keras.Model
        See `gan_mri.networks.collagan_discriminator`.
    task : gan_mri.tasks.Task
        Each from the others, in the order of the generator's images.
    adversarial_weight, class_weight, cycle_weight, structure_weight : float
        See above.
    supervised_weight : float
        Of the mean absolute error of the imputed image against the true one.
    image_losses : dict or str, optional
        Further losses of the imputed image by name and weight, see
        `gan_mri.losses.IMAGE_LOSSES`.
    class_step : bool
        Whether there is the second step of the discriminator.
    input_dropout : float
        Probability that a further contrast is missing in step 1, each by itself;
        one is always there. So trained, the generator takes fewer contrasts.
    seed : int
        Of the targets.

    Raises
    ------
    GanMriError
        For a task of another kind.
    """

    def __init__(
        self,
        generator,
        discriminator,
        task,
        *,
        adversarial_weight=1.0,
        class_weight=1.0,
        cycle_weight=10.0,
        structure_weight=1.0,
        supervised_weight=0.0,
        image_losses=None,
        class_step=True,
        input_dropout=0.0,
        seed=0,
        name="collagan",
    ):
        super().__init__(name=name)
        contrasts = len(generator.inputs) - 1
        if len(task.domains) != contrasts or task != task.each_from_the_others(task.domains):
            raise GanMriError(
                f"task: expected each of {contrasts} domains from all others, as the generator "
                f"makes them. Received: {task}."
            )
        self.generator, self.discriminator, self._task = generator, discriminator, task
        self.adversarial_weight, self.class_weight = adversarial_weight, class_weight
        self.cycle_weight, self.structure_weight = cycle_weight, structure_weight
        self.supervised_weight = supervised_weight
        self.class_step, self.input_dropout = class_step, input_dropout
        look = discriminator_features(discriminator)
        self.image_terms = ImageTerms(image_losses, task, dict.fromkeys(task.domains, look))
        self._image_losses = losses.parse_image_losses(image_losses)
        self._features = {"discriminator_features": look}
        # Below 2**31: replicas differ in the bits above.
        self._targets = RandomStream(seeds.integer(seed, "targets") % 2**31)
        self._translators = {
            direction.name: compose_collagan_translator(generator, task.domains, direction.target)
            for direction in task.directions
        }
        self.image_dtype = generator.outputs[0].dtype
        self.built = True

    @property
    def task(self):
        return self._task

    @property
    def terms(self):
        terms = {name: Term("discriminator") for name in ("D_real", "D_fake", "D_class")}
        terms["G_total"] = Term("total")
        for direction in self._task.directions:
            name, domain = direction.name, direction.target
            terms |= {
                f"adversarial_{domain}": Term("generator", self.adversarial_weight, name),
                f"class_{domain}": Term("generator", self.class_weight, name),
                f"cycle_{domain}": Term("image", self.cycle_weight, name),
            }
            if self.structure_weight:
                terms[f"structure_{domain}"] = Term("image", self.structure_weight, name)
            if self.supervised_weight:
                terms[f"supervised_{domain}"] = Term("image", self.supervised_weight, name)
        return terms | self.image_terms.terms

    @property
    def networks(self):
        return {"generator": self.generator, "discriminator": self.discriminator}

    @property
    def translators(self):
        return dict(self._translators)

    @property
    def optimizers_by_name(self):
        return dict(self._optimizers)

    @property
    def random_streams(self):
        return [*super().random_streams, self._targets]

    def make_optimizers(self, make_adam):
        judge = tf_variables(self.discriminator.trainable_variables)
        variables = {"D": judge, "C": judge, "G": tf_variables(self.generator.trainable_variables)}
        if not self.class_step:
            del variables["C"]
        self._optimizers = {name: make_adam(name=f"adam_{name}") for name in variables}
        for name, optimizer in self._optimizers.items():
            optimizer.add_group(name, variables[name])

    def train_step(self, batch):
        """The update above.

        Parameters
        ----------
        batch : dict by domain, or tuple in their order
            Images of one anatomy, `(N, *spatial, C)`, in [-1, 1].

        Returns
        -------
        dict of str to scalar tensor
            `D_real`, `D_fake`, `D_class`: the parts of the discriminator's loss;
            `G_total`, the weighted sum of the others, which are unweighted, by the
            domain of the images: `adversarial_*` and `class_*` of the cycle, plus those of
            the imputed image where the domain is the target; `cycle_*`, `structure_*`, 0
            where it is the target; `supervised_*` and image losses, 0 where it is not.
        """
        images = list(self.images_of(batch).values())
        target, kept = self._draw(len(images))
        # Two, so that neither follows what only the other asks for.
        D_tape = tf.GradientTape(persistent=True, watch_accessed_variables=False)
        G_tape = tf.GradientTape(watch_accessed_variables=False)
        with D_tape, G_tape:
            D_tape.watch(self._optimizers["D"].variables_of("D"))
            G_tape.watch(self._optimizers["G"].variables_of("G"))
            imputed, cycles = self._impute(images, target, kept)
            real = self.discriminator(tf.concat(images, 0), training=True)
            fake = self.discriminator(tf.concat([imputed, *cycles], 0), training=True)
            judged = discriminator_losses(real, fake, target)
            values = {
                f"{name}_{domain}": value
                for name, found in adversarial_losses(fake, target).items()
                for domain, value in zip(self._task.domains, found)
            }
            values |= self._image_errors(images, target, imputed, cycles)
            total = self.weighted(values)
            objectives = {
                "D": tf.add_n(list(judged.values())),
                "C": len(images) * judged["D_class"],
                "G": total,
            }
            objectives = {
                name: optimizer.scale_loss(per_replica(objectives[name]))
                for name, optimizer in self._optimizers.items()
            }
        # All before the first step changes a weight. The class alone does not reach the last layer
        # of the judgements: a gradient of 0 leaves it as it is.
        gradients = {
            name: (G_tape if name == "G" else D_tape).gradient(
                objectives[name],
                optimizer.variables_of(name),
                unconnected_gradients="zero" if name == "C" else "none",
            )
            for name, optimizer in self._optimizers.items()
        }
        for name, optimizer in self._optimizers.items():
            optimizer.apply(name, gradients[name])
        return {**judged, "G_total": total, **values}

    def _draw(self, contrasts):
        """The target's number, and which contrasts are shown in step 1, `(contrasts,)`."""
        target = tf.random.stateless_uniform(
            (), self._targets.next(), maxval=contrasts, dtype=tf.int32
        )
        others = tf.range(contrasts) != target
        if not self.input_dropout:
            return target, others
        draws = tf.random.stateless_uniform((contrasts,), self._targets.next())
        draws = tf.where(others, draws, -1.0)
        # The one with the highest draw stays, if no other does.
        stays = tf.range(contrasts) == tf.argmax(draws, output_type=tf.int32)
        return target, others & (stays | (draws >= self.input_dropout))

    def _impute(self, images, target, kept):
        """The target from what is kept, and each contrast from the others and that."""
        count, size = len(images), tf.shape(images[0])[0]
        background = tf.fill(tf.shape(images[0]), tf.constant(MISSING, images[0].dtype))
        background.set_shape(images[0].shape)
        shown = [tf.where(kept[k], image, background) for k, image in enumerate(images)]
        wanted = tf.one_hot(tf.repeat(target, size), count, dtype=images[0].dtype)
        imputed = self._generate(shown, wanted)
        complete = [tf.where(tf.equal(target, k), imputed, image) for k, image in enumerate(images)]
        # As one batch: the networks treat every image by itself.
        shown = [
            tf.concat([background if k == missing else image for missing in range(count)], 0)
            for k, image in enumerate(complete)
        ]
        wanted = tf.repeat(tf.eye(count, dtype=images[0].dtype), size, axis=0)
        return imputed, tf.split(self._generate(shown, wanted), count)

    def _generate(self, shown, wanted):
        """What is made of images by number, and the target of each, `(M, contrasts)`."""
        shape = tf.shape(shown[0])
        for _ in range(shown[0].shape.rank - 2):
            wanted = wanted[:, tf.newaxis]
        planes = tf.broadcast_to(wanted, tf.concat([shape[:-1], [len(shown)]], 0))
        planes.set_shape((*shown[0].shape[:-1], len(shown)))
        inputs = {f"image_{number}": image for number, image in enumerate(shown, 1)}
        return call_by_name(self.generator, inputs | {"target": planes}, training=True)

    def _image_errors(self, images, target, imputed, cycles):
        """Of the cycles of what was given, and of the imputed image if that is asked for."""
        values, direct = {}, {}
        truth = tf.gather(tf.stack(images), target)
        if self.supervised_weight:
            direct["supervised"] = losses.mean_absolute_error(truth, imputed)
        direct |= losses.measured(self._image_losses, truth, imputed, features=self._features)
        for k, domain in enumerate(self._task.domains):
            is_target = tf.equal(target, k)
            of_cycle = {"cycle": losses.mean_absolute_error(images[k], cycles[k])}
            if self.structure_weight:
                of_cycle["structure"] = structural_loss(images[k], cycles[k])
            values |= {f"{name}_{domain}": where(~is_target, v) for name, v in of_cycle.items()}
            values |= {f"{name}_{domain}": where(is_target, v) for name, v in direct.items()}
        return values
