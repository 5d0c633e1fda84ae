"""Losses on images by name: the table of the tutorial (paper 003), row by row.

The tutorial's table gives 18 abbreviations, names and what each needs, from the
review of Yi, Walia and Babyn 2018. Which function stands for a row is this
project's reading. `l1` and `l2` here are the norms; "L1" and "L2" are rows.

| row | name there | needs | here |
|---|---|---|---|
| L1 | adversarial | - | `gan_mri.losses.adversarial` |
| L2 | image | pair | `l1`, `l2`, `charbonnier`, `foreground_l1`, `foreground_l2` |
| L3 | cycle | - | the models of `gan_mri.models` with a cycle |
| L4 | gradient | pair | `gradient_difference` |
| L5 | edge | pair | `edge` |
| L6 | sharp | pair | none: needs a network trained to see sharpness |
| L7 | shape, segmentation | labels | `segmenter_features` |
| L8 | perceptual | pair | `discriminator_features` |
| L9 | structure | pair | `ssim`, `ms_ssim` |
| L10 | style-content | pair | none: needs a network trained on photographs |
| L11 | self-regularisation | - | `self_regularization` |
| L12 | steer | pair | none: filters for vessels |
| L13 | classify | labels of images | none: a loss of a classifier |
| L14 | frequency | pair | `frequency` |
| L15 | KL | - | `gan_mri.losses.mean_square`, in UNIT |
| L16 | saliency | pair | none: needs a model of saliency |
| L17 | physical | a model | none: a loss of one system's physics |
| L18 | regulation | - | `total_variation` |

`mutual_information` is in no row.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gan_mri.errors import GanMriError
from gan_mri.losses.checks import wide_pair
from gan_mri.losses.edges import edge_difference, gradient_difference, total_variation
from gan_mri.losses.features import feature_difference
from gan_mri.losses.foreground import foreground_l1, foreground_l2
from gan_mri.losses.frequency import frequency_difference
from gan_mri.losses.histograms import negative_mutual_information
from gan_mri.losses.pixelwise import charbonnier, mean_absolute_error, mean_squared_error
from gan_mri.losses.structural import multiscale_dissimilarity, structural_dissimilarity


@dataclass(frozen=True)
class ImageLoss:
    """One loss on images.

    Attributes
    ----------
    function : callable
        To a scalar: `function(truth, image)`; `function(source, image)` if
        `beside` is "source"; `function(image)` if it is "nothing". If
        `of_features`, both are features instead of images.
    row : str
        Of the tutorial's table, such as "L4"; "" if it is in none.
    source : str
        Where it comes from.
    beside : {"truth", "source", "nothing"}
        What the image is compared with: its truth, aligned pixel by pixel;
        what it was translated from; nothing.
    of_features : bool
        Whether a network looks at the images first.
    """

    function: Callable
    row: str
    source: str
    beside: str = "truth"
    of_features: bool = False

    @property
    def needs_truth(self):
        """Whether training with it needs pairs."""
        return self.beside == "truth"


def _wide(loss, name):
    """A pixelwise loss that takes images of any precision, and of one shape only."""
    return lambda truth, image: loss(*wide_pair(truth, image, name))


#: Every loss on images by its name.
IMAGE_LOSSES = {
    "l1": ImageLoss(_wide(mean_absolute_error, "l1"), "L2", "Isola et al. 2017 (pix2pix)"),
    "l2": ImageLoss(_wide(mean_squared_error, "l2"), "L2", "Pathak et al. 2016"),
    "charbonnier": ImageLoss(_wide(charbonnier(), "charbonnier"), "L2", "Charbonnier et al. 1994"),
    "foreground_l1": ImageLoss(foreground_l1, "L2", "after foreground_l2, not squared"),
    "foreground_l2": ImageLoss(foreground_l2, "L2", "after the winner of SynthRAD2025"),
    "gradient_difference": ImageLoss(gradient_difference, "L4", "Mathieu et al. 2016"),
    "edge": ImageLoss(edge_difference, "L5", "Yu et al. 2019 (Ea-GANs)"),
    "ssim": ImageLoss(structural_dissimilarity, "L9", "Wang et al. 2004"),
    "ms_ssim": ImageLoss(multiscale_dissimilarity, "L9", "Wang et al. 2003"),
    "frequency": ImageLoss(frequency_difference, "L14", "after Yang et al. 2018 (DAGAN)"),
    "mutual_information": ImageLoss(
        negative_mutual_information, "", "Viola and Wells 1997, Avi-Aharon et al. 2020"
    ),
    "discriminator_features": ImageLoss(
        feature_difference, "L8", "Wang et al. 2018 (pix2pixHD)", of_features=True
    ),
    "segmenter_features": ImageLoss(
        feature_difference,
        "L7",
        "Johnson et al. 2016; of a segmenter of one's own labels: SynthRAD2025",
        of_features=True,
    ),
    "self_regularization": ImageLoss(
        _wide(mean_absolute_error, "self_regularization"),
        "L11",
        "Shrivastava et al. 2017 (SimGAN)",
        beside="source",
    ),
    "total_variation": ImageLoss(
        total_variation, "L18", "Rudin et al. 1992, Johnson et al. 2016", beside="nothing"
    ),
}


def needs_truth(losses):
    """Whether any of these losses (names, or a dict of them) needs pairs."""
    return any(IMAGE_LOSSES[name].needs_truth for name in losses)


def measured(losses, truth, image, source=None, *, features=None):
    """Every one of these losses of a translation, unweighted.

    Parameters
    ----------
    losses : iterable of str
        Names of `IMAGE_LOSSES`; a dict from `parse_image_losses` will do.
    truth : tensor or None
        What the translation should be, aligned with it; None where no loss
        needs it.
    image : tensor `(N, X, Y, C)` or `(N, X, Y, Z, C)`
        The translation, in [-1, 1].
    source : tensor, optional
        What it was translated from, for "self_regularization".
    features : dict from str to callable, optional
        For each loss on features, by its name: from images to a tensor or a
        list of one tensor a layer. A discriminator's hidden layers, say.

    Returns
    -------
    dict from str to scalar tensor
        In the order of `losses`.

    Raises
    ------
    GanMriError
        If a loss lacks what it needs.
    """
    given = {"truth": truth, "source": source}
    values = {}
    for name in losses:
        entry = IMAGE_LOSSES[name]
        if entry.beside == "nothing":
            values[name] = entry.function(image)
            continue
        other = given[entry.beside]
        if other is None:
            raise GanMriError(
                f"image_losses: expected a {entry.beside} beside every image for {name!r}. "
                "Received: none"
            )
        if entry.of_features:
            if name not in (features or {}):
                raise GanMriError(
                    f"image_losses: expected a network of features for {name!r}. Received: "
                    f"{', '.join(features or {}) or 'none'}"
                )
            look = features[name]
            values[name] = entry.function(look(other), look(image))
        else:
            values[name] = entry.function(other, image)
    return values


def weighted(losses, truth, image, source=None, *, features=None):
    """As `measured`, each times its weight; their sum is what a generator minimizes.

    Parameters
    ----------
    losses : dict from str to float
        Weights by name, from `parse_image_losses`.

    The other parameters are those of `measured`.

    Examples
    --------
    >>> values = weighted({"l1": 100}, tf.zeros((1, 4, 4, 1)), tf.fill((1, 4, 4, 1), 0.5))
    >>> {name: float(value) for name, value in values.items()}
    {'l1': 50.0}
    """
    values = measured(losses, truth, image, source, features=features)
    return {name: losses[name] * value for name, value in values.items()}
