"""How well a model does on subjects that it has not seen."""

import functools

import numpy as np
import tensorflow as tf

from gan_mri import metrics
from gan_mri.models.translation import apply_translator, takes_reference
from gan_mri.reporting.tables import format_table

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
    `gan_mri.data.images.foreground`), averaged over slices. Unpaired images have no
    true translation: they give the MAE of the cycle A -> B -> A.

    A model that makes an image after a reference gets the row's other image
    for it, as in training, and on the way back the image that it started from.

    Parameters
    ----------
    split : gan_mri.data.Split
        Validation or test.
    geometry : gan_mri.data.images.geometry.Geometry
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

    def masks(self, index):
        """Foreground of A and of B; of a pair, where either image has any."""
        a, b = self.rows[index]
        A = self._geometry.whole_mask(self._split.A.mask(a))
        B = self._geometry.whole_mask(self._split.B.mask(b))
        return (A | B, A | B) if self.paired else (A, B)

    def label(self, index):
        """Name of a row, for people."""
        a, b = self.rows[index]
        label_A, label_B = self._split.A.label(a), self._split.B.label(b)
        return label_A if self.paired else f"{label_A} | {label_B}"

    def measure(self, translate):
        """Mean metrics of a translation, and signs of a training gone wrong.

        Parameters
        ----------
        translate : callable
            `translate(direction, images, references)`, `(N, H, W, C)` to the
            same; references are images of the target domain, which a model
            may ignore.

        Returns
        -------
        dict of str to float or None
            "mae_A2B", "psnr_A2B", "ssim_A2B" and the same for B2A; unpaired
            "cycle_mae_A" and "cycle_mae_B". And for each direction "rank_A2B",
            the rank correlation of output and input in the foreground (its
            sign tells whether dark stays dark); "shift_A2B", how many pixels
            the edges of the output lie beside those of the input (median over
            slices); and "diversity_A2B", the mean difference between two
            outputs over that between two inputs (0: the generator has
            collapsed to one image). None where an image is constant or there
            are no two of one size.
        """
        values = {}
        images = {"A2B": [], "B2A": []}
        shifts = {"A2B": [], "B2A": []}
        for index in range(len(self)):
            A, B = self.images(index)
            mask_A, mask_B = self.masks(index)
            for direction, source, other, mask in (
                ("A2B", A, B, mask_A),
                ("B2A", B, A, mask_B),
            ):
                translated = translate(direction, source[np.newaxis], other[np.newaxis])[0]
                images[direction].append((source, translated))
                if self.paired:
                    row = _compare(other, translated, mask)
                else:
                    back = "B2A" if direction == "A2B" else "A2B"
                    cycled = translate(back, translated[np.newaxis], source[np.newaxis])[0]
                    row = {"cycle_mae": metrics.mae(source, cycled)}
                row["rank"] = _rank(source, translated, mask)
                shifts[direction].append(np.hypot(*metrics.displacement(source, translated)))
                for name, value in row.items():
                    end = direction[0] if name == "cycle_mae" else direction
                    values.setdefault(f"{name}_{end}", []).append(value)
        means = {name: _mean(numbers) for name, numbers in values.items()}
        for direction, pairs in images.items():
            means[f"shift_{direction}"] = float(np.median(shifts[direction]))
            means[f"diversity_{direction}"] = _diversity(pairs)
        return means


def _compare(truth, image, mask):
    mask = _not_empty(mask)
    return {
        "mae": metrics.mae(truth, image, mask=mask),
        "psnr": metrics.psnr(truth, image, data_range=DATA_RANGE, mask=mask),
        "ssim": metrics.ssim(truth, image, data_range=DATA_RANGE, mask=mask),
    }


def _rank(source, image, mask):
    mask = _not_empty(mask)
    inside = [source, image] if mask is None else [source[mask], image[mask]]
    if any(np.ptp(values) == 0 for values in inside):
        return None
    return metrics.rank_correlation(source, image, mask=mask)


def _diversity(pairs):
    """Diversity of outputs over that of inputs, among images of one size."""
    shapes = [source.shape for source, _ in pairs]
    common = max(set(shapes), key=shapes.count)
    pairs = [pair for pair in pairs if pair[0].shape == common]
    if len(pairs) < 2:
        return None
    inputs, outputs = (metrics.diversity(np.stack(images)) for images in zip(*pairs))
    return outputs / inputs if inputs else None


def _mean(numbers):
    known = [number for number in numbers if number is not None]
    return float(np.mean(known)) if known else None


def _not_empty(mask):
    """The mask, or None (everywhere) where it holds nothing."""
    return mask if mask.any() else None


def copy_input(direction, images, references):
    """The baseline: the input itself taken as the answer."""
    return images


def translator(model):
    """A model as a function, in its own precision.

    Parameters
    ----------
    model : gan_mri.models.translation.Translation

    Returns
    -------
    callable
        `translate(direction, images, references)`, NumPy in, NumPy out;
        references, `(N, H', W', C)`, are ignored where the direction takes
        none. `translate.referring` lists the directions that take them.
    """
    return _ModelTranslator(model.translators)


class _ModelTranslator:
    def __init__(self, networks):
        self._networks = networks
        self._compiled = {
            direction: tf.function(
                functools.partial(apply_translator, network), reduce_retracing=True
            )
            for direction, network in networks.items()
        }
        self.referring = [name for name, one in networks.items() if takes_reference(one)]

    def __call__(self, direction, images, references):
        inputs = self._networks[direction].inputs
        images = tf.cast(images, inputs[0].dtype)
        # An ignored one would still make the function be traced for its size.
        referring = direction in self.referring
        references = tf.cast(references, inputs[1].dtype) if referring else None
        return self._compiled[direction](images, references).numpy()


def held_out_table(measured, contrasts):
    """The table of `held_out.json` as text.

    Parameters
    ----------
    measured : dict
        The content of the file, from `read_held_out`.
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
            rows.append([f"{source} -> {target}", name, f"{mae:.4f}", f"{psnr:.2f}", f"{ssim:.4f}"])
    return format_table(["translation", "image", "MAE", "PSNR / dB", "SSIM"], rows, caption=caption)
