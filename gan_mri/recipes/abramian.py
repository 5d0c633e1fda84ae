"""Abramian and Eklund: CycleGAN of volumes, as the authors of the tutorial (paper 003) train it.

Facts from their Keras code, DavidAbramian/CycleGAN: whole heads at 2 mm padded to
92 x 112 x 92, or ten random cubes of 48 voxels a subject at 0.7 mm; batch 5, Adam of 2e-4
and 0.5, 200 epochs, the rate falls from epoch 101, a pool of 50, cycles weigh 10. Their
discriminators end in a sigmoid; here they do not, as in GAN-MRI. Their scaling constant is
of training and test together; here it is of the training files.
"""

import dataclasses

from gan_mri.recipes.settings.cyclegan import CycleGAN


@dataclasses.dataclass(frozen=True, kw_only=True)
class _CycleGAN3D(CycleGAN):
    @property
    def data_options(self):
        return {"plane": "volume"}

    @property
    def built_in_options(self):
        return {"image_size": (32, 40, 32)}

    def build_discriminator(self, image_shape, name):
        from gan_mri import networks

        k = self.discriminator_filters
        return networks.patch_discriminator(
            image_shape,
            # Their second block is as wide as the first.
            filters=(k, k, 2 * k, 4 * k),
            normalization=self.normalization,
            spectral_normalization=self.spectral_normalization,
            name=name,
        )


def cyclegan3d():
    """CycleGAN of volumes: c7s1-32, d64, d128, 9 x R128, u64, u32, c7s1; unpaired.

    Five convolutions in the discriminators, 64, 64, 128, 256, 1, three of stride 2. Blocks
    are computed again in the backward pass, which halves the memory of a step.
    (`--set supervised_weight=10` is their supervised variant, both ways.)

    Command: `python -m gan_mri.train abramian/cyclegan3d --data BIDS_FOLDER --contrasts T1w
    T2w --spacing 2 --image-size 92 112 92 --out runs/3d`, or for cubes `--image-size 48 48 48
    --fit crop`
    """
    return _CycleGAN3D(
        epochs=200,
        decay_epoch=101,
        batch_size=5,
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
        recompute=True,
    )


RECIPES = {"abramian/cyclegan3d": cyclegan3d}
