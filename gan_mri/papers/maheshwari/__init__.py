"""What Maheshwari and Pant (paper 002) print and draw: tables 7 a and b, figures 3 b, 5 and 6."""

from gan_mri.papers.maheshwari import sections
from gan_mri.papers.paper import Paper
from gan_mri.recipes.maheshwari import RECIPES


def _figure_7a(*rows):
    """Synthetic T1 is B2A of `--contrasts T1w T2w`, synthetic T2 is A2B."""
    methods = [recipe.partition("/")[2] for recipe in RECIPES]
    return {method: {"B2A": t1, "A2B": t2} for method, (t1, t2) in zip(methods, rows, strict=True)}


PAPER = Paper(
    title="Generative Adversarial Network (GAN) Based Translation Between Medical Image Modalities",
    source="Maheshwari and Pant, Stanford University (paper 002)",
    findings=(
        "The baseline with grey images has the highest SSIM of synthetic T1, spectral "
        "normalisation that of "
        "synthetic T2 (Figure 7 a, after 75 epochs).",
        "Attention in the generators lowers the SSIM of T2 from 0.72 to 0.57, with the "
        "Charbonnier penalty to 0.53, "
        "with spectral normalisation too to 0.67 (Figure 7 a).",
        "Attention in the encoders, with the Charbonnier penalty and spectral normalisation, is "
        "the authors' best "
        "model by eye: the bridge between the lobes is clearer (section 6.1, Figure 8). Its "
        "SSIM is below the "
        "baseline's of that epoch and close to it after 100 (section 7).",
        "That model gains 0.11 (T1) and 0.09 (T2) of SSIM from epoch 1 to 100; the baseline has "
        "nearly all of its "
        "SSIM after one epoch (section 7, Figure 7 b).",
        "Overfitting, read from the losses, begins at about epoch 13 for the baseline, 11 for "
        "the Charbonnier "
        "penalty, 1 for attention, and hardly at all with attention and spectral normalisation "
        "(section 6.2, Figure 6).",
        "SSIM is of translation and real image, averaged over the images of the test set "
        "(section 7). Its window, its "
        "data range and the treatment of the background are not given. Taken here: the whole "
        "image, background included.",
        "The two tables do not quite agree: after 75 epochs the baseline's SSIM of T2 is 0.716 "
        "in Figure 7 a (RGB) and "
        "0.7145 in Figure 7 b.",
    ),
    numbers={
        "ssim_image": _figure_7a(
            (0.7563, 0.7160),
            (0.7617, 0.7217),
            (0.7584, 0.7181),
            (0.7108, 0.7402),
            (0.7166, 0.5743),
            (0.7134, 0.5256),
            (0.6722, 0.6678),
            (0.7443, 0.6834),
        )
    },
    sections=sections.sections,
)
