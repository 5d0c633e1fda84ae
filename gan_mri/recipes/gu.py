"""Gu, Knutsson, Nilsson, Eklund 2019: diffusion scalar maps from T1w images with CycleGAN.

"Generating diffusion MRI scalar maps from T1 weighted images using generative
adversarial networks". Facts from their code, xuagu37/CycleGAN: GAN-MRI's generators,
batch 10, Adam of 2e-4 and 0.5, 200 epochs, the rate falls from epoch 100, a pool of 50,
cycles weigh 10. T1w is divided by 1000, FA taken as it is: `--scaling window:0:1000
window:0:1`. Their batches are matched by subject although nothing needs it; here they are not.
"""

import dataclasses

from gan_mri.recipes.settings.cyclegan import CycleGAN


@dataclasses.dataclass(frozen=True, kw_only=True)
class _T1FA(CycleGAN):
    @property
    def built_in_options(self):
        return {"contrasts": ("T1w", "FA")}


def t1_fa():
    """CycleGAN from T1w to fractional anisotropy, unpaired.

    The synthetic FA map is the target that a distorted one is registered to. With
    `--set supervised_weight=10` the supervised variant of their code.

    Command: `python -m gan_mri.train gu/t1_fa --data BIDS_FOLDER --contrasts T1w FA
    --out runs/t1-fa`
    """
    return _T1FA(
        epochs=200,
        decay_epoch=100,
        batch_size=10,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=32,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="same",
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


RECIPES = {"gu/t1_fa": t1_fa}
