"""Which directions of a run lead from noise to images, one after the other."""

from gan_mri.errors import GanMriError


def from_noise(run):
    """The directions that lead from noise on, each after what it starts from.

    Parameters
    ----------
    run : gan_mri.runs.run.Run

    Returns
    -------
    list of gan_mri.tasks.Direction

    Raises
    ------
    GanMriError
        If there are none.
    """
    directions = run.task.directions
    ways = [way for way in directions if way.noise]
    if not ways:
        names = " and ".join(direction.name for direction in directions)
        raise GanMriError(
            f"{run.folder}: expected a run that makes images out of noise, such as one of "
            f"guibas/dual_gan. Received one of {run.config['recipe']}, which translates real "
            f"images ({names}): python -m gan_mri.translate does that."
        )
    while True:
        made = {way.target for way in ways}
        further = [
            way
            for way in directions
            if way.sources and set(way.sources) <= made and way.target not in made
        ]
        if not further:
            return ways
        ways += further[:1]
