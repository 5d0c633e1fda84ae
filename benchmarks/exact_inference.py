"""A 3D generator on a volume: whole, in slabs within a memory, in windows.

    PYTHONPATH=. python benchmarks/exact_inference.py [X Y Z] [--memory 2 4 8] [--float64] [--cubes]
                                                [--model EXPORT] [--image FILE]

Prints, for every way and a volume of X x Y x Z voxels (default 64x72x64; a ball
of noise in a background of -1; or FILE, a NIfTI volume, scaled by its percentiles)
through a network with random weights (or that of a translator of volumes that
`train` exported): seconds, with tracing; the peak of resident memory above what
the process held before, and what the plan said; the largest and the mean
difference from the whole pass. Each case runs in a process of its own, one after
the other. With `--float64` the differences are from float64, computed in slabs,
because sums of millions of voxels in float32 are not exact themselves. With
`--cubes`, instead: the largest cubes within each memory, by plan.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

GIB = 2**30


def main(arguments):
    with tempfile.TemporaryDirectory() as folder:
        if arguments.cubes:
            print(run(arguments, folder, "cubes"))
            return
        ways = ["whole", *(f"slabs {memory:g}" for memory in arguments.memory), "windows"]
        print(f"{'way':12s} {'seconds':>8s} {'peak MiB':>9s} {'plan MiB':>9s}  difference")
        found = run(arguments, folder, "float64") if arguments.float64 else None
        reference = None if found is None else np.load(Path(folder) / "float64.npy")
        for way in ways:
            found = run(arguments, folder, way)
            result = np.load(Path(folder) / f"{way}.npy")
            reference = result if reference is None else reference
            difference = np.abs(result - reference)
            print(
                f"{way:12s} {found['seconds']:8.1f} {found['peak']:9.0f} {found['plan']:9.0f}  "
                f"largest {difference.max():.2g}, mean {difference.mean():.2g}  {found['remark']}",
                flush=True,
            )


def run(arguments, folder, way):
    """One case in a process of its own."""
    command = [sys.executable, __file__, *sys.argv[1:], "--way", way, "--folder", folder]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return answer.rstrip() if way == "cubes" else json.loads(answer.splitlines()[-1])


def measure(arguments):
    """Translate in one way, save the result, print what it took."""
    import keras
    import tensorflow as tf

    from gan_mri.inference import volumes
    from gan_mri.networks import resnet_generator
    from gan_mri.planning.resident import forget_peak, resident

    def generator(dtype):
        keras.utils.set_random_seed(0)
        shape, options = (None, None, None, 1), {"residual_blocks": arguments.blocks}
        return resnet_generator(shape, filters=arguments.filters, dtype=dtype, **options)

    if arguments.model:
        from gan_mri.inference.rebuilt import rebuilt
        from gan_mri.inference.translator import Translator

        network = rebuilt(Translator(arguments.model))
    else:
        network = generator("float32")
    if arguments.way == "cubes":
        return cubes(network, arguments.memory)
    volume = head(arguments.image) if arguments.image else ball(arguments.size)
    way, _, memory = arguments.way.partition(" ")
    plan = remark = ""
    before = resident()
    forget_peak()
    started = time.perf_counter()
    if way == "whole":
        plan = volumes.whole_memory(network, volume.shape)
        call = tf.function(lambda image: network(image, training=False))
        result = call(tf.constant(volume[np.newaxis]))[0].numpy()
    elif way == "slabs":
        planned = volumes.plan(network, volume.shape, float(memory))
        plan, remark = planned.peak / GIB, str(planned)
        result = volumes.apply_exactly(network, volume, memory=float(memory))
    elif way == "float64":
        wide = generator("float64")
        wide.set_weights(network.get_weights())
        result = volumes.apply_exactly(wide, volume)
    else:
        result, mismatch = volumes.apply_in_windows(network, volume, size=arguments.window)
        remark = str(mismatch)
    found = {
        "seconds": time.perf_counter() - started,
        "peak": (resident(peak=True) - before) / 2**20,
        "plan": plan * 1024 if plan else float("nan"),
        "remark": remark,
    }
    np.save(Path(arguments.folder) / f"{arguments.way}.npy", result)
    print(json.dumps(found))


def cubes(network, memories):
    """Largest cubes by plan: whole, in slabs with all maps in memory, and with files."""
    from gan_mri.errors import GanMriError
    from gan_mri.inference import volumes

    def whole(side, memory):
        return volumes.whole_memory(network, (side, side, side, 1)) <= memory

    def kept(side, memory):
        planned = volumes.plan(network, (side, side, side, 1), memory)
        return not planned.in_files

    def filed(side, memory):
        return volumes.plan(network, (side, side, side, 1), memory) is not None

    def largest(fits, memory):
        low, high = 4, 4096
        while high - low > 4:
            middle = (low + high) // 8 * 4
            try:
                good = fits(middle, memory)
            except GanMriError:
                good = False
            low, high = (middle, high) if good else (low, middle)
        return low

    print("GiB   whole  slabs, in memory  slabs, with files  (side of a cube, by plan)")
    for memory in memories:
        sides = [largest(fits, memory) for fits in (whole, kept, filed)]
        print(f"{memory:3g}  {sides[0]:6d}  {sides[1]:16d}  {sides[2]:17d}")


def ball(size):
    """A ball of noise in a background of -1, float32 `(X, Y, Z, 1)`."""
    axes = np.meshgrid(*(np.linspace(-1, 1, length) for length in size), indexing="ij")
    noise = np.random.default_rng(0).uniform(-1, 1, size)
    inside = sum(axis**2 for axis in axes) < 0.7
    return np.where(inside, noise, -1).astype(np.float32)[..., np.newaxis]


def head(path):
    """A NIfTI volume as models see it, float32 `(X, Y, Z, 1)`."""
    from gan_mri.data.files.readers import read_image
    from gan_mri.data.images.foreground import statistics
    from gan_mri.data.images.scaling import IntensityScaling

    array = read_image(path).array
    scaling = IntensityScaling.from_text("volume")
    return scaling.scale(array, scaling.window(statistics(array)))[..., np.newaxis]


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("size", nargs="*", type=int, default=[64, 72, 64])
    parser.add_argument("--memory", nargs="+", type=float, default=[2, 4, 8])
    parser.add_argument("--filters", type=int, default=32)
    parser.add_argument("--blocks", type=int, default=9)
    parser.add_argument("--window", type=int, default=64)
    parser.add_argument("--float64", action="store_true")
    parser.add_argument("--cubes", action="store_true")
    parser.add_argument("--model", help="an exported translator of volumes")
    parser.add_argument("--image", help="a NIfTI volume")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    given = parse()
    measure(given) if given.way else main(given)
