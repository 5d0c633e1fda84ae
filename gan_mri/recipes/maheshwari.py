"""Maheshwari and Pant (paper 002): UNIT with attention, spectral norm and Charbonnier penalty.

"Generative Adversarial Network (GAN) Based Translation Between Medical Image
Modalities", Stanford University. GAN-MRI's UNIT in eight variants, trained for
100 epochs on 900 + 900 T1w and T2w slices of the Human Connectome Project,
304 x 256, registered; tested on 213 pairs by SSIM, after 75 epochs.

"Images are coloured" (section 3), but the paper does not say which variants
after the first two saw RGB: here they take images as they are. The scans are
grey, so RGB repeats one channel three times. The paper gives no cost; paper 001
gives 877 s an epoch on a 12 GB Titan X for GAN-MRI's UNIT. Trainable parameters
of all networks: 27.3 million, with attention 27.5.
"""

import dataclasses

from gan_mri.recipes.recipe import at_least, one_of
from gan_mri.recipes.unit import UNIT


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Baseline(UNIT):
    """Section 5: Adam of 1e-4, 0.5, 0.999, binary cross-entropy; 100 epochs, no decay."""

    epochs: int = at_least(1, 100)


@dataclasses.dataclass(frozen=True, kw_only=True)
class BaselineRGB(_Baseline):
    """Baseline (RGB): GAN-MRI's UNIT on RGB images; grey ones are shown as RGB.

    The paper: SSIM 0.7563 (T1), 0.7160 (T2).

    Command: `python -m gan_mri.train maheshwari/baseline_rgb --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/baseline_rgb`

    Fields
    ------
    As `gan_mri.recipes.unit.UNIT`, with 3 `channels`.
    """

    channels: int = at_least(0, 3)


@dataclasses.dataclass(frozen=True, kw_only=True)
class BaselineGray(_Baseline):
    """Baseline (gray scale): GAN-MRI's UNIT on grey images; RGB ones are shown as grey.

    The paper: SSIM 0.7617 (T1), 0.7217 (T2).

    Command: `python -m gan_mri.train maheshwari/baseline_gray --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/baseline_gray`

    Fields
    ------
    As `gan_mri.recipes.unit.UNIT`, with 1 channel.
    """

    channels: int = at_least(0, 1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Charbonnier(_Baseline):
    """Baseline with Charbonnier loss (CL) in place of the mean absolute error.

    The paper: SSIM 0.7584 (T1), 0.7181 (T2).

    Command: `python -m gan_mri.train maheshwari/charbonnier --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/charbonnier`

    Fields
    ------
    As `gan_mri.recipes.unit.UNIT`, with its own `image_loss`.
    """

    image_loss: str = one_of("charbonnier", "mean_absolute_error")


@dataclasses.dataclass(frozen=True, kw_only=True)
class SpectralNorm(_Baseline):
    """Baseline with Spectral Normalization (SN) of encoders, generators and discriminators.

    The paper: SSIM 0.7108 (T1), 0.7402 (T2).

    Command: `python -m gan_mri.train maheshwari/spectral_norm --data BIDS_FOLDER
    --contrasts T1w T2w --out runs/spectral_norm`

    Fields
    ------
    As `gan_mri.recipes.unit.UNIT`, with `spectral_normalization`.
    """

    spectral_normalization: bool = True


@dataclasses.dataclass(frozen=True, kw_only=True)
class AttentionGenerator(_Baseline):
    """Attention in generator.

    The paper: SSIM 0.7166 (T1), 0.5743 (T2).

    Command: `python -m gan_mri.train maheshwari/attention_generator --data
    BIDS_FOLDER --contrasts T1w T2w --out runs/attention_generator`

    Fields
    ------
    As `gan_mri.recipes.unit.UNIT`, with `attention` in the generators.
    """

    attention: str = one_of("generator", "encoder", "none")


@dataclasses.dataclass(frozen=True, kw_only=True)
class AttentionGeneratorCharbonnier(AttentionGenerator):
    """Attention in generator with CL.

    The paper: SSIM 0.7134 (T1), 0.5256 (T2).

    Command: `python -m gan_mri.train maheshwari/attention_generator_charbonnier
    --data BIDS_FOLDER --contrasts T1w T2w --out runs/attention_charbonnier`

    Fields
    ------
    As `AttentionGenerator`, with the `image_loss` of `Charbonnier`.
    """

    image_loss: str = one_of("charbonnier", "mean_absolute_error")


@dataclasses.dataclass(frozen=True, kw_only=True)
class AttentionGeneratorCharbonnierSN(AttentionGeneratorCharbonnier):
    """Attention in generator with CL and SN.

    The paper: SSIM 0.6722 (T1), 0.6678 (T2).

    Command: `python -m gan_mri.train maheshwari/attention_generator_charbonnier_sn
    --data BIDS_FOLDER --contrasts T1w T2w --out runs/attention_generator_sn`

    Fields
    ------
    As `AttentionGeneratorCharbonnier`, with `spectral_normalization`.
    """

    spectral_normalization: bool = True


@dataclasses.dataclass(frozen=True, kw_only=True)
class AttentionEncoderCharbonnierSN(AttentionGeneratorCharbonnierSN):
    """Attention in encoder with CL and SN: the paper's best model, by eye.

    The paper: SSIM 0.7443 (T1), 0.6834 (T2); 0.7486 and 0.7176 after 100
    epochs.

    Command: `python -m gan_mri.train maheshwari/attention_encoder_charbonnier_sn
    --data BIDS_FOLDER --contrasts T1w T2w --out runs/attention_encoder_sn`

    Fields
    ------
    As `AttentionGeneratorCharbonnierSN`, with `attention` in the encoders.
    """

    attention: str = one_of("encoder", "generator", "none")


RECIPES = {
    "maheshwari/baseline_rgb": BaselineRGB,
    "maheshwari/baseline_gray": BaselineGray,
    "maheshwari/charbonnier": Charbonnier,
    "maheshwari/spectral_norm": SpectralNorm,
    "maheshwari/attention_generator": AttentionGenerator,
    "maheshwari/attention_generator_charbonnier": AttentionGeneratorCharbonnier,
    "maheshwari/attention_generator_charbonnier_sn": AttentionGeneratorCharbonnierSN,
    "maheshwari/attention_encoder_charbonnier_sn": AttentionEncoderCharbonnierSN,
}
