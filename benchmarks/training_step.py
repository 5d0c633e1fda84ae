"""How long a training step of CycleGAN takes, and what feeding it costs.

    PYTHONPATH=. python benchmarks/training_step.py [SIZE ...]

Prints, for every size (default 64 and 128): the median step in float32 and
bfloat16, their ratio, and the time to prepare a batch as a share of the faster
step. The medians of one run are comparable with each other; those of two runs
on a shared machine are not.
"""

import os
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf  # noqa: E402

import gan_mri  # noqa: E402
from gan_mri.data.images.geometry import Geometry  # noqa: E402
from gan_mri.data.order import epoch_order  # noqa: E402
from gan_mri.data.pipeline import batches  # noqa: E402

STEPS = 30


def median_step(size, dtype):
    model = gan_mri.build("welander/cyclegan", (size, size, 1), dtype=dtype, seed=0)
    step = tf.function(model.train_step)
    batch = [tf.random.uniform((1, size, size, 1), -1, 1, seed=k) for k in range(2)]
    for _ in range(3):
        step(batch)
    times = []
    for _ in range(STEPS):
        started = time.perf_counter()
        step(batch)["G_total"].numpy()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def median_batch(size):
    data = gan_mri.data.load("phantom", subjects=40, image_size=(size, size))
    order = epoch_order(data.train, batch_size=1, paired=(), seed=0, epoch=0)
    dataset = batches(data.train, Geometry((size, size)), order, channels=1, seed=0, epoch=0)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        for _batch in dataset:
            pass
        times.append((time.perf_counter() - started) / len(order))
    return statistics.median(times)


def main(sizes):
    print("size  float32 / s  bfloat16 / s  ratio  batch / ms  share of a step")
    for size in sizes:
        steps = [median_step(size, dtype) for dtype in ("float32", "bfloat16")]
        batch = median_batch(size)
        print(
            f"{size:4d}  {steps[0]:11.3f}  {steps[1]:12.3f}  {steps[0] / steps[1]:5.2f}  "
            f"{1000 * batch:10.2f}  {100 * batch / min(steps):14.1f} %"
        )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [64, 128])
