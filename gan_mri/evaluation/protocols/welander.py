"""The measures of Welander et al. 2018: images z-scored one by one."""

from gan_mri.evaluation.measures import METRICS
from gan_mri.evaluation.protocols.protocol import Protocol

_METRICS = ("mae_z", "psnr_z", "mi_z")

WELANDER = Protocol(
    name="welander",
    title="Welander et al. 2018",
    source="Welander, Karlsson, Eklund 2018, arXiv:1806.07777 (paper 001), section 2.2 and "
    "Figure 1",
    unit="every test image by itself, as the paper has it: slices, or volumes where the model "
    "translates volumes",
    range="standard deviations: each image by itself minus its mean, over its standard deviation; "
    "PSNR: largest minus smallest value of the z-scored real image as data range",
    mask="none, all pixels count",
    window="that of the real image's file, by the scaling of the run; z-scoring undoes it but for "
    "what was clipped",
    metrics={name: METRICS[name][3] for name in _METRICS},
    average="mean over the images of a subject, then over subjects",
    measure=None,
    unfit=lambda target: None,
    needs="pairs of images",
)
