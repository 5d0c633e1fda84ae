"""Random changes of training images, one and the same for all images of a pair.

    augmentation = Augmentation.parse("mirror rotate:5 gamma")
    transform = augmentation.draw(rng, rank=2, mirror_axis=1)
    t1w, t2w = (transform(image, rng) for image in (t1w, t2w))

Everything follows from `rng`: a step that is keyed by its number is the same in a resumed run.

Why our own: TorchIO, MONAI and batchgeneratorsv2 need PyTorch, batchgenerators draws from NumPy's
global state, and albumentations keeps a random state of its own and turns volumes slice by slice.
"""

from gan_mri.data.augmentation.options import Augmentation
from gan_mri.data.augmentation.transform import Transform

__all__ = ["Augmentation", "Transform"]
