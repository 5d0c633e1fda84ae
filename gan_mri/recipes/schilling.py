"""Schilling et al. 2019, "Synthesized b0 for diffusion distortion correction (Synb0-DisCo)"
(Magnetic Resonance Imaging 64:62), and the authors' code, MASILab/Synb0-DISCO.

What paper 003, the tutorial, calls distortion correction: diffusion images are echo-planar and
distorted; an undistorted one is made from the anatomical image and the distorted one. It serves
as the target of a registration, or as the second blip that FSL's topup wants.
"""

import dataclasses

from gan_mri.errors import GanMriError
from gan_mri.recipes.recipe import Recipe, at_least, free_sizes
from gan_mri.tasks import Direction, Task

#: Roles, in the order of `--contrasts`; the last but one is left out where there is one blip.
ANATOMY, DISTORTED, REVERSED, UNDISTORTED = "T1w", "distorted", "reversed", "undistorted"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Synb0(Recipe):
    """Synb0's settings; slices along which the distortion runs, or volumes.

    Fields
    ------
    filters, levels
        See `gan_mri.networks.synb0_unet`.
    agreement_weight, weight_decay
        See `gan_mri.models.synb0.Synb0`.
    image_losses : str or dict
        Against the undistorted image: one at least that compares with the truth.
    """

    filters: int = at_least(1)
    levels: int = at_least(1)
    agreement_weight: float = at_least(0.0)
    weight_decay: float = at_least(0.0)

    def __post_init__(self):
        super().__post_init__()
        if not self._losses_need_truth():
            raise GanMriError(
                "image_losses: expected one that compares with the true image, such as "
                f"foreground_l2:1; there is nothing else to learn from. Received: "
                f"{self.image_losses!r}."
            )

    @property
    def built_in_options(self):
        # Voxels of 2.5 mm, as theirs.
        return {"contrasts": ("T1w", "b0_AP", "b0_PA", "b0"), "image_size": (88, 72)}

    def for_shape(self, image_shape):
        from gan_mri.networks.residual_unet import check_levels

        check_levels(self.levels, image_shape)
        return self

    def task(self, contrasts=None):
        """From the anatomy and one blip to the undistorted image; three contrasts: no second
        blip.
        """
        domains = (ANATOMY, DISTORTED, REVERSED, UNDISTORTED)
        if contrasts is not None and len(contrasts) == 3:
            domains = (ANATOMY, DISTORTED, UNDISTORTED)
        way = Direction(UNDISTORTED, (ANATOMY, DISTORTED), UNDISTORTED)
        return Task(domains, (way,), domains)

    def build_model(self, image_shape, *, task, seed):
        # Imported here so that the list of recipes costs no TensorFlow.
        from gan_mri.models.synb0 import Synb0 as Model

        (network,) = self.build_translators(free_sizes(image_shape), task).values()
        return Model(
            network,
            task,
            agreement_weight=self.agreement_weight,
            weight_decay=self.weight_decay,
            image_losses=self.image_losses,
        )

    def build_translators(self, image_shape, task):
        from gan_mri.networks.synb0_unet import synb0_unet

        (way,) = task.directions
        return {
            way.name: synb0_unet(
                image_shape,
                sources=way.sources,
                filters=self.filters,
                levels=self.levels,
                name=f"G_{way.name}",
            )
        }


def synb0():
    """An undistorted b0 from T1w and a distorted b0, whichever blip: needs pairs.

    The paper: T1w and b0 at 2.5 mm, volumes of 77 x 91 x 77 padded to 80 x 96 x 80, batch 1,
    100 epochs at a constant rate; the epoch that does best on the validation subjects
    (`translate --checkpoint best`); five networks of five folds, whose mean is taken (train
    five, `--validation-subjects`, and average what they make). Trainable parameters as a
    network of volumes: 19.3 million, of slices 7.1 million.

    Command: `python -m gan_mri.train schilling/synb0 --data BIDS_FOLDER --contrasts T1w
    dir-AP_epi dir-PA_epi b0 --image-size 80 96 80 --spacing 2.5 --align headers --out
    runs/synb0`: the anatomy, the two blips and the undistorted image (of topup, say), by the
    ends of their files' names. With three contrasts, without the second blip, nothing asks
    predictions to agree. All of a subject must lie in one space; their code registers to an
    atlas before.

    One blip is enough to translate: `python -m gan_mri.translate runs/synb0 --inputs
    T1w=a.nii.gz distorted=b.nii.gz --target undistorted OUTPUT`, in which `distorted` is
    either blip. (The contrasts' names are understood too, so with `--contrasts T1w b0_AP b0_PA
    b0` also `b0_AP=b.nii.gz --target b0`.) Then register the distorted image to OUTPUT along its
    phase-encoding axis, or give both to topup, OUTPUT with a readout time of 0.

    Cost: on the phantom's slices of 88 x 72 a step takes 0.7 s on 2 shared cores. A small one
    in 9 minutes: `--data phantom --epochs 12 --decay-epoch 6 --set filters=16
    learning_rate=0.0005`. The phantom's field is known (`gan_mri.synthetic.brain.epi`), so
    `benchmarks/distortion.py` says what is left of the displacement. Of that small one, one
    seed, 20 held-out subjects, RMS in the brain: 0.79 voxels of 2.5 mm in the distorted
    images, 0.22 after registration to T1w, 0.18 to the synthetic b0, 0.08 to the true one. The
    two predictions differ by a mean square of 0.0004 (the blips by 0.038, the brightest tissue
    being 1), and from the truth by 0.0077 (the blips by 0.023).

    As in the published code: both blips go through the network in one step; squared errors
    against the undistorted image, their mean over the blips, plus the squared difference of the
    two predictions; weight decay 1e-5 in Adam's gradient. Otherwise than there: the mask
    is the foreground of the truth or the prediction (`gan_mri.losses.foreground_l2`), where
    theirs is a mask of the brain; every image is scaled to its own 0.5th to 99.5th percentile,
    where theirs scales T1w from 0 to 150 (after FreeSurfer's normalisation) and both b0 from
    0 to the distorted one's 99th percentile; see `synb0_unet` for the network.
    """
    return Synb0(
        epochs=100,
        decay_epoch=100,
        batch_size=1,
        learning_rate=1e-4,
        beta_1=0.9,
        beta_2=0.999,
        image_losses="foreground_l2:1",
        filters=32,
        levels=4,
        agreement_weight=1.0,
        weight_decay=1e-5,
    )


RECIPES = {"schilling/synb0": synb0}
