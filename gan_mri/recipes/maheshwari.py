"""Maheshwari and Pant (paper 002): UNIT with attention, spectral norm and Charbonnier penalty.

"Generative Adversarial Network (GAN) Based Translation Between Medical Image Modalities",
Stanford University. GAN-MRI's UNIT in eight variants, trained for 100 epochs on 900 + 900 T1w
and T2w slices of the Human Connectome Project, 304 x 256, registered; tested on 213 pairs by
SSIM, after 75 epochs.

"Images are coloured" (section 3), but the paper does not say which variants after the first two
saw RGB: here they take images as they are. The scans are grey, so RGB repeats one channel three
times. The paper gives no cost; paper 001 gives 877 s an epoch on a 12 GB Titan X for GAN-MRI's
UNIT. Trainable parameters of all networks: 27.3 million, with attention 27.5.

All rows: section 5, Adam of 1e-4, 0.5, 0.999, binary cross-entropy; 100 epochs, no decay.
"""

from gan_mri.recipes.settings.unit import UNIT


def baseline_rgb():
    """Baseline (RGB): GAN-MRI's UNIT on RGB images; grey ones are shown as RGB.

    The paper: SSIM 0.7563 (T1), 0.7160 (T2).

    Command: `python -m gan_mri.train maheshwari/baseline_rgb --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/baseline_rgb`
    """
    return UNIT(
        epochs=100,
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
        channels=3,
    )


def baseline_gray():
    """Baseline (gray scale): GAN-MRI's UNIT on grey images; RGB ones are shown as grey.

    The paper: SSIM 0.7617 (T1), 0.7217 (T2).

    Command: `python -m gan_mri.train maheshwari/baseline_gray --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/baseline_gray`
    """
    return UNIT(
        epochs=100,
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
        channels=1,
    )


def charbonnier():
    """Baseline with Charbonnier loss (CL) in place of the mean absolute error.

    The paper: SSIM 0.7584 (T1), 0.7181 (T2).

    Command: `python -m gan_mri.train maheshwari/charbonnier --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/charbonnier`
    """
    return UNIT(
        epochs=100,
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
        image_loss="charbonnier",
        charbonnier_epsilon=0.001,
        channels=0,
    )


def spectral_norm():
    """Baseline with Spectral Normalization (SN) of encoders, generators and discriminators.

    The paper: SSIM 0.7108 (T1), 0.7402 (T2).

    Command: `python -m gan_mri.train maheshwari/spectral_norm --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/spectral_norm`
    """
    return UNIT(
        epochs=100,
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
        spectral_normalization=True,
        attention="none",
        image_loss="mean_absolute_error",
        charbonnier_epsilon=0.001,
        channels=0,
    )


def attention_generator():
    """Attention in generator.

    The paper: SSIM 0.7166 (T1), 0.5743 (T2).

    Command: `python -m gan_mri.train maheshwari/attention_generator --data
    BIDS_FOLDER --contrasts T1w T2w --out runs/attention_generator`
    """
    return UNIT(
        epochs=100,
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
        attention="generator",
        image_loss="mean_absolute_error",
        charbonnier_epsilon=0.001,
        channels=0,
    )


def attention_generator_charbonnier():
    """Attention in generator with CL.

    The paper: SSIM 0.7134 (T1), 0.5256 (T2).

    Command: `python -m gan_mri.train maheshwari/attention_generator_charbonnier
    --data BIDS_FOLDER --contrasts T1w T2w --out runs/attention_charbonnier`
    """
    return UNIT(
        epochs=100,
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
        attention="generator",
        image_loss="charbonnier",
        charbonnier_epsilon=0.001,
        channels=0,
    )


def attention_generator_charbonnier_sn():
    """Attention in generator with CL and SN.

    The paper: SSIM 0.6722 (T1), 0.6678 (T2).

    Command: `python -m gan_mri.train maheshwari/attention_generator_charbonnier_sn
    --data BIDS_FOLDER --contrasts T1w T2w --out runs/attention_generator_sn`
    """
    return UNIT(
        epochs=100,
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
        spectral_normalization=True,
        attention="generator",
        image_loss="charbonnier",
        charbonnier_epsilon=0.001,
        channels=0,
    )


def attention_encoder_charbonnier_sn():
    """Attention in encoder with CL and SN: the paper's best model, by eye.

    The paper: SSIM 0.7443 (T1), 0.6834 (T2); 0.7486 and 0.7176 after 100 epochs.

    Command: `python -m gan_mri.train maheshwari/attention_encoder_charbonnier_sn
    --data BIDS_FOLDER --contrasts T1w T2w --out runs/attention_encoder_sn`
    """
    return UNIT(
        epochs=100,
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
        spectral_normalization=True,
        attention="encoder",
        image_loss="charbonnier",
        charbonnier_epsilon=0.001,
        channels=0,
    )


RECIPES = {
    "maheshwari/baseline_rgb": baseline_rgb,
    "maheshwari/baseline_gray": baseline_gray,
    "maheshwari/charbonnier": charbonnier,
    "maheshwari/spectral_norm": spectral_norm,
    "maheshwari/attention_generator": attention_generator,
    "maheshwari/attention_generator_charbonnier": attention_generator_charbonnier,
    "maheshwari/attention_generator_charbonnier_sn": attention_generator_charbonnier_sn,
    "maheshwari/attention_encoder_charbonnier_sn": attention_encoder_charbonnier_sn,
}
