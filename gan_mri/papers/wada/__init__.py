"""What Wada and Kobayashi (paper 000) print and draw: table 1, figures 3 and 4."""

from gan_mri.papers.paper import Paper
from gan_mri.papers.wada.sections import color_sections

#: Table 1: what each method is, and its colour difference.
TABLE_1 = {
    "method1": ("CycleGAN", 14.1),
    "method2": ("CycleGAN + SN", 13.7),
    "method3": ("CycleGAN + SN + loss", 13.0),
    "method4": ("CycleGAN + SN + histogram", 8.9),
    "method5": ("proposed, outbound only", 5.0),
    "method6": ("proposed, round trip", 4.6),
}


def _sections(paper, runs, evaluation, folder, *, progress=True):
    return color_sections(runs, folder, numbers=TABLE_1, best="method6", progress=progress)


PAPER = Paper(
    title="Unsupervised image-to-image translation from MRI-based simulated images to "
    "realistic images reflecting specific color characteristics",
    source="Wada and Kobayashi (KYOCERA), paper 000",
    findings=(
        "The histogram as input halves the colour difference, and the histogram loss on top of "
        "it halves it again: 13.7 without both, 8.9 with the input, 5.0 and 4.6 with both "
        "(Table 1).",
        "The loss alone, which the generators cannot fulfil without seeing the reference, "
        "changes little: 13.0 (Table 1, section 4.3).",
        "Methods 1 and 2 give every image the same colours (section 4.3, Figure 3).",
        "Method 6 stays under 5, the tolerance of printed solids in ISO 12647-2, and shows the "
        "differences of brightness within an image, where method 5 is slightly blurry "
        "(section 4.3).",
    ),
    sections=_sections,
)
