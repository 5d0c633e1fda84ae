"""An ONNX file beside the SavedModel of the same run: differences and times.

    PYTHONPATH=. python benchmarks/onnx_runtime.py RUN [--sizes 64x64 128x128 256x256]

For each size one image of noise goes through both, in turns; prints the largest difference and,
of each, the median of the seconds and of the processor's seconds, and their ratios (ONNX Runtime
to TensorFlow; below 1: ONNX Runtime is faster). Both may use all cores. Needs the extra `onnx`.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

_REPETITIONS = 7


def main(arguments):
    import onnxruntime
    import tensorflow as tf

    import gan_mri

    run = gan_mri.load_run(arguments.run)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        gan_mri.export(arguments.run, path, progress=False)
        session = onnxruntime.InferenceSession(path.read_bytes())
    saved = tf.saved_model.load(str(run.exported(run.task.directions[0].name)))
    serve = saved.signatures["serving_default"]
    print(f"{'size':>14s} {'difference':>10s} {'TF s':>8s} {'ONNX s':>8s} {'ratio':>6s} CPU ratio")
    for size in arguments.sizes:
        shape = (1, *map(int, size.split("x")), 1)
        image = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
        ways = [
            lambda: serve(image=tf.constant(image))["translation"].numpy(),
            lambda: session.run(["translation"], {"image": image})[0],
        ]
        expected, made = (way() for way in ways)  # traces, plans
        taken = [[timed(way) for way in ways] for _ in range(_REPETITIONS)]
        wall, cpu = (
            [statistics.median(turn[way][kind] for turn in taken) for way in range(2)]
            for kind in range(2)
        )
        ratios = [statistics.median(t[1][k] / t[0][k] for t in taken) for k in range(2)]
        print(
            f"{size:>14s} {np.abs(made - expected).max():10.1e} {wall[0]:8.3f} {wall[1]:8.3f} "
            f"{ratios[0]:6.2f} {ratios[1]:9.2f}",
            flush=True,
        )


def timed(way):
    wall, cpu = time.perf_counter(), time.process_time()
    way()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--sizes", nargs="+", default=["64x64", "128x128", "256x256"])
    main(parser.parse_args())
