"""Generate images out of noise: `python -m gan_mri.generate RUN OUT --number N`."""

import argparse
from pathlib import Path

from tqdm import tqdm

from gan_mri.arguments import check_keras, required
from gan_mri.commands import make_callable, run_command
from gan_mri.data.files.new_files import new_type, write_new
from gan_mri.errors import GanMriError
from gan_mri.files import check_writable, replacing_folder, write_json
from gan_mri.free_names import check_free
from gan_mri.inference.chain import from_noise
from gan_mri.runs.run import load_run


def generate(run, out, *, number, seed=0, progress=True):
    """Generate images, and whatever else the run makes of noise, and write them.

    A run of `guibas/dual_gan` makes masks and an image of each: pairs to train a
    segmenter with. `out` gets a sub-folder for each contrast, with files of the
    same names in them, which is a layout that `gan_mri.train --data` reads.

    Files are PNG where the run was trained on pictures and all intensities are
    whole numbers from 0 that PNG holds; NIfTI elsewhere, one file an image or
    volume, in voxels of 1 mm unless the run was trained at a stated spacing.
    Intensities are in the typical range of the contrast, as
    `gan_mri.translate` writes them; masks hold the labels of the training
    masks. `generated.json` says where the images are from.

    Parameters
    ----------
    run : str or Path
        A finished run folder.
    out : str or Path
        A folder that must not exist; it appears when all is written.
    number : int
        How many, from 1.
    seed : int
        From 0 to 2**32 - 1. The same seed gives the same images; the first ones of a seed
        are the same whatever the number.
    progress : bool
        Show a progress bar.

    Raises
    ------
    GanMriError
        For everything that the user can put right, among it a run that makes no
        images out of noise; nothing is written then.

    Examples
    --------
    >>> generate("runs/dual-gan", "pairs", number=100)  # doctest: +SKIP
    """
    check_keras()
    required(run=run, out=out, progress=progress)
    number, seed = required(number=number, seed=seed).values()
    out = Path(out)
    check_free(out)
    run = load_run(run)
    from_noise(run)
    check_writable(out, folder=True)

    # Here: wrong arguments are answered before TensorFlow is loaded.
    from gan_mri.inference.generator import Generator

    generator = Generator(run)
    files = _Files(run, generator.cards)
    with (
        replacing_folder(out, new=True) as unfinished,
        tqdm(total=number, unit="image", disable=not progress, dynamic_ncols=True) as bar,
    ):
        for start in range(0, number, generator.batch_size):
            numbers = range(start, start + generator.batch_size)
            made = generator(numbers, seed)
            for row, k in enumerate(numbers[: number - start]):
                for domain, images in made.items():
                    files.write(unfinished, domain, k, images[row])
                bar.update()
        facts = {"run": str(run.folder.resolve()), "recipe": run.config["recipe"]}
        steps = {domain: card.content.get("step") for domain, card in generator.cards.items()}
        write_json(
            unfinished / "generated.json",
            facts | {"seed": seed, "number": number, "steps": steps},
        )


class _Files:
    """How the images of a run become files."""

    def __init__(self, run, cards):
        self._contrasts = {domain: card.content["target"] for domain, card in cards.items()}
        sampling = run.view.sampling
        for picture in (True, False)[sampling is not None :]:
            self._types = {
                domain: new_type(
                    card.target_scaling.typical,
                    card.channels,
                    labels=card.content.get("labels"),
                    picture=picture,
                )
                for domain, card in cards.items()
            }
            self._suffix = ".png" if picture else ".nii.gz"
            if None not in self._types.values():
                break
        else:
            raise GanMriError(
                f"{run.folder}: expected intensities that a file of colours holds, from 0 to 255. "
                f"Received: {', '.join(f'{c.target_scaling.typical}' for c in cards.values())}."
            )
        # Of slices of all planes nothing says which a generated one is of.
        plane = "axial" if sampling is None or sampling.plane == "all" else sampling.plane
        self._place = {"plane": plane, "spacing": sampling and sampling.spacing}

    def write(self, folder, domain, number, image):
        path = folder / self._contrasts[domain] / f"generated-{number + 1:05d}{self._suffix}"
        write_new(path, image, self._types[domain], **self._place)


def main(arguments):
    """The command line of `generate`."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.generate",
        description="Generate images, with their masks, by a model that makes them of noise.",
    )
    parser.add_argument("run", help="a run folder, such as one of guibas/dual_gan")
    parser.add_argument("out", help="folder to write, with a sub-folder for each contrast")
    parser.add_argument("--number", type=int, required=True, help="how many images")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other images")
    generate(**vars(parser.parse_args(arguments)))


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
