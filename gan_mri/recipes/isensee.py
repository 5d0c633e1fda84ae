"""Isensee, Jaeger, Kohl, Petersen, Maier-Hein 2021, "nnU-Net: a self-configuring method for deep
learning-based biomedical image segmentation" (Nature Methods 18).

Its residual U-Net, made a translator: what a table of 2026 must show beside any GAN. A 3D network
of this kind won SynthRAD2025 (MR to CT), and a U-Net of five slices came third; both are trained
without a discriminator.
"""

import dataclasses

from gan_mri.errors import GanMriError
from gan_mri.recipes.recipe import at_least, free_sizes, one_of
from gan_mri.recipes.settings.one_direction import OneDirection


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResidualUNet(OneDirection):
    """A residual U-Net, trained with the true images; slices or volumes.

    Fields
    ------
    filters, levels, most_filters, residual_blocks, normalization, upsampling, recompute
        See `gan_mri.networks.residual_unet`.
    image_losses : str or dict
        All that the network is trained with: one loss at least that compares with the truth.
    """

    filters: int = at_least(1)
    levels: int = at_least(1)
    most_filters: int = at_least(1)
    residual_blocks: int = at_least(1)
    normalization: str = one_of("instance", "addons", "batch", "none")
    upsampling: str = one_of("linear", "transposed")
    recompute: bool = False

    def __post_init__(self):
        super().__post_init__()
        if not self._losses_need_truth():
            raise GanMriError(
                "image_losses: expected one that compares with the true image, such as "
                f"foreground_l1:1; there is nothing else to learn from. Received: "
                f"{self.image_losses!r}."
            )

    @property
    def data_options(self):
        # Small changes of the head's place and size. No gamma: it would change the true image too.
        return {"augment": "mirror rotate:5 scale:0.05"}

    def for_shape(self, image_shape):
        from gan_mri.networks.residual_unet import check_levels

        check_levels(self.levels, image_shape)
        return self

    def build_model(self, image_shape, *, task, seed):
        # Imported here so that the list of recipes costs no TensorFlow.
        from gan_mri import models

        translators = self.build_translators(free_sizes(image_shape), task)
        return models.Generators(
            *translators.values(),
            task=task,
            supervised_weight=0.0,
            image_losses=self.image_losses,
        )

    def build_translators(self, image_shape, task):
        from gan_mri.networks.residual_unet import residual_unet

        return {
            direction.name: residual_unet(
                self.source_shape(image_shape),
                output_channels=image_shape[-1],
                filters=self.filters,
                levels=self.levels,
                most_filters=self.most_filters,
                residual_blocks=self.residual_blocks,
                normalization=self.normalization,
                upsampling=self.upsampling,
                recompute=self.recompute,
                name=f"G_{direction.name}",
            )
            for direction in task.directions
        }


def residual_unet():
    """A residual U-Net from A to B (`--set direction=B2A` for the other way): needs pairs.

    From SynthRAD2025 (MR to CT; best mean absolute error there 64.8 HU): the winner's
    residual encoder, instance normalisation, leaky ReLU of 0.01 and errors in a mask,
    the third's absolute errors (the winner's are squared: `--set
    image_losses=foreground_l2:1`), linear interpolation, which was better than
    transposed convolutions. The winner's second loss, on features of a segmenter, needs
    labels and is left out. The report warns that images that are similar need not be
    good for what is done with them.

    Set by this project: the mask, which is the foreground of either image
    (`gan_mri.losses.foreground_l1`), channels, levels and blocks, Adam and its rate, the
    augmentation.

    `--set neighbours=2` shows it five slices at a time, of which it makes the middle one,
    as the third of SynthRAD2025 does.

    Command: `python -m gan_mri.train isensee/residual_unet --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/residual_unet`
    """
    return ResidualUNet(
        epochs=200,
        decay_epoch=100,
        batch_size=1,
        learning_rate=1e-3,
        beta_1=0.9,
        beta_2=0.999,
        image_losses="foreground_l1:1",
        direction="A2B",
        filters=32,
        levels=5,
        most_filters=320,
        residual_blocks=2,
        normalization="instance",
        upsampling="linear",
    )


RECIPES = {"isensee/residual_unet": residual_unet}
