"""Eklund and Abramian, tutorial "GANs for cross-modality image synthesis" (paper 003).

"Making it work for all scanners": a network trained on one scanner's images does worse on
another's, and one way out is to "train a GAN to translate from scanner A to scanner B (requires
many images from scanner A and B)".
"""

import dataclasses

from gan_mri.recipes.settings.cyclegan import CycleGAN


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Harmonization(CycleGAN):
    @property
    def built_in_data(self):
        return "scanners"


def harmonization():
    """CycleGAN from the images of a new scanner (A) to those of the known one (B), unpaired.

    The tutorial names no settings; these are GAN-MRI's, whose authors are of the same group.

    Command: `python -m gan_mri.train eklund/harmonization --data BIDS_FOLDER --contrasts
    acq-new_T1w acq-known_T1w --out runs/harmonization`, by the ends of the files' names, or with
    FOLDER holding trainA (new) and trainB (known). Then `python -m gan_mri.translate
    runs/harmonization INPUT OUTPUT --direction A2B` makes images that the networks of the known
    scanner understand. Both groups of subjects must be alike: a difference in age or disease
    would be taken for one of the scanners, and translated too.

    Without data, two scanners of the phantom (`gan_mri.synthetic.brain.named_scanners`): most
    subjects are scanned by one of them and train, the others by both, and test.
    `benchmarks/harmonization.py` measures what it is worth to a segmenter. Of a small one (30
    epochs of 141 slices of 64 x 64 a scanner, 16 filters, 4 blocks; one training, 119 unseen
    subjects who travelled) nothing: a segmenter of scanner 1 has a mean Dice of 0.925 there, 0.810
    on scanner 2, 0.811 if histograms are matched, 0.669 after this CycleGAN and 0.713 with `--set
    image_losses=self_regularization:5`; one trained on scanner 2 has 0.871. The SSIM with scanner
    1 is 0.42, 0.58, 0.54 and 0.59 in the head: images that look more alike need not be better for
    what is done with them. Scan some subjects twice before relying on a translation.
    """
    return _Harmonization(
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


RECIPES = {"eklund/harmonization": harmonization}
