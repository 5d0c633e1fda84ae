"""Translate a volume, a picture or a folder of them: `python -m gan_mri.translate`."""

import argparse
import os
import shutil
from pathlib import Path

import numpy as np
from tqdm import tqdm

from gan_mri.commands import make_callable, run_command
from gan_mri.errors import GanMriError


def translate(model, source, output, *, direction=None, batch_size=8, progress=True):
    """Translate images with a trained model and write them like their sources.

    A volume is translated slice by slice, in the plane and the scaling that
    the model was trained in, and written on the same grid: affine, sform,
    qform, their codes and units are kept. Intensities are in the typical range
    of the target contrast (see `gan_mri.data.scaling`). Slices that hold no
    head (under 1 % foreground) become background, because no model has been
    trained on such.

    Parameters
    ----------
    model : str or Path
        A run folder, or one of its SavedModels.
    source : str or Path
        A NIfTI volume, a picture, or a folder of either.
    output : str or Path
        A file, or a folder where `source` is one. Must not exist.
    direction : {"A2B", "B2A"}, optional
        Default: A2B, or that of the SavedModel.
    batch_size : int
        Slices translated at a time.
    progress : bool
        Show a progress bar.

    Raises
    ------
    GanMriError
        For everything that the user can put right; nothing is written then.
    """
    source, output = Path(source), Path(output)
    if output.exists():
        raise GanMriError(
            f"{output} exists already and is not overwritten. Give another name."
        )
    if batch_size < 1:
        raise GanMriError(f"batch_size must be 1 or more. Received: {batch_size!r}.")
    files = _files(source)
    translator = _load(Path(model), direction)
    options = {"batch_size": batch_size, "progress": progress}
    if not source.is_dir():
        _translate_file(translator, source, output, **options)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(f".{os.getpid()}.{output.name}")
    unfinished.mkdir()
    try:
        from gan_mri.data.writers import name_of_output

        for path in tqdm(files, unit="file", disable=not progress, dynamic_ncols=True):
            target = unfinished / name_of_output(path)
            _translate_file(
                translator, path, target, batch_size=batch_size, progress=False
            )
        os.replace(unfinished, output)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _files(source):
    """The images of a folder, or the file itself."""
    from gan_mri.data.readers import SUFFIXES, suffix_of
    from gan_mri.data.writers import name_of_output

    if not source.is_dir():
        return [source]
    files = sorted(
        path for path in source.iterdir() if path.is_file() and suffix_of(path)
    )
    if not files:
        found = ", ".join(sorted(path.name for path in source.iterdir())[:5])
        raise GanMriError(
            f"{source}: expected images ({', '.join(SUFFIXES)}). "
            f"Received: {found or 'an empty folder'}."
        )
    names = {}
    for path in files:
        other = names.setdefault(name_of_output(path), path)
        if other is not path:
            raise GanMriError(
                f"{path} and {other} would both be written as {name_of_output(path)}. "
                "Rename one of them."
            )
    return files


def _load(model, direction):
    """The translator of a run folder or a SavedModel folder."""
    from gan_mri.run import Run

    if direction not in (None, "A2B", "B2A"):
        raise GanMriError(f"direction must be A2B or B2A. Received: {direction!r}.")
    if (model / "saved_model.pb").is_file():
        from gan_mri.export import Translator

        translator = Translator(model)
        if direction not in (None, translator.card["direction"]):
            raise GanMriError(
                f"{model} translates {translator.card['direction']}. "
                f"Received: direction {direction}."
            )
        return translator
    return Run(model).translator(direction or "A2B")


def _translate_file(translator, source, output, *, batch_size, progress):
    from gan_mri.data.readers import read_image
    from gan_mri.data.scaling import IntensityScaling
    from gan_mri.data.writers import check_suffix, write_like

    image, card = read_image(source), translator.card
    if image.channels != card["channels"]:
        raise GanMriError(
            f"{source}: expected an image with {card['channels']} channel(s), as "
            f"{translator.path} was trained on. Received: {image.channels}."
        )
    check_suffix(output, image)
    target = IntensityScaling.from_config(card["target_scaling"])
    scaled = _translate_image(translator, image, batch_size, progress)
    write_like(output, target.invert(scaled), image, target.typical)


def _translate_image(translator, image, batch_size, progress):
    """The translation of an image in [-1, 1], in the shape it is stored in."""
    from gan_mri.data.foreground import kept_slices, statistics
    from gan_mri.data.geometry import Geometry
    from gan_mri.data.planes import from_stack, to_stack
    from gan_mri.data.scaling import IntensityScaling

    card = translator.card
    scaling = IntensityScaling.from_config(card["source_scaling"])
    scaling.check(image)
    geometry = Geometry.from_config(card["geometry"])
    facts = statistics(image.array, channels=image.channels)
    plane = card["plane"] or "axial"
    stack = image.array[np.newaxis]
    if image.is_volume:
        stack = to_stack(image.array, image.affine, plane)
    translated = np.full(stack.shape, -1, np.float32)
    if facts is not None:
        kept = kept_slices(stack, facts.threshold, channels=image.channels)
        window = scaling.window(facts)
        grey = stack.ndim == 3
        with tqdm(
            total=len(kept), unit="slice", disable=not progress, dynamic_ncols=True
        ) as bar:
            for start in range(0, len(kept), batch_size):
                numbers = kept[start : start + batch_size]
                batch = scaling.scale(stack[numbers], window)
                batch = batch[..., np.newaxis] if grey else batch
                outputs = translator(np.stack([geometry.whole(one) for one in batch]))
                for number, one in zip(numbers, outputs):
                    one = geometry.restore(one, stack.shape[1:3])
                    translated[number] = one[..., 0] if grey else one
                bar.update(len(numbers))
    if image.is_volume:
        return from_stack(translated, image.affine, plane)
    return translated[0]


def main(arguments):
    """The command line of `translate`."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.translate",
        description="Translate a NIfTI volume, a picture or a folder of them.",
    )
    parser.add_argument("model", help="a run folder, or a SavedModel of one")
    parser.add_argument("input")
    parser.add_argument("output", help="must not exist")
    parser.add_argument("--direction", help="A2B (default) or B2A")
    parser.add_argument("--batch-size", type=int, default=8, help="slices at a time")
    options = parser.parse_args(arguments)
    translate(
        options.model,
        options.input,
        options.output,
        direction=options.direction,
        batch_size=options.batch_size,
    )


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
