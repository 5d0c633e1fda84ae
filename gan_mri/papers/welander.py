"""What Welander et al. 2018 (paper 001) found; their figures are those of every evaluation."""

from gan_mri.papers.paper import Paper

PAPER = Paper(
    title="GANs for image-to-image translation on multi-contrast MR images - "
    "a comparison of CycleGAN and UNIT",
    source="Welander, Karlsson, Eklund 2018, arXiv:1806.07777",
    findings=(
        "Generators_s is the best in every measure (section 3, Figure 1).",
        "Simple is the worst in every measure but the mutual information of T2 images "
        "(section 3), where it keeps the information of its input (section 4.1).",
        "CycleGAN, CycleGAN_s and UNIT are similar (section 3). CycleGAN_s has a slightly lower "
        "MAE than CycleGAN for T2 images, a higher one for T1 images (section 4.1).",
        "With few exceptions T1 images are better than T2 images (section 3).",
        "Generators_s and Simple make smooth images; those of the adversarial methods look more "
        "real (Figure 2, section 4.2).",
        "CycleGAN took 419 s an epoch of 900 images, UNIT 877 s: 2.1 times as much (section 2.2).",
        "Figure 1 has bars and no numbers, so there is no table of the paper's to set beside "
        "this one.",
    ),
)
