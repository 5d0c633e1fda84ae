"""One image, or one of every source, through a translator: its view there and back."""

import logging

import numpy as np
from tqdm import tqdm

from gan_mri.data.files.limits import check_sides
from gan_mri.data.images.foreground import kept_slices, statistics
from gan_mri.data.images.grid import canonical_grid
from gan_mri.data.images.neighbours import around, as_channels, refuse_picture
from gan_mri.data.images.resampling import coverage
from gan_mri.data.stacks import grid_difference
from gan_mri.errors import GanMriError

_log = logging.getLogger("gan_mri")

#: In [-1, 1], of a translation: where nothing was translated there is background, without doubt.
_BACKGROUND = (-1.0, 0.0)

# Below this share of the first source's grid, another source shows another place.
_LEAST_COVERAGE = 0.1


def check_images(images, translator):
    """Refuse images that a translator was not trained for.

    Parameters
    ----------
    images : dict of str to gan_mri.data.files.readers.ImageFile
        By the names of the network's inputs.
    translator : gan_mri.inference.translator.Translator

    Raises
    ------
    GanMriError
        For other channels, pictures where volumes are needed, or pixels that do
        not suit the scaling.
    """
    card = translator.card
    for name, image in images.items():
        if image.channels != card.channels:
            raise GanMriError(
                f"{image.path}: expected an image with {card.channels} channel(s), as "
                f"{translator.path} was trained on. Received: {image.channels}."
            )
        if card.view.rank == 3 and not image.is_volume:
            raise GanMriError(
                f"{image.path}: expected a volume, as {translator.path} was trained on. Received: "
                "a picture."
            )
        if not image.is_volume:
            refuse_picture(image.path, card.neighbours[name])
        card.scalings[name].check(image)
        if card.view.sampling is None and image.is_volume:
            _log.warning(
                "%s is a volume, but %s was trained on pictures: it is translated in axial slices, "
                "which is right only if the pictures were such.",
                image.path,
                translator.path,
            )
    first, *others = images.values()
    if any(other.is_volume != first.is_volume for other in others):
        raise GanMriError(f"{first.path}: expected volumes only, or pictures only, as sources.")


def translate_images(translate, images, card, *, batch_size, progress):
    """Translate a volume slice by slice or whole, or a picture.

    Parameters
    ----------
    translate : callable
        `translate(batches)`: dict from input to `(N, *spatial, C)` in [-1, 1], to
        `(mean, deviation)` of the translations, `(N, *spatial, C)` each; the
        deviation may be None.
    images : dict of str to gan_mri.data.files.readers.ImageFile
        By input, see `check_images`; what the card calls optional may be missing. The first
        gives the grid of the result.
    card : gan_mri.inference.card.Card
    batch_size : int
        Slices at a time.
    progress : bool
        Show a progress bar.

    Returns
    -------
    (ndarray, ndarray or None)
        The translation in [-1, 1] and its standard deviation, in the shape of
        the first image's array.

    Raises
    ------
    GanMriError
        For sources on different grids, where the model was not trained to align them, and for
        images that are a line.
    """
    first = next(iter(images.values()))
    cut = _cut(images, card)
    sources = _Sources(cut, images, card)
    results = []
    planes = {plane: sources.kept(plane) for plane in sources.planes}
    with tqdm(
        total=sum(map(len, planes.values())),
        unit="image" if card.view.rank == 3 else "slice",
        disable=not progress,
        dynamic_ncols=True,
    ) as bar:
        for plane, kept in planes.items():
            shape = sources.shape(plane)
            made = [None, None]
            for start in range(0, len(kept), batch_size):
                numbers = kept[start : start + batch_size]
                batches, size = sources.batches(plane, numbers)
                for place, outputs in enumerate(translate(batches)):
                    if outputs is None:
                        continue
                    if made[place] is None:
                        made[place] = np.full(shape, _BACKGROUND[place], np.float32)
                    for number, output in zip(numbers, outputs):
                        output = card.view.geometry.restore(output, size)
                        made[place][number] = output if card.channels > 1 else output[..., 0]
                bar.update(len(numbers))
            if made[0] is None:
                made[0] = np.full(shape, _BACKGROUND[0], np.float32)
            results.append((plane, made))
    restored = []
    for place in range(2):
        by_plane = {plane: made[place] for plane, made in results if made[place] is not None}
        complete = len(by_plane) == len(results)
        restored.append(card.view.restore(first, by_plane) if complete else None)
    return restored


def _cut(images, card):
    """Stacks by plane of every input, all on the grid of the first."""
    (name_of_first, first), *others = images.items()
    stacks, grid = card.view.stacks(first)
    _check_sides(first, stacks, card)
    cut = {name_of_first: stacks}
    for name, image in others:
        onto = grid if card.align == "headers" else None
        if onto is not None:
            _check_place(image, onto, first)
        cut[name], own = card.view.stacks(image, onto)
        _check_sides(image, cut[name], card)
        difference = grid_difference(_Placed(cut[name_of_first], grid), _Placed(cut[name], own))
        if difference:
            raise GanMriError(
                f"{first.path} and {image.path}: expected the sources on one grid, as the model "
                f"was trained. Received: {difference}. Resample one onto the other."
            )
    return cut


def _check_sides(image, stacks, card):
    """A line is no image: training refuses it, and nothing is known of it here either."""
    for plane, stack in stacks.items():
        check_sides(
            image.path,
            stack.shape[1 : 1 + card.view.rank],
            plane=plane if card.view.rank == 2 else None,
        )


def _check_place(image, onto, first):
    covered = coverage(canonical_grid(image.array.shape, image.affine), onto)
    if covered < _LEAST_COVERAGE:
        raise GanMriError(
            f"{image.path}: expected an image of the same place as {first.path}, to whose grid it "
            f"is to be brought. By their headers it covers {covered:.0%} of it. Repair the "
            "headers, or register the images."
        )


class _Placed:
    """What `grid_difference` needs to know of a file."""

    def __init__(self, stacks, grid):
        self.grid, self.array = grid, next(iter(stacks.values()))


class _Sources:
    """The stacks of all inputs, as batches for the network."""

    def __init__(self, cut, images, card):
        self._cut, self._card = cut, card
        self.planes = list(next(iter(cut.values())))
        self._facts = {
            name: statistics(image.array, channels=image.channels) for name, image in images.items()
        }
        self._windows = {name: self._window(name, image) for name, image in images.items()}

    def _window(self, name, image):
        facts = self._facts[name]
        if facts is None:
            return None
        try:
            low, high = self._card.scalings[name].window(facts)
        except GanMriError as error:
            raise GanMriError(f"{image.path}: {error}") from error
        least, most = image.array.min(), image.array.max()
        if most <= low or least >= high:
            raise GanMriError(
                f"{image.path}: expected intensities within {low:g} and {high:g}, the window that "
                f"the model was trained with. Received: from {least:g} to {most:g}, all beyond it."
            )
        return low, high

    def shape(self, plane):
        """Of the stack, channels included."""
        return next(iter(self._cut.values()))[plane].shape

    def kept(self, plane):
        """Indices of what is to be translated: whole volumes, slices that hold a head.

        Of several sources one is enough, because a contrast may be missing (all black).
        """
        kept = set()
        for name, facts in self._facts.items():
            stack = self._cut[name][plane]
            if facts is None:
                continue
            if self._card.view.rank == 3:
                kept.add(0)
            else:
                kept |= set(kept_slices(stack, facts.threshold, channels=self._card.channels))
        return sorted(int(number) for number in kept)

    def batches(self, plane, numbers):
        """(dict from input to `(N, *spatial, C)` in [-1, 1], size of an image before sizing)."""
        batches, rank = {}, self._card.view.rank
        for name, stacks in self._cut.items():
            stack = stacks[plane]
            rows = around(numbers, self._card.neighbours[name], len(stack))
            images = [as_channels(self._scaled(name, stack[one])) for one in rows]
            size = images[0].shape[:rank]
            whole = [self._card.view.geometry.whole(one) for one in images]
            # A volume comes alone, and is not copied.
            batches[name] = np.stack(whole) if len(whole) > 1 else whole[0][np.newaxis]
        present = next(iter(batches.values()))
        for name in self._card.optional.difference(batches):
            batches[name] = np.full_like(present, _BACKGROUND[0])
        return batches, size

    def _scaled(self, name, stored):
        window = self._windows[name]
        if window is None:  # a black picture beside another source that is none
            scaled = np.full(stored.shape, -1.0, np.float32)
        else:
            scaled = self._card.scalings[name].scale(stored, window)
        return scaled if self._card.channels > 1 else scaled[..., np.newaxis]
