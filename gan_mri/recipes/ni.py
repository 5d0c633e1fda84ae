"""Ni (paper 004): CT to MR with CycleGAN.

Slices of heads, CT (A) and MR (B), unpaired in training. The paper states least
squares, Adam of 2e-4 and 0.5, a constant rate for 50 epochs that falls to 0 in the 50
after them, a batch of 2 (on an RTX 3060) and 70 / 30 for training and test.
"""

import dataclasses

from gan_mri.recipes.settings.cyclegan import CycleGAN


@dataclasses.dataclass(frozen=True, kw_only=True)
class _CTMR(CycleGAN):
    @property
    def built_in_options(self):
        return {"contrasts": ("CT", "T1w")}


def ct_mr():
    """CycleGAN from CT to MR: 9 residual blocks, 64 filters, unpaired.

    The paper: SSIM 0.4038 of the synthetic MR images with the true ones, and 0.9642 of
    CT images translated there and back with themselves (section 4).

    Command: `python -m gan_mri.train ni/ct_mr --data FOLDER --out runs/ct-mr`, with FOLDER
    holding trainA and testA (CT), trainB and testB (MR); of volumes `--data BIDS_FOLDER
    --contrasts CT T1w`. CT in Hounsfield units is shown in a window: `--scaling window:brain
    auto`, `window:bone auto` or `window:full auto` (`gan_mri.data.images.scaling`).
    """
    return _CTMR(
        epochs=100,
        decay_epoch=50,
        batch_size=2,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="reflect",
        normalization="instance",
        spectral_normalization=False,
        discriminator_filters=64,
        patch=True,
        multiscale=False,
        cycle_weight=10.0,
        adversarial_weight=1.0,
        supervised_weight=0.0,
        adversarial="least_squares",
        real_label=1.0,
        identity_modulus=0,
        discriminator_iterations=1,
        generator_iterations=1,
        pool_size=50,
    )


RECIPES = {"ni/ct_mr": ct_mr}
