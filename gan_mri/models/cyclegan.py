"""CycleGAN with GAN-MRI's update."""

import keras
import tensorflow as tf

from gan_mri import losses
from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.layers import one_power_iteration
from gan_mri.models.adversarial_game import AdversarialGame
from gan_mri.models.image_pool import ImagePool
from gan_mri.models.image_terms import ImageTerms
from gan_mri.models.translation import Translation, per_replica
from gan_mri.networks.discriminator_features import discriminator_features
from gan_mri.networks.inputs import call_by_name
from gan_mri.tasks import Task, Term

#: Domain to the direction that makes its images.
_MADE_BY = {"A": "B2A", "B": "A2B"}


@keras.saving.register_keras_serializable(package="gan_mri")
class CycleGAN(Translation):
    """Two generators and two discriminators, trained as GAN-MRI trains them.

    One training step is, in this order (Zhu et al. 2017 with the 2018 code's
    choices; paper 001):

    1. both generators translate, and the pools exchange some of the images;
    2. four Adam steps, one after the other: D_A on real A, D_B on real B, D_A
       on synthetic A, D_B on synthetic B, each with half the mean squared
       error, all sharing one step counter;
    3. one Adam step on both generators, against the discriminators as they
       are now: `cycle_weight` times the mean absolute cycle errors, plus
       `adversarial_weight` times the adversarial mean squared errors, plus, if
       asked for, `supervised_weight` times the mean absolute errors against
       the true images (CycleGAN_s);
    4. if `identity_modulus` is n, at every n-th step: one Adam step for G_A2B
       alone on B -> B and one for G_B2A alone on A -> A, with the mean
       absolute error, at the full learning rate, with moments of their own
       and the counter of step 3.

    The generators do not change during step 2, so one forward pass serves
    steps 1 and 3.

    Parameters
    ----------
    G_A2B, G_B2A : keras.Model
        Generators, images to images.
    D_A, D_B : keras.Model
        Discriminators, images to judgements or a list of them (scales).
    cycle_weight : float
        The paper's lambda.
    adversarial_weight : float
    supervised_weight : float
        0: unpaired. Above 0, the A and B of a batch must be pairs.
    adversarial : str
        What discriminators and generators play for, see `gan_mri.losses.adversarial`;
        "least_squares" is GAN-MRI's. The gradient penalty of "wgan-gp" belongs to the
        steps on synthetic images.
    real_label : float
        Of "least_squares": target for real images, and of the generators.
    image_losses : dict or str, optional
        Further losses of the translations by name and weight, see
        `gan_mri.losses.IMAGE_LOSSES`. Most of them need pairs.
    identity_modulus : int
        0: no identity learning; n: at every n-th step, counting from 0.
    discriminator_iterations, generator_iterations : int
        How often steps 2 and 3 are done in one training step.
    pool_size : int
        Synthetic images kept for the discriminators, see `ImagePool`.
    image_shape : tuple, optional
        `(H, W, C)` of training images, which a pool needs to know; default:
        the output shape of `G_A2B`.
    seed : int
        Of the pools and of the points of a gradient penalty.
    """

    def __init__(
        self,
        G_A2B,
        G_B2A,
        D_A,
        D_B,
        *,
        cycle_weight=10.0,
        adversarial_weight=1.0,
        supervised_weight=0.0,
        adversarial="least_squares",
        real_label=1.0,
        image_losses=None,
        identity_modulus=0,
        discriminator_iterations=1,
        generator_iterations=1,
        pool_size=50,
        image_shape=None,
        seed=0,
        name="cyclegan",
    ):
        super().__init__(name=name)
        self.G_A2B, self.G_B2A, self.D_A, self.D_B = G_A2B, G_B2A, D_A, D_B
        self.cycle_weight, self.adversarial_weight = cycle_weight, adversarial_weight
        self.supervised_weight = supervised_weight
        self.identity_modulus = identity_modulus
        self.discriminator_iterations = discriminator_iterations
        self.generator_iterations = generator_iterations
        label = {"real_label": real_label} if real_label != 1 else {}
        self.game = AdversarialGame(losses.adversarial(adversarial, **label), seed)
        features = {"A": discriminator_features(D_A), "B": discriminator_features(D_B)}
        self.image_terms = ImageTerms(image_losses, Task.between("A", "B"), features)
        image_shape = tuple(image_shape or G_A2B.output_shape[1:])
        if pool_size and None in image_shape:
            raise GanMriError(
                "an image pool holds images of one size, so pool_size must be 0 where "
                f"the image size is free. Received: pool_size={pool_size}, "
                f"image_shape={image_shape}."
            )
        dtype = G_A2B.outputs[0].dtype
        self.pool_A, self.pool_B = (
            ImagePool(pool_size, image_shape, dtype=dtype, seed=2 * seed + index)
            for index in range(2)
        )
        self.image_dtype = dtype
        self.built = True

    @property
    def task(self):
        paired = self.supervised_weight > 0 or self.image_terms.needs_truth
        return Task.between("A", "B", paired=paired)

    @property
    def terms(self):
        terms = {}
        for domain, direction in _MADE_BY.items():
            terms |= {
                f"D_{domain}_real": Term("discriminator", 1.0, direction),
                f"D_{domain}_fake": Term("discriminator", 1.0, direction),
                f"cycle_{domain}": Term("image", self.cycle_weight, direction),
                f"adversarial_{domain}": Term("generator", self.adversarial_weight, direction),
            }
            if self.supervised_weight:
                terms[f"supervised_{domain}"] = Term("image", self.supervised_weight, direction)
            if self.identity_modulus:
                # Of an update of its own, at the full learning rate.
                terms[f"identity_{domain}"] = Term("image", 1.0, direction)
        return terms | self.image_terms.terms | {"G_total": Term("total")}

    @property
    def networks(self):
        return {"G_A2B": self.G_A2B, "G_B2A": self.G_B2A, "D_A": self.D_A, "D_B": self.D_B}

    @property
    def translators(self):
        return {"A2B": self.G_A2B, "B2A": self.G_B2A}

    @property
    def pools(self):
        return {"A": self.pool_A, "B": self.pool_B}

    @property
    def optimizers_by_name(self):
        return {"D": self.D_optimizer, "G": self.G_optimizer}

    @property
    def random_streams(self):
        return super().random_streams + self.game.random_streams

    def make_optimizers(self, make_adam):
        self.D_optimizer = make_adam(name="adam_D")
        self.G_optimizer = make_adam(name="adam_G")
        variables = {k: tf_variables(net.trainable_variables) for k, net in self.networks.items()}
        self.D_optimizer.add_group("D_A", variables["D_A"])
        self.D_optimizer.add_group("D_B", variables["D_B"])
        self.G_optimizer.add_group("G", variables["G_A2B"] + variables["G_B2A"])
        if self.identity_modulus:
            self.G_optimizer.add_group("G_A2B_identity", variables["G_A2B"])
            self.G_optimizer.add_group("G_B2A_identity", variables["G_B2A"])

    def train_step(self, batch):
        """The update above.

        Parameters
        ----------
        batch : (tensor, tensor) or dict
            Images of A and of B, `(N, *image_shape)`, in [-1, 1].

        Returns
        -------
        dict of str to scalar tensor
            The losses, unweighted, except `D_*` (with least squares half the
            mean squared error, before its own update) and `G_total` (the weighted sum).
        """
        A, B = self.images_of(batch).values()
        with one_power_iteration():
            return self._update(A, B)

    def _update(self, A, B):
        identity_due = self._identity_due()
        tape, fake_A, fake_B, image_losses = self._translate(A, B)
        seen_A, seen_B = self.pool_A.query(fake_A), self.pool_B.query(fake_B)
        for _ in range(self.discriminator_iterations):
            results = {
                "D_A_real": self._train_discriminator("D_A", A, True),
                "D_B_real": self._train_discriminator("D_B", B, True),
                "D_A_fake": self._train_discriminator("D_A", seen_A, False, A),
                "D_B_fake": self._train_discriminator("D_B", seen_B, False, B),
            }
        for iteration in range(self.generator_iterations):
            if iteration > 0:
                tape, fake_A, fake_B, image_losses = self._translate(A, B)
            results |= self._train_generators(tape, fake_A, fake_B, image_losses)
        if self.identity_modulus:
            results["identity_B"] = self._train_identity("G_A2B", B, identity_due)
            results["identity_A"] = self._train_identity("G_B2A", A, identity_due)
        return results

    def _translate(self, A, B):
        """The tape that recorded it, translations, and the losses on images."""
        tape = tf.GradientTape(watch_accessed_variables=False)
        with tape:
            tape.watch(self.G_optimizer.variables_of("G"))
            return tape, *self._translations_and_losses(A, B)

    def _translations_and_losses(self, A, B, histograms=None):
        """Synthetic A and B, and the losses of images.

        `histograms` are given to generators that have an input for them: by direction, those
        that its translation shall have.
        """
        histograms = histograms or {}
        fake_A = self._generate("B2A", B, histograms)
        fake_B = self._generate("A2B", A, histograms)
        cycle_A = self._generate("B2A", fake_B, histograms)
        cycle_B = self._generate("A2B", fake_A, histograms)
        image_losses = {
            "cycle_A": losses.mean_absolute_error(A, cycle_A),
            "cycle_B": losses.mean_absolute_error(B, cycle_B),
        }
        if self.supervised_weight:
            image_losses["supervised_A"] = losses.mean_absolute_error(A, fake_A)
            image_losses["supervised_B"] = losses.mean_absolute_error(B, fake_B)
        A2B, B2A = self.task.directions
        image_losses |= self.image_terms.measure(A2B, B, fake_B, A)
        image_losses |= self.image_terms.measure(B2A, A, fake_A, B)
        return fake_A, fake_B, image_losses

    def _generate(self, direction, images, histograms):
        inputs = {"image": images, "histogram": histograms.get(direction)}
        return call_by_name(self.networks[f"G_{direction}"], inputs, training=True)

    def _train_discriminator(self, name, images, real, against=None):
        discriminator = self.networks[name]
        variables = self.D_optimizer.variables_of(name)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            loss = self.game.discriminator(discriminator, images, real=real, against=against)
            objective = self.D_optimizer.scale_loss(per_replica(loss))
        self.D_optimizer.apply(name, tape.gradient(objective, variables))
        return loss

    def _train_generators(self, tape, fake_A, fake_B, image_losses):
        # The tape goes on recording where `_translate` stopped: the
        # discriminators have been updated since, the generators have not.
        with tape:
            values = image_losses | {
                "adversarial_A": self.game.generator(self.D_A(fake_A)),
                "adversarial_B": self.game.generator(self.D_B(fake_B)),
            }
            total = self.weighted(values)
            objective = self.G_optimizer.scale_loss(per_replica(total))
        gradients = tape.gradient(objective, self.G_optimizer.variables_of("G"))
        self.G_optimizer.apply("G", gradients)
        return {"G_total": total, **values}

    def _identity_due(self):
        """Whether this step, counted from 0, is one with identity learning."""
        if not self.identity_modulus:
            return False
        updates_a_step = 4 * self.discriminator_iterations
        steps = tf.convert_to_tensor(self.D_optimizer.iterations) // updates_a_step
        return tf.equal(steps % self.identity_modulus, 0)

    def _train_identity(self, name, images, due):
        group = f"{name}_identity"
        variables = self.G_optimizer.variables_of(group)

        def loss_and_gradients():
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(variables)
                loss = losses.mean_absolute_error(images, self.networks[name](images))
                objective = self.G_optimizer.scale_loss(per_replica(loss))
            return loss, *tape.gradient(objective, variables)

        def loss_alone():
            loss = losses.mean_absolute_error(images, self.networks[name](images))
            return loss, *map(tf.zeros_like, variables)

        loss, *gradients = tf.cond(due, loss_and_gradients, loss_alone)
        self.G_optimizer.apply(group, gradients, when=due)
        return loss
