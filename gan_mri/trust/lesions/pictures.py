"""The pictures of the report: places in the real and in the synthetic images, and all contrasts.

Axial planes, the patient's left on the viewer's left, the front up. Every picture of a row has
the gray values of its contrast's window. What is outlined lies inside of the line.
"""

import numpy as np
from scipy import ndimage

from gan_mri.reporting.drawings import COLORS, new_figure, save, tidy
from gan_mri.reporting.sheets import sample_sheet
from gan_mri.trust.lesions.contrast import VERDICTS

#: Rows of a sheet.
MOST_SHOWN = 3
#: A side of a close-up in mm, and of a picture as drawn, in pixels.
_CLOSE, _SIDE = 40.0, 400
#: Voxels of air that are shown around the head.
_MARGIN = 3
#: RGB in [-1, 1]: around lesions, and around what is invented.
LESION_LINE, INVENTED_LINE = (1.0, 0.75, -1.0), (1.0, -0.3, 0.75)

_VERDICT_COLORS = dict(zip(VERDICTS, (COLORS[2], COLORS[4], COLORS[1], COLORS[7])))


class Gallery:
    """The largest places of each kind, as pictures; the others are forgotten.

    Attributes
    ----------
    rows : dict of str to list
        By kind: (volume, label, pictures), the largest first.
    columns : list of str
        Titles of the pictures.
    """

    def __init__(self, sources, target):
        self.rows = {}
        self.columns = [
            *(f"{name}, real" for name in sources),
            f"{target}, real",
            f"{target}, synthetic",
            f"{target}, real, close",
            f"{target}, synthetic, close",
        ]

    def offer(self, kind, found, real, synthetic, mask, line):
        """Keep a place, if it is one of the largest of its kind.

        Parameters
        ----------
        kind : str
        found : gan_mri.trust.lesions.findings.Found
        real : gan_mri.trust.lesions.volumes.Real
        synthetic : ndarray (X, Y, Z)
            In [-1, 1].
        mask : ndarray of bool (X, Y, Z)
            What is outlined.
        line : tuple of float
        """
        rows, volume = self.rows.setdefault(kind, []), found.component.volume
        if len(rows) == MOST_SHOWN and volume <= rows[-1][0]:
            return
        label = f"{found.row['subject']}, no. {found.row['number']}, {volume:.3f} mL"
        pictures = _row(found.component, real, synthetic, mask, line)
        rows.append((volume, label, pictures))
        rows.sort(key=lambda row: -row[0])
        del rows[MOST_SHOWN:]

    def draw(self, kind, path):
        """Write the sheet of a kind.

        Returns
        -------
        Path or None
            None if there is nothing of that kind.
        """
        rows = [(label, pictures) for _, label, pictures in self.rows.get(kind, ())]
        if not rows:
            return None
        sample_sheet(path, self.columns, rows)
        return path


def _row(component, real, synthetic, mask, line):
    """The pictures of a place: whole planes, then close-ups of the target."""
    x, y, z = component.middle
    sizes = real.sizes[:2]
    plane = real.head[:, :, z] | mask[:, :, z]
    whole = tuple(_extent(plane.any(axis=1 - axis), _MARGIN) for axis in range(2))
    half = np.maximum(np.ceil(_CLOSE / 2 / sizes), 2).astype(int)
    close = tuple(
        slice(max(place - more, 0), place + more + 1) for place, more in zip((x, y), half)
    )
    images = [*real.sources.values(), real.truth, synthetic]
    views = [(image, whole) for image in images] + [(image, close) for image in images[-2:]]
    return [picture(image[:, :, z][box], mask[:, :, z][box], sizes, line) for image, box in views]


def _extent(there, margin):
    places = np.flatnonzero(there)
    return slice(max(places[0] - margin, 0), places[-1] + margin + 1)


def picture(plane, mask, sizes, line):
    """A plane as RGB, enlarged, with the outline of a mask.

    Parameters
    ----------
    plane : ndarray (X, Y)
        In [-1, 1].
    mask : ndarray of bool (X, Y)
    sizes : (float, float)
        Edges of a pixel in mm; the picture has their proportions, to a whole factor.
    line : (float, float, float)
        RGB in [-1, 1].

    Returns
    -------
    ndarray (H, W, 3)
        The front up, the patient's left on the left.
    """
    share = np.asarray(sizes, float) / min(sizes)
    factor = max(1, int(_SIDE // max(share * plane.shape)))
    across, down = (max(1, int(np.rint(factor * one))) for one in share)
    gray, inside = (
        one.T[::-1].repeat(down, axis=0).repeat(across, axis=1) for one in (plane, mask)
    )
    colors = np.repeat(np.clip(gray, -1, 1)[..., np.newaxis], 3, axis=-1).astype(np.float32)
    colors[ndimage.binary_dilation(inside) & ~inside] = line
    return colors


def contrast_figure(path, rows, thresholds):
    """Draw the contrast of every lesion: synthetic over real.

    Parameters
    ----------
    path : Path
        The PNG to write.
    rows : list of dict
        Of lesions.csv.
    thresholds : gan_mri.trust.lesions.contrast.Thresholds

    Returns
    -------
    Path or None
        None if no lesion has a contrast.
    """
    rows = [row for row in rows if row["contrast_real"] is not None]
    if not rows:
        return None
    figure = new_figure(6.4, 5.2)
    axes = figure.subplots()
    for verdict in VERDICTS:
        mine = [row for row in rows if row["verdict"] == verdict]
        if mine:
            axes.scatter(
                [row["contrast_real"] for row in mine],
                [row["contrast_synthetic"] for row in mine],
                # A ball's width, not its volume.
                s=[12 + 60 * row["volume_ml"] ** (2 / 3) for row in mine],
                color=_VERDICT_COLORS[verdict],
                alpha=0.8,
                label=f"{verdict} ({len(mine)})",
            )
    ends = np.array([min(0.0, *axes.get_xlim()), max(0.0, *axes.get_xlim())])
    for share, text in ((1.0, "as in the real image"), (thresholds.kept, f"{thresholds.kept:g}"),
                        (thresholds.lost, f"{thresholds.lost:g}")):  # fmt: skip
        style = "-" if share == 1 else "--"
        axes.plot(ends, share * ends, style, color="#555555", linewidth=0.9)
        far = ends[np.abs(ends).argmax()]
        axes.annotate(
            text,
            (far, share * far),
            (-4 if far > 0 else 4, 3),
            textcoords="offset points",
            fontsize=8,
            color="#555555",
            ha="right" if far > 0 else "left",
        )
    axes.axhline(0, color="#999999", linewidth=0.6)
    axes.set_xlim(ends)
    axes.set_xlabel("contrast in the real image / deviation of its surroundings")
    axes.set_ylabel("contrast in the synthetic image / the same deviation")
    for handle in axes.legend(frameon=False, fontsize=9).legend_handles:
        handle.set_sizes([30])
    tidy(axes)
    return save(figure, path)
