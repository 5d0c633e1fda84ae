"""What recipes have in common that make one kind of image from one other, with pairs."""

import dataclasses

from gan_mri.errors import GanMriError
from gan_mri.recipes.recipe import Recipe, at_least, one_of
from gan_mri.tasks import Direction, Task


@dataclasses.dataclass(frozen=True, kw_only=True)
class OneDirection(Recipe):
    """Paired translation from A to B or from B to A.

    Fields
    ------
    direction : str
        "A2B" or "B2A".
    neighbours : int
        Of slices: how many on either side the network sees beside the slice that it
        translates, as channels ("2.5D"); 0: the slice alone. Not for pictures and volumes.
    """

    direction: str = one_of("A2B", "B2A")
    neighbours: int = at_least(0, default=0)

    def task(self, contrasts=None):
        source, target = self.direction.split("2")
        way = Direction(self.direction, (source,), target)
        return Task(("A", "B"), (way,), ("A", "B"), self.neighbours)

    def source_shape(self, image_shape):
        """The shape of what the network sees, of that of an image.

        Parameters
        ----------
        image_shape : tuple
            `(H, W, C)` or `(X, Y, Z, C)`.

        Returns
        -------
        tuple
            With `(2 * neighbours + 1) * C` channels.

        Raises
        ------
        GanMriError
            For neighbours of a volume.
        """
        *space, channels = image_shape
        if self.neighbours and len(space) == 3:
            raise GanMriError(
                "neighbours: expected 0 for volumes, whose slices a network sees together. "
                f"Received: {self.neighbours} for images of shape {tuple(image_shape)}."
            )
        return (*space, (2 * self.neighbours + 1) * channels)
