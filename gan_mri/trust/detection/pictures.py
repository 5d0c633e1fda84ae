"""The pictures of the page: images, synthetic images and maps side by side, and ROC curves."""

import numpy as np

from gan_mri.reporting.drawings import color, legend_below, new_figure, save, tidy
from gan_mri.reporting.sheets import sample_sheet
from gan_mri.trust.lesions.pictures import LESION_LINE, picture

#: Subjects on a sheet.
MOST_SHOWN = 6
#: An absolute difference that is drawn white, in [-1, 1]: a quarter of the range of gray.
WHITE = 0.5
#: Voxels of air that are shown around the head.
_MARGIN = 3


def titles(sources, target, maps):
    """Titles of the columns of a sheet."""
    columns = [f"{name}, real" for name in sources] + [f"{target}, synthetic"]
    if "cycle" in maps:
        columns.append(f"{next(iter(sources))}, there and back")
    if "target" in maps:
        columns.append(f"{target}, real")
    return columns + [f"difference, {name}" for name in maps]


def pictures_of(real, synthetic, back, maps, names):
    """The pictures of a subject, in the order of `titles`: an axial plane.

    It is the plane with most of the mask, or where nothing is marked, that with the largest mean
    absolute difference of the first map among those with much of the head.

    Parameters
    ----------
    real : gan_mri.trust.lesions.volumes.Real
    synthetic : ndarray (X, Y, Z)
    back : ndarray (X, Y, Z) or None
        The source, translated there and back.
    maps : dict of str to ndarray (X, Y, Z)
        Signed maps of this subject.
    names : sequence of str
        Maps that any subject has.

    Returns
    -------
    list of (ndarray (H, W, 3) or None)
    """
    mask = np.zeros(real.head.shape, bool) if real.lesions is None else real.lesions
    z = _plane(real.head, mask, next(iter(maps.values())))
    images = [*real.sources.values(), synthetic]
    images += [back] if "cycle" in names else []
    images += [real.truth] if "target" in names else []
    images += [None if name not in maps else _gray(maps[name]) for name in names]
    shown = real.head[:, :, z] | mask[:, :, z]
    box = tuple(_extent(shown.any(axis=1 - axis)) for axis in range(2))
    return [
        None
        if image is None
        else picture(image[:, :, z][box], mask[:, :, z][box], real.sizes[:2], LESION_LINE)
        for image in images
    ]


def _plane(head, mask, signed):
    marked = mask.sum(axis=(0, 1))
    if marked.any():
        return int(marked.argmax())
    size = head.sum(axis=(0, 1))
    means = np.abs(signed).sum(axis=(0, 1)) / np.maximum(size, 1)
    return int(np.where(size >= size.max() / 2, means, -1).argmax())


def _extent(there):
    places = np.flatnonzero(there)
    return slice(max(places[0] - _MARGIN, 0), places[-1] + _MARGIN + 1)


def _gray(signed):
    """From 0 (black) to `WHITE`, as gray values in [-1, 1]."""
    return 2 * np.minimum(np.abs(signed) / WHITE, 1) - 1


def draw_sheet(path, columns, rows):
    """Write the pictures of the first subjects, and return the path."""
    sample_sheet(path, columns, rows[:MOST_SHOWN])
    return path


def draw_curves(path, curves):
    """Draw the ROC curves of all subjects and maps.

    Parameters
    ----------
    path : Path
        The PNG to write.
    curves : list of (str, str, float, (ndarray, ndarray))
        Subject, map, AUC and curve of its absolute difference.

    Returns
    -------
    Path or None
        None if there are none.
    """
    if not curves:
        return None
    figure = new_figure(5.6, 5.6)
    axes = figure.subplots()
    names = list(dict.fromkeys(name for _, name, _, _ in curves))
    handles, labels = [], []
    for number, name in enumerate(names):
        mine = [one for one in curves if one[1] == name]
        for _, _, _, (x, y) in mine:
            (line,) = axes.plot(x, y, color=color(number), linewidth=1.3, alpha=0.8)
        handles.append(line)
        labels.append(f"{name} map, mean AUC {np.mean([one[2] for one in mine]):.3f}")
    (chance,) = axes.plot([0, 1], [0, 1], "--", color="#777777", linewidth=0.9)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_xlabel("share of the voxels outside the mask that are called suspicious")
    axes.set_ylabel("share of the voxels of the mask that are")
    legend_below(figure, [*handles, chance], [*labels, "chance, AUC 0.5"])
    tidy(axes)
    return save(figure, path)
