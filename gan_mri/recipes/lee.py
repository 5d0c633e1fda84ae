"""Lee, Moon, Ye 2019, "Assessing the importance of magnetic resonance contrasts using collaborative
generative adversarial networks" (Nature Machine Intelligence 2, arXiv:1905.04105).

CollaGAN, which paper 003, the tutorial, names among the more advanced systems: one generator for
any contrast that is missing.
"""

import dataclasses

from gan_mri.errors import GanMriError
from gan_mri.recipes.recipe import Recipe, at_least, free_sizes, one_of
from gan_mri.tasks import Task

#: Where the user names no contrasts.
CONTRASTS = ("T1w", "T2w", "FLAIR", "PDw")


@dataclasses.dataclass(frozen=True, kw_only=True)
class CollaGAN(Recipe):
    """CollaGAN's settings; slices or volumes, of three contrasts or more.

    Fields
    ------
    filters, branch_filters, levels, normalization, recompute
        Of the generator, see `gan_mri.networks.collagan_generator`.
    discriminator_filters, discriminator_dropout
        See `gan_mri.networks.collagan_discriminator`.
    adversarial_weight, class_weight, cycle_weight, structure_weight, supervised_weight,
    class_step, input_dropout
        Of the update, see `gan_mri.models.CollaGAN`.
    rate_decay : float
    rate_decay_steps : int
        Learning rates are multiplied by `rate_decay` after every so many steps, besides the
        decay of every recipe.
    """

    filters: int = at_least(1)
    branch_filters: int = at_least(1)
    levels: int = at_least(1)
    normalization: str = one_of("instance", "addons", "none")
    discriminator_filters: int = at_least(1)
    discriminator_dropout: float = at_least(0.0)
    adversarial_weight: float = at_least(0.0)
    class_weight: float = at_least(0.0)
    cycle_weight: float = at_least(0.0)
    structure_weight: float = at_least(0.0)
    supervised_weight: float = at_least(0.0)
    class_step: bool
    input_dropout: float = at_least(0.0)
    rate_decay: float = at_least(0.0)
    rate_decay_steps: int = at_least(1)
    recompute: bool = False

    def __post_init__(self):
        super().__post_init__()
        for name in ("discriminator_dropout", "input_dropout"):
            if getattr(self, name) >= 1:
                raise GanMriError(f"{name} must be below 1. Received: {getattr(self, name)!r}.")

    @property
    def data_options(self):
        # The contrasts are the domains, so they are named wherever the data come from.
        return {"augment": "mirror", "contrasts": CONTRASTS}

    def learning_rate_factor(self, step, steps_per_epoch):
        linear = super().learning_rate_factor(step, steps_per_epoch)
        return linear * self.rate_decay ** (step // self.rate_decay_steps)

    @property
    def may_lack_sources(self):
        return self.input_dropout > 0

    def task(self, contrasts=None):
        """Each contrast from all others.

        Raises
        ------
        GanMriError
            For fewer than three contrasts.
        """
        contrasts = tuple(contrasts or CONTRASTS)
        if len(contrasts) < 3:
            raise GanMriError(
                "contrasts: expected three or more, of which CollaGAN makes each from the others. "
                f"Received: {' '.join(contrasts)}."
            )
        return Task.each_from_the_others(contrasts)

    def build_model(self, image_shape, *, task, seed):
        # Imported here so that the list of recipes costs no TensorFlow.
        from gan_mri.layers import RandomStream
        from gan_mri.models.collagan import CollaGAN as Model
        from gan_mri.networks.collagan_discriminator import collagan_discriminator

        free = free_sizes(image_shape)
        discriminator = collagan_discriminator(
            free,
            contrasts=len(task.domains),
            filters=self.discriminator_filters,
            dropout=self.discriminator_dropout,
            stream=RandomStream(seed),
            name="discriminator",
        )
        return Model(
            self._generator(free, task),
            discriminator,
            task,
            adversarial_weight=self.adversarial_weight,
            class_weight=self.class_weight,
            cycle_weight=self.cycle_weight,
            structure_weight=self.structure_weight,
            supervised_weight=self.supervised_weight,
            image_losses=self.image_losses,
            class_step=self.class_step,
            input_dropout=self.input_dropout,
            seed=seed,
        )

    def build_translators(self, image_shape, task):
        from gan_mri.networks.collagan_translator import compose_collagan_translator

        generator = self._generator(image_shape, task)
        return {
            direction.name: compose_collagan_translator(generator, task.domains, direction.target)
            for direction in task.directions
        }

    def _generator(self, image_shape, task):
        from gan_mri.networks.collagan import collagan_generator

        return collagan_generator(
            image_shape,
            contrasts=len(task.domains),
            filters=self.filters,
            branch_filters=self.branch_filters,
            levels=self.levels,
            normalization=self.normalization,
            recompute=self.recompute,
            name="generator",
        )


def collagan():
    """CollaGAN: each contrast from all others; three or more, which must be pairs.

    The paper: T1, T1 with contrast agent, T2 and FLAIR of BraTS 2015, axial slices of
    240 x 240, batch 1. It finds that T1, T2 and FLAIR can be made from the others, and
    the contrast agent's image cannot. Parameters there: 34.1 million and 0.2 million.

    Command: `python -m gan_mri.train lee/collagan --data BIDS_FOLDER --contrasts T1w T2w
    FLAIR PDw --out runs/collagan` (a contrast agent's image is ce-gadolinium_T1w, or what
    the end of its file's name is), then `python -m gan_mri.translate runs/collagan --inputs
    T1w=a.nii.gz T2w=b.nii.gz PDw=c.nii.gz --target FLAIR OUTPUT`.

    Cost: a step at 240 x 240 with four contrasts takes 15 s of processor time (bfloat16:
    9 s) and 3.7 GiB (3.1 GiB). A small one in minutes: `--data phantom --image-size 48 48
    --set filters=16 branch_filters=8 levels=3 learning_rate=0.0003`. Of that, 60 phantoms,
    840 steps, one seed: MAE 0.18, 0.29, 0.21 and 0.15 for T1w, T2w, FLAIR and PDw on the
    held-out ones, and 0.66, 0.66, 0.29 and 0.62 for another contrast taken as it is.

    As in the published code (jongcye/CollaGAN_MRI):

    * the learning rate is 0.99 times as high after every 400 steps: a tenth of it is left
      after 92,000;
    * nothing compares the imputed image with the true one (`supervised_weight`, 0, would);
    * a third Adam steps the discriminator on the loss of the classes alone, so that it
      steps twice (`class_step=false` leaves it out);
    * all three steps take their gradients before any weight changes: the code runs them in
      no stated order. Here that is one forward pass;
    * a weight decay of 0.01 is declared for the generator and never added to its loss, so
      there is none here;
    * attention to channels precedes each transposed convolution; the last level has none.

    Otherwise than there: images are in [-1, 1] and the last activation is tanh, where the
    code divides by the standard deviation and ends in a ReLU; inside of the network they
    are in [0, 1], so that the zeros of a missing image are background as there. SSIM has
    the range of these images, and is the mean over the batch (there 5, and the first image
    alone). Flips are kept (`augment`), the factor of 0.9 to 1.1 on intensities is not: no
    augmentation here does it alone. The discriminator pads, see its docstring.
    The number of contrasts is free, each encoder has 16 channels at first whatever it is.

    `input_dropout=0.3` trains with further contrasts missing, each with this probability.
    `gan_mri.translate` then takes any of the inputs, one at least; without it, all.
    """
    return CollaGAN(
        epochs=1000,
        decay_epoch=1000,
        batch_size=1,
        learning_rate=1e-5,
        beta_1=0.5,
        beta_2=0.999,
        image_losses="",
        filters=64,
        branch_filters=16,
        levels=4,
        normalization="instance",
        discriminator_filters=4,
        discriminator_dropout=0.5,
        adversarial_weight=1.0,
        class_weight=1.0,
        cycle_weight=10.0,
        structure_weight=1.0,
        supervised_weight=0.0,
        class_step=True,
        input_dropout=0.0,
        rate_decay=0.99,
        rate_decay_steps=400,
    )


RECIPES = {"lee/collagan": collagan}
