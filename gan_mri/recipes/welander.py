"""Welander, Karlsson, Eklund 2018, arXiv:1806.07777 (paper 001), and GAN-MRI.

"Generative adversarial networks for image-to-image translation on
multi-contrast MR images - a comparison of CycleGAN and UNIT".
"""

from gan_mri.recipes.settings.cyclegan import CycleGAN
from gan_mri.recipes.settings.generators import ResnetGenerators, SimpleGenerators
from gan_mri.recipes.settings.unit import UNIT


def cyclegan():
    """CycleGAN as GAN-MRI trains it: T1w and T2w, unpaired.

    The paper: 900 + 900 axial slices (number 120) of the Human Connectome
    Project, brain-extracted and registered, 304 x 256; 180 epochs on average
    at 419 s on a 12 GB Titan X; evaluated on 213 pairs after z-scoring every
    image (its Figure 1 has bars, no numbers).

    Command: `python -m gan_mri.train welander/cyclegan --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/cyclegan`
    """
    return CycleGAN(
        epochs=200,
        decay_epoch=101,
        batch_size=1,
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


def cyclegan_s():
    """CycleGAN_s: CycleGAN with the mean absolute error against the true image.

    Needs pairs. The paper: "a slight improvement in MAE for T2 images compared
    to CycleGAN".

    Command: `python -m gan_mri.train welander/cyclegan_s --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/cyclegan_s`
    """
    return CycleGAN(
        epochs=200,
        decay_epoch=101,
        batch_size=1,
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
        supervised_weight=10.0,
        adversarial="least_squares",
        real_label=1.0,
        identity_modulus=0,
        discriminator_iterations=1,
        generator_iterations=1,
        pool_size=50,
    )


def generators_s():
    """Generators_s: CycleGAN's generators, trained with the true images alone.

    Needs pairs. The paper: best of all methods in every measure, and smooth.

    Command: `python -m gan_mri.train welander/generators_s --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/generators_s`
    """
    return ResnetGenerators(
        epochs=200,
        decay_epoch=101,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=32,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="same",
        normalization="instance",
        spectral_normalization=False,
    )


def unit():
    """UNIT as GAN-MRI trains it: unpaired, with a code that both contrasts share.

    The paper: data as for CycleGAN, 877 s an epoch on a 12 GB Titan X, 180
    epochs on average. No decay of the learning rate, no image pool.

    Command: `python -m gan_mri.train welander/unit --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/unit`
    """
    return UNIT(
        epochs=200,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.0001,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=3,
        noise=1.0,
        dropout=0.5,
        discriminator_filters=64,
        kl_weight=0.1,
        image_weight=100.0,
        adversarial_weight=10.0,
        adversarial="bce",
        initializer="glorot_uniform",
        weight_decay=0.0,
        spectral_normalization=False,
        attention="none",
        image_loss="mean_absolute_error",
        charbonnier_epsilon=0.001,
        channels=0,
    )


def simple():
    """Simple: two convolutions, trained with the true images.

    Needs pairs. The baseline of the paper: worst in every measure but mutual
    information on T2 images. Adam with Keras's own defaults, no decay. A
    `kernel_size` of 1 is that of GAN-MRI's CycleGAN file; its UNIT file has 5.

    Command: `python -m gan_mri.train welander/simple --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/simple`
    """
    return SimpleGenerators(
        epochs=200,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.001,
        beta_1=0.9,
        beta_2=0.999,
        filters=256,
        kernel_size=1,
    )


RECIPES = {
    "welander/cyclegan": cyclegan,
    "welander/cyclegan_s": cyclegan_s,
    "welander/generators_s": generators_s,
    "welander/unit": unit,
    "welander/simple": simple,
}
