"""Pan et al. 2018 (MICCAI): missing PET images from MR images with 3D CycleGAN.

"Synthesizing missing PET from MRI with cycle-consistent generative adversarial networks
for Alzheimer's disease diagnosis". Facts from YongshengPan/CGANforAD: volumes of
144 x 176 x 144; generators c7-8, d16, d32, 3 x R32, u16, u8, c7-1; discriminators with 4^3
kernels, 16, 32, 64, 128, 1; mean |D(fake) - 1| and cycles of the mean absolute error weigh
1 each; Adam of 2e-4 and 0.5. Theirs are four updates one after the other (G_A, D_B, G_B, D_A)
and a ReLU after the sum of a residual block; here both generators take one step together,
as GAN-MRI's do, and blocks are GAN-MRI's.
"""

import dataclasses

from gan_mri.recipes.settings.cyclegan import CycleGAN


@dataclasses.dataclass(frozen=True, kw_only=True)
class _MRPET(CycleGAN):
    @property
    def data_options(self):
        return {"plane": "volume"}

    @property
    def built_in_options(self):
        return {"image_size": (32, 40, 32), "contrasts": ("T1w", "PET")}


def mr_pet():
    """CycleGAN from MR to PET, of volumes, unpaired.

    Command: `python -m gan_mri.train pan/mr_pet --data BIDS_FOLDER --contrasts T1w pet
    --image-size 144 176 144 --out runs/mr-pet`
    """
    return _MRPET(
        epochs=200,
        decay_epoch=101,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=8,
        residual_blocks=3,
        resize_convolution=False,
        residual_padding="same",
        normalization="instance",
        spectral_normalization=False,
        discriminator_filters=16,
        patch=True,
        multiscale=False,
        cycle_weight=1.0,
        adversarial_weight=1.0,
        supervised_weight=0.0,
        adversarial="absolute",
        real_label=1.0,
        identity_modulus=0,
        discriminator_iterations=1,
        generator_iterations=1,
        pool_size=0,
        recompute=True,
    )


RECIPES = {"pan/mr_pet": mr_pet}
