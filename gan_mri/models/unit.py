"""UNIT with GAN-MRI's update."""

import keras
import tensorflow as tf

from gan_mri import losses
from gan_mri.backend import tf_variables
from gan_mri.layers import PadToMultiple, ToChannels, one_power_iteration
from gan_mri.models.adversarial_game import AdversarialGame
from gan_mri.models.image_terms import ImageTerms
from gan_mri.models.translation import Translation, per_replica
from gan_mri.networks.discriminator_features import discriminator_features
from gan_mri.networks.unit import STRIDE
from gan_mri.networks.unit_translator import compose_translator
from gan_mri.tasks import Task, Term


@keras.saving.register_keras_serializable(package="gan_mri")
class UNIT(Translation):
    """Two variational autoencoders with a shared code, and two discriminators.

    One training step is, in this order (Liu et al. 2017 with the 2018 code's
    choices; paper 001):

    1. both images are encoded, and shown in both domains; what was translated
       is encoded again and shown in its own domain;
    2. four Adam steps: discriminator_A on real A, discriminator_A on synthetic
       A, and the same for B, each with `adversarial_weight` times the sum over
       scales of the binary cross-entropies;
    3. one Adam step on the six other networks: `kl_weight` times the four
       means of squares of the shared codes (after their noise), plus
       `image_weight` times the four errors of images (an image shown in its
       own domain, and after the cycle), plus `adversarial_weight` times the
       cross-entropies of the synthetic images against real.

    One Adam serves everything; its step counter is common. The encoders and
    generators do not change during step 2, so one forward pass, with one draw
    of noise, serves steps 1 and 3 (the 2018 code draws twice).

    Images whose sides are no multiple of 4 are mirrored at the border. Grey
    images are shown to networks of three channels as RGB, and RGB images to
    networks of one channel as grey; a translation has the channels of its
    source.

    Parameters
    ----------
    encoder_A, encoder_B, shared_encoder, shared_decoder, generator_A, \
generator_B, discriminator_A, discriminator_B : keras.Model
        See `gan_mri.networks.unit`.
    kl_weight, image_weight, adversarial_weight : float
    image_loss : callable, optional
        `image_loss(truth, image)` of `gan_mri.losses`; default: the mean
        absolute error. Paper 002 tries `losses.charbonnier()`.
    image_channels : int, optional
        Channels of the images; default: those of the networks.
    adversarial : str
        What discriminators and encoders with generators play for, see
        `gan_mri.losses.adversarial`; "bce" (here without pix2pix's half for the
        discriminators) is GAN-MRI's.
    image_losses : dict or str, optional
        Further losses of the translations by name and weight, see
        `gan_mri.losses.IMAGE_LOSSES`. Most of them need pairs.
    seed : int
        Of the points of a gradient penalty.
    weight_decay : float
        Times the sum of squares of kernels and biases, added to each loss.
        0 as it really acts in the 2018 code; 5e-5 is what that code asks for.
    """

    def __init__(
        self,
        encoder_A,
        encoder_B,
        shared_encoder,
        shared_decoder,
        generator_A,
        generator_B,
        discriminator_A,
        discriminator_B,
        *,
        kl_weight=0.1,
        image_weight=100.0,
        adversarial_weight=10.0,
        image_loss=losses.mean_absolute_error,
        image_channels=None,
        weight_decay=0.0,
        adversarial="bce",
        image_losses=None,
        seed=0,
        name="unit",
    ):
        super().__init__(name=name)
        self.encoder_A, self.encoder_B = encoder_A, encoder_B
        self.shared_encoder, self.shared_decoder = shared_encoder, shared_decoder
        self.generator_A, self.generator_B = generator_A, generator_B
        self.discriminator_A, self.discriminator_B = discriminator_A, discriminator_B
        self.kl_weight, self.image_weight = kl_weight, image_weight
        self.adversarial_weight, self.image_loss = adversarial_weight, image_loss
        self.weight_decay = weight_decay
        pair = losses.adversarial(adversarial)
        if pair.name == "bce":
            pair = losses.adversarial("bce", discriminator_factor=1.0)
        self.game = AdversarialGame(pair, seed)
        features = {
            "A": discriminator_features(discriminator_A),
            "B": discriminator_features(discriminator_B),
        }
        self.image_terms = ImageTerms(image_losses, Task.between("A", "B"), features)
        self.image_dtype = generator_A.outputs[0].dtype
        self._logits = {
            name: keras.Model(
                network.inputs[0],
                [
                    network.get_layer(f"logits_{scale}").output
                    for scale in range(len(network.outputs))
                ],
            )
            for name, network in (("A", discriminator_A), ("B", discriminator_B))
        }
        self._pad = PadToMultiple(STRIDE, dtype=self.image_dtype)
        self._to_network = ToChannels(encoder_A.input_shape[-1], dtype=self.image_dtype)
        self._translators = {
            direction: compose_translator(
                encoder,
                shared_encoder,
                shared_decoder,
                generator,
                channels=image_channels,
                name=direction,
            )
            for direction, encoder, generator in (
                ("A2B", encoder_A, generator_B),
                ("B2A", encoder_B, generator_A),
            )
        }
        self.built = True

    @property
    def task(self):
        return Task.between("A", "B", paired=self.image_terms.needs_truth)

    @property
    def terms(self):
        terms = {}
        for domain, made_by in (("A", "B2A"), ("B", "A2B")):
            terms |= {
                f"D_{domain}_real": Term("discriminator", 1.0, made_by),
                f"D_{domain}_fake": Term("discriminator", 1.0, made_by),
                f"kl_{domain}": Term("generator", self.kl_weight),
                f"kl_cycle_{domain}": Term("generator", self.kl_weight),
                f"reconstruction_{domain}": Term("image", self.image_weight),
                f"cycle_{domain}": Term("image", self.image_weight, made_by),
                f"adversarial_{domain}": Term("generator", self.adversarial_weight, made_by),
            }
        return terms | self.image_terms.terms | {"G_total": Term("total")}

    @property
    def networks(self):
        return {
            "encoder_A": self.encoder_A,
            "encoder_B": self.encoder_B,
            "shared_encoder": self.shared_encoder,
            "shared_decoder": self.shared_decoder,
            "generator_A": self.generator_A,
            "generator_B": self.generator_B,
            "discriminator_A": self.discriminator_A,
            "discriminator_B": self.discriminator_B,
        }

    @property
    def translators(self):
        return self._translators

    @property
    def optimizers_by_name(self):
        return {"all": self.adam}

    @property
    def random_streams(self):
        return super().random_streams + self.game.random_streams

    def make_optimizers(self, make_adam):
        self.adam = make_adam(name="adam")
        groups = {"D_A": ["discriminator_A"], "D_B": ["discriminator_B"]}
        groups["G"] = [name for name in self.networks if "discriminator" not in name]
        self._decayed = {}
        for group, names in groups.items():
            trainable = sum((self.networks[n].trainable_variables for n in names), [])
            self.adam.add_group(group, tf_variables(trainable))
            self._decayed[group] = tf_variables(
                [v for v in trainable if "kernel" in v.name or "bias" in v.name]
            )

    def train_step(self, batch):
        """The update above.

        Parameters
        ----------
        batch : (tensor, tensor) or dict
            Images of A and of B, `(N, H, W, C)`, in [-1, 1].

        Returns
        -------
        dict of str to scalar tensor
            `D_*` and `G_total` are the weighted totals; the others are
            unweighted: `kl_*`, `reconstruction_*` (an image shown in its own
            domain), `cycle_*`, `adversarial_*` (summed over scales).
        """
        images = self.images_of(batch).values()
        A, B = (self._to_network(self._pad(one)) for one in images)
        with one_power_iteration():
            return self._update(A, B)

    def _update(self, A, B):
        tape = tf.GradientTape(watch_accessed_variables=False)
        with tape:
            tape.watch(self.adam.variables_of("G"))
            fake_A, fake_B, terms = self._translate(A, B)
        results = {
            "D_A_real": self._train_discriminator("A", A, real=True),
            "D_A_fake": self._train_discriminator("A", fake_A, real=False, against=A),
            "D_B_real": self._train_discriminator("B", B, real=True),
            "D_B_fake": self._train_discriminator("B", fake_B, real=False, against=B),
        }
        with tape:
            terms["adversarial_A"] = self.game.generator(self._judge("A", fake_A))
            terms["adversarial_B"] = self.game.generator(self._judge("B", fake_B))
            total = self.weighted(terms)
            total += self._decay("G")
            objective = self.adam.scale_loss(per_replica(total))
        gradients = tape.gradient(objective, self.adam.variables_of("G"))
        self.adam.apply("G", gradients)
        return {**results, "G_total": total, **terms}

    def _translate(self, A, B):
        """Synthetic A and B, and the terms of the loss that need no discriminator."""
        code_A, code_B = self._encode(self.encoder_A, A), self._encode(self.encoder_B, B)
        shared_A, shared_B = self._decode(code_A), self._decode(code_B)
        reconstructed_A = self.generator_A(shared_A, training=True)
        reconstructed_B = self.generator_B(shared_B, training=True)
        fake_A = self.generator_A(shared_B, training=True)
        fake_B = self.generator_B(shared_A, training=True)
        cycle_code_A = self._encode(self.encoder_A, fake_A)
        cycle_code_B = self._encode(self.encoder_B, fake_B)
        cycle_A = self.generator_A(self._decode(cycle_code_B), training=True)
        cycle_B = self.generator_B(self._decode(cycle_code_A), training=True)
        A2B, B2A = self.task.directions
        added = self.image_terms.measure(A2B, B, fake_B, A)
        added |= self.image_terms.measure(B2A, A, fake_A, B)
        return (
            fake_A,
            fake_B,
            {
                **added,
                "kl_A": losses.mean_square(code_A),
                "kl_B": losses.mean_square(code_B),
                "kl_cycle_A": losses.mean_square(cycle_code_A),
                "kl_cycle_B": losses.mean_square(cycle_code_B),
                "reconstruction_A": self.image_loss(A, reconstructed_A),
                "reconstruction_B": self.image_loss(B, reconstructed_B),
                "cycle_A": self.image_loss(A, cycle_A),
                "cycle_B": self.image_loss(B, cycle_B),
            },
        )

    def _encode(self, encoder, image):
        return self.shared_encoder(encoder(image, training=True), training=True)

    def _decode(self, code):
        return self.shared_decoder(code, training=True)

    def _judge(self, domain, images):
        """Logits, one tensor a scale."""
        return self._logits[domain](images, training=True)

    def _train_discriminator(self, domain, images, *, real, against=None):
        group = f"D_{domain}"
        variables = self.adam.variables_of(group)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            loss = self.adversarial_weight * self.game.discriminator(
                self._logits[domain], images, real=real, against=against
            )
            loss += self._decay(group)
            objective = self.adam.scale_loss(per_replica(loss))
        self.adam.apply(group, tape.gradient(objective, variables))
        return loss

    def _decay(self, group):
        if not self.weight_decay:
            return 0.0
        squares = [tf.reduce_sum(v * v) for v in self._decayed[group]]
        return self.weight_decay * tf.add_n(squares)
