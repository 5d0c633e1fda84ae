"""How well a model does on subjects that it has not seen."""

import numpy as np
import tensorflow as tf

from gan_mri import metrics
from gan_mri.training.tables import format_table

#: Images are in [-1, 1], so the range of values, which PSNR and SSIM need, is 2.
DATA_RANGE = 2.0
CONVENTION = (
    "intensities scaled to [-1, 1] (data range 2), foreground of either real image, "
    "mean over slices"
)


class HeldOut:
    """Images that measure a model: pairs where there are any.

    Paired images give MAE, PSNR and SSIM of each direction against the true
    image, within the foreground (of either real image, see
    `gan_mri.data.foreground`), averaged over slices. Unpaired images have no
    true translation: they give the MAE of the cycle A -> B -> A.

    Parameters
    ----------
    split : gan_mri.data.Split
        Validation or test.
    geometry : gan_mri.data.geometry.Geometry
    most : int, optional
        Take at most this many slices, evenly spaced.
    """

    def __init__(self, split, geometry, *, most=None):
        self._split, self._geometry = split, geometry
        self.paired = len(split.pairs) > 0
        if self.paired:
            rows = [tuple(pair) for pair in split.pairs.tolist()]
        else:
            rows = list(zip(range(len(split.A)), range(len(split.B))))
        if most is not None and len(rows) > most:
            chosen = np.linspace(0, len(rows) - 1, most).round().astype(int)
            rows = [rows[index] for index in chosen]
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def images(self, index):
        """(A, B), whole, `(H, W, C)` in [-1, 1]."""
        a, b = self.rows[index]
        return (
            self._geometry.whole(self._split.A[a]),
            self._geometry.whole(self._split.B[b]),
        )

    def mask(self, index):
        """Foreground of a pair: where either image has any."""
        a, b = self.rows[index]
        return self._geometry.whole_mask(
            self._split.A.mask(a)
        ) | self._geometry.whole_mask(self._split.B.mask(b))

    def label(self, index):
        """Name of a row, for people."""
        a, b = self.rows[index]
        label_A, label_B = self._split.A.label(a), self._split.B.label(b)
        return label_A if self.paired else f"{label_A} | {label_B}"

    def measure(self, translate):
        """Mean metrics of a translation.

        Parameters
        ----------
        translate : callable
            `translate(direction, images)`, `(N, H, W, C)` to the same.

        Returns
        -------
        dict of str to float
            "mae_A2B", "psnr_A2B", "ssim_A2B" and the same for B2A; unpaired:
            "cycle_mae_A" and "cycle_mae_B".
        """
        if not self.paired:
            return self._measure_cycles(translate)
        values = {}
        for index in range(len(self)):
            A, B = self.images(index)
            mask = self.mask(index)
            for direction, source, truth in (("A2B", A, B), ("B2A", B, A)):
                translated = translate(direction, source[np.newaxis])[0]
                for name, value in _compare(truth, translated, mask).items():
                    values.setdefault(f"{name}_{direction}", []).append(value)
        return {name: float(np.mean(numbers)) for name, numbers in values.items()}

    def _measure_cycles(self, translate):
        values = {"cycle_mae_A": [], "cycle_mae_B": []}
        for index in range(len(self)):
            for name, image, there, back in zip(
                values, self.images(index), ("A2B", "B2A"), ("B2A", "A2B")
            ):
                cycled = translate(back, translate(there, image[np.newaxis]))[0]
                values[name].append(metrics.mae(image, cycled))
        return {name: float(np.mean(numbers)) for name, numbers in values.items()}


def _compare(truth, image, mask):
    if not mask.any():
        mask = None
    return {
        "mae": metrics.mae(truth, image, mask=mask),
        "psnr": metrics.psnr(truth, image, data_range=DATA_RANGE, mask=mask),
        "ssim": metrics.ssim(truth, image, data_range=DATA_RANGE, mask=mask),
    }


def copy_input(direction, images):
    """The baseline: the input itself taken as the answer."""
    return images


def translator(model):
    """A function `translate(direction, images)` of a model, in its own precision.

    Parameters
    ----------
    model : gan_mri.models.translation.Translation

    Returns
    -------
    callable
        NumPy in, NumPy out.
    """
    compiled = {
        direction: tf.function(network, reduce_retracing=True)
        for direction, network in model.translators.items()
    }

    def translate(direction, images):
        dtype = model.translators[direction].inputs[0].dtype
        return compiled[direction](tf.cast(images, dtype)).numpy()

    return translate


def held_out_table(measured, contrasts):
    """The table of `held_out.json` as text.

    Parameters
    ----------
    measured : dict
        The content of the file.
    contrasts : (str, str)
    """
    subjects = measured["subjects"]
    caption = (
        f"Held out: {measured['slices']} slices of {len(subjects)} subjects; "
        f"{measured['convention']}"
    )
    metrics = measured["metrics"]
    if "cycle_mae_A" in metrics["untrained"]:
        a, b = contrasts
        rows = [
            [name, f"{values['cycle_mae_A']:.4f}", f"{values['cycle_mae_B']:.4f}"]
            for name, values in metrics.items()
        ]
        header = ["", f"MAE {a} -> {b} -> {a}", f"MAE {b} -> {a} -> {b}"]
        return format_table(header, rows, caption=caption)
    rows = []
    for direction, (source, target) in {
        "A2B": contrasts,
        "B2A": tuple(reversed(contrasts)),
    }.items():
        for name, values in metrics.items():
            mae, psnr, ssim = (
                values[f"{metric}_{direction}"] for metric in ("mae", "psnr", "ssim")
            )
            rows.append(
                [f"{source} -> {target}", name, f"{mae:.4f}", f"{psnr:.2f}", f"{ssim:.4f}"]
            )
    return format_table(
        ["translation", "image", "MAE", "PSNR / dB", "SSIM"], rows, caption=caption
    )
