"""How long a colour histogram and its gradient take, against the equations as written.

    PYTHONPATH=. python benchmarks/color_histogram.py [SIZE]

One RGB image of SIZE x SIZE pixels (default 256), a bandwidth of L / 2.5: medians
over rounds in each of which every form runs once, so that a busy machine slows all
of them. Two targets: at K = 256 at least 15 times faster than the equations without
XLA, and at K = 512 at most 1.3 times slower than at K = 32.
"""

import os
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf  # noqa: E402

from gan_mri.histogram import color_histogram, reference_color_histogram  # noqa: E402

BINS = (32, 128, 256, 512)
FORMS = {
    "equations": (reference_color_histogram, False),
    "equations, XLA": (reference_color_histogram, True),
    "color_histogram": (color_histogram, None),
}
ROUNDS = 15


def step(histogram, compiled, bins):
    """Value and gradient, of a histogram loss, as one graph."""

    @tf.function(jit_compile=compiled)
    def value_and_gradient(images, target):
        with tf.GradientTape() as tape:
            tape.watch(images)
            values = histogram(images, bins, 2 / bins / 2.5)
            loss = tf.reduce_sum(tf.square(values - target))
        return loss, tape.gradient(loss, images)

    return value_and_gradient


def medians(size):
    """Seconds by (form, bins), and of the first call."""
    images = tf.random.uniform((1, size, size, 3), -1, 1, seed=1)
    steps = {(form, bins): step(*FORMS[form], bins) for form in FORMS for bins in BINS}
    targets = {bins: tf.fill((1, 3, bins), 1 / bins) for bins in BINS}

    def seconds(key):
        started = time.perf_counter()
        for result in steps[key](images, targets[key[1]]):
            result.numpy()
        return time.perf_counter() - started

    first = {key: seconds(key) for key in steps}
    times = {key: [] for key in steps}
    for _ in range(ROUNDS):
        for key in steps:
            times[key].append(seconds(key))
    return {key: statistics.median(values) for key, values in times.items()}, first


def main(size):
    median, first = medians(size)
    print(f"TensorFlow {tf.__version__}, {size}x{size}x3, forward and backward, ms")
    print("  K  " + "".join(f"{form:>17}" for form in FORMS) + "   ratio   first call")
    for bins in BINS:
        own = median["color_histogram", bins]
        row = "".join(f"{1000 * median[form, bins]:17.2f}" for form in FORMS)
        ratio = median["equations", bins] / own
        start = 1000 * first["color_histogram", bins]
        print(f"{bins:4d} {row} {ratio:7.1f} {start:12.0f}")
    speed = median["equations", 256] / median["color_histogram", 256]
    growth = median["color_histogram", 512] / median["color_histogram", 32]
    print(f"against the equations without XLA, K = 256: {speed:.1f} (target: at least 15)")
    print(f"K = 512 against K = 32: {growth:.2f} (target: at most 1.3)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 256)
