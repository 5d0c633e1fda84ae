"""Losses: small pure functions of tensors, each a scalar.

`adversarial` (pairs for discriminator and generator, by name), `images` (losses
on translations by name, with `weights` reading how much each counts), and the
functions behind those names: `pixelwise`, `foreground`, `edges`, `structural`,
`frequency`, `histograms`, `features`; `codes` is UNIT's.
"""

import gan_mri.backend  # noqa: F401  Before Keras, whose backend it checks.
from gan_mri.losses.adversarial import (
    Adversarial,
    adversarial,
    binary_cross_entropy,
    gradient_penalty,
    least_squares,
)
from gan_mri.losses.codes import mean_square
from gan_mri.losses.edges import edge_difference, gradient_difference, total_variation
from gan_mri.losses.features import feature_difference
from gan_mri.losses.foreground import foreground_l1, foreground_l2
from gan_mri.losses.frequency import frequency_difference
from gan_mri.losses.histograms import histogram_distance, negative_mutual_information
from gan_mri.losses.images import IMAGE_LOSSES, ImageLoss, measured, needs_truth, weighted
from gan_mri.losses.pixelwise import charbonnier, mean_absolute_error, mean_squared_error
from gan_mri.losses.structural import multiscale_dissimilarity, structural_dissimilarity
from gan_mri.losses.weights import parse_image_losses

__all__ = [
    "IMAGE_LOSSES",
    "Adversarial",
    "ImageLoss",
    "adversarial",
    "binary_cross_entropy",
    "charbonnier",
    "edge_difference",
    "feature_difference",
    "foreground_l1",
    "foreground_l2",
    "frequency_difference",
    "gradient_difference",
    "gradient_penalty",
    "histogram_distance",
    "least_squares",
    "mean_absolute_error",
    "mean_square",
    "mean_squared_error",
    "measured",
    "multiscale_dissimilarity",
    "needs_truth",
    "negative_mutual_information",
    "parse_image_losses",
    "structural_dissimilarity",
    "total_variation",
    "weighted",
]
