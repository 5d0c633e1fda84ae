"""How well a model does on subjects that it has not seen."""

import functools

import numpy as np
import tensorflow as tf

from gan_mri import metrics
from gan_mri.metrics.similarity import SSIM_WINDOW
from gan_mri.networks.inputs import call_by_name, input_names, takes_reference
from gan_mri.reporting.tables import format_table

#: Images are in [-1, 1], so the range of values, which PSNR and SSIM need, is 2.
DATA_RANGE = 2.0


class HeldOut:
    """Images that measure a model: of one anatomy where there are any.

    Paired images give MAE, PSNR and SSIM of each direction against the true
    image, within the foreground (of any real image of the row, see
    `gan_mri.data.images.foreground`), averaged over images. Unpaired images have no
    true translation: where a direction has a way back they give the MAE of the cycle, in the
    foreground of the source.

    A model that makes an image after a reference gets the row's image of the target
    for it, as in training, and on the way back the image that it started from.

    Parameters
    ----------
    split : gan_mri.data.Split
        Validation or test.
    geometry : gan_mri.data.images.geometry.Geometry
    task : gan_mri.tasks.Task
    most : int, optional
        Take at most this many rows, evenly spaced.
    """

    def __init__(self, split, geometry, task, *, most=None):
        self._split, self._geometry, self._task = split, geometry, task
        self._domains = split.domains
        self.paired = len(split.pairs) > 0
        if self.paired:
            rows = [tuple(row) for row in split.pairs.tolist()]
        else:
            rows = list(zip(*(range(len(split[domain])) for domain in self._domains)))
        if most is not None and len(rows) > most:
            chosen = np.linspace(0, len(rows) - 1, most).round().astype(int)
            rows = [rows[index] for index in chosen]
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    @property
    def convention(self):
        """Range, mask and averaging of what `measure` gives, as a sentence."""
        of = "volumes" if self._geometry.rank == 3 else "slices"
        whose = "any real image of the row" if self.paired else "the source"
        return (
            f"intensities scaled to [-1, 1] (data range 2), foreground of {whose}, mean over {of}"
        )

    def images(self, index):
        """Domain to image, whole, `(*spatial, C)` in [-1, 1], as networks see it: sources with
        their neighbouring slices, if the task has any.
        """
        return {
            domain: self._geometry.whole(self._split[domain][place])
            for domain, place in zip(self._domains, self.rows[index])
        }

    def masks(self, index):
        """Domain to foreground; of one anatomy, where any image has it."""
        masks = {
            domain: self._geometry.whole_mask(self._split[domain].mask(place))
            for domain, place in zip(self._domains, self.rows[index])
        }
        if not self.paired:
            return masks
        return dict.fromkeys(masks, np.logical_or.reduce(list(masks.values())))

    def label(self, index):
        """Name of a row, for people."""
        labels = [
            self._split[domain].label(place)
            for domain, place in zip(self._domains, self.rows[index])
        ]
        return labels[0] if self.paired else " | ".join(labels)

    def measure(self, translate):
        """Mean metrics of every direction, and signs of a training gone wrong.

        Parameters
        ----------
        translate : callable
            `translate(name, inputs)`: from the name of a direction and a dict of
            batches by the names of the network's inputs, "reference" among them, which a model
            may ignore, to `(N, *spatial, C)`.

        Returns
        -------
        dict of str to float or None
            Of every direction, such as A2B: "mae_A2B", "psnr_A2B", "ssim_A2B"; unpaired
            "cycle_mae_A", by the domain that is left and reached again. And "rank_A2B",
            the rank correlation of output and (first) input in the foreground (its
            sign tells whether dark stays dark); "shift_A2B", how many voxels
            the edges of the output lie beside those of the input (median over
            images); and "diversity_A2B", the mean difference between two
            outputs over that between two inputs (0: the generator has
            collapsed to one image). None where an image is constant, there
            are no two of one size, or (SSIM) a side is shorter than its window.
        """
        values, shifts, made = {}, {}, {}
        for index in range(len(self)):
            seen, masks = self.images(index), self.masks(index)
            batch = {domain: image[np.newaxis] for domain, image in seen.items()}
            images = self._task.alone(seen)
            for direction in self._task.directions:
                if not direction.sources:
                    continue  # Of an image out of noise there is no true one.
                name = direction.name
                inputs = direction.inputs(batch, batch[direction.target])
                translated = translate(name, inputs)
                row = {}
                if self.paired:
                    truth = images[direction.target]
                    row = _compare(truth, translated[0], masks[direction.target], name)
                else:
                    row = self._cycle(translate, direction, batch, translated, masks)
                source = images[direction.sources[0]]
                mask = masks[direction.sources[0]]
                made.setdefault(name, []).append((source, translated[0]))
                row[f"rank_{name}"] = _rank(source, translated[0], mask)
                shift = metrics.displacement(source, translated[0])
                shifts.setdefault(name, []).append(np.linalg.norm(shift))
                for key, value in row.items():
                    values.setdefault(key, []).append(value)
        means = {key: _mean(numbers) for key, numbers in values.items()}
        for name, pairs in made.items():
            means[f"shift_{name}"] = float(np.median(shifts[name]))
            means[f"diversity_{name}"] = _diversity(pairs)
        return means

    def _cycle(self, translate, direction, batch, translated, masks):
        back = self._task.back(direction.name)
        if back is None:
            return {}
        (source,) = direction.sources
        inputs = back.inputs({direction.target: translated}, batch[source])
        cycled = translate(back.name, inputs)[0]
        mask = _not_empty(masks[source])
        return {f"cycle_mae_{source}": metrics.mae(batch[source][0], cycled, mask=mask)}


def _compare(truth, image, mask, name):
    mask = _not_empty(mask)
    ssim = None
    if min(truth.shape[:-1]) >= SSIM_WINDOW:
        ssim = metrics.ssim(truth, image, data_range=DATA_RANGE, mask=mask)
    return {
        f"mae_{name}": metrics.mae(truth, image, mask=mask),
        f"psnr_{name}": metrics.psnr(truth, image, data_range=DATA_RANGE, mask=mask),
        f"ssim_{name}": ssim,
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


def copying(task):
    """The baseline: the (first) source itself taken as the answer.

    Parameters
    ----------
    task : gan_mri.tasks.Task

    Returns
    -------
    callable
        `translate(name, inputs)`, see `HeldOut.measure`.
    """

    def copy(name, inputs):
        domain = task.direction(name).sources[0]
        return task.alone({domain: next(iter(inputs.values()))})[domain]

    return copy


def translator(model):
    """A model as a function, in its own precision.

    Parameters
    ----------
    model : gan_mri.models.translation.Translation

    Returns
    -------
    callable
        `translate(name, inputs)`, NumPy in, NumPy out, see `HeldOut.measure`;
        `translate.referring` lists the directions that take a reference.
    """
    return _ModelTranslator(model.translators)


class _ModelTranslator:
    def __init__(self, networks):
        self._networks = networks
        self._compiled = {
            name: tf.function(functools.partial(call_by_name, network), reduce_retracing=True)
            for name, network in networks.items()
        }
        self.referring = [name for name, network in networks.items() if takes_reference(network)]

    def __call__(self, name, inputs):
        network = self._networks[name]
        # An ignored one would still make the function be traced for its size.
        taken = {
            key: tf.cast(inputs[key], tensor.dtype)
            for key, tensor in zip(input_names(network), network.inputs)
        }
        return self._compiled[name](taken).numpy()


def held_out_table(measured, task, contrasts):
    """The table of `held_out.json` as text.

    Parameters
    ----------
    measured : dict
        The content of the file, from `read_held_out`.
    task : gan_mri.tasks.Task
    contrasts : dict of str to str
        By domain.
    """
    subjects = measured["subjects"]
    caption = (
        f"Held out: {measured['slices']} {measured.get('unit', 'slices')} of {len(subjects)} "
        f"subjects; {measured['convention']}"
    )
    found = measured["metrics"]
    rows = []
    for direction in task.directions:
        name = direction.name
        source = " + ".join(contrasts[domain] for domain in direction.sources) or "noise"
        target = contrasts[direction.target]
        for image, values in found.items():
            if f"mae_{name}" in values:
                row = [f"{source} -> {target}", image]
                row += [
                    _cell(values.get(f"{metric}_{name}"), digits)
                    for metric, digits in (("mae", 4), ("psnr", 2), ("ssim", 4))
                ]
                rows.append(row)
    if rows:
        header = ["translation", "image", "MAE", "PSNR / dB", "SSIM"]
        return format_table(header, rows, caption=caption)
    cycles = {
        f"cycle_mae_{domain}": f"MAE {_there_and_back(task, domain, contrasts)}"
        for domain in task.domains
        if f"cycle_mae_{domain}" in next(iter(found.values()))
    }
    rows = [[image, *(_cell(values[key], 4) for key in cycles)] for image, values in found.items()]
    return format_table(["", *cycles.values()], rows, caption=caption)


def _there_and_back(task, domain, contrasts):
    way = next(one for one in task.directions if one.sources == (domain,) and task.back(one.name))
    return f"{contrasts[domain]} -> {contrasts[way.target]} -> {contrasts[domain]}"


def _cell(value, digits):
    return None if value is None else f"{value:.{digits}f}"
