"""What the additions of paper 002 cost: a training step of UNIT's variants.

    PYTHONPATH=. python benchmarks/unit_step.py [--size H W] [--dtype DTYPE] [METHOD ...]

Prints, for every method of `maheshwari` that is named (default: baseline_gray,
spectral_norm and attention_encoder_charbonnier_sn) at 304 x 256 x 1, batch 1:
the median step, its ratio to the first method's, and the peak memory of a fresh
process that takes two steps. Steps of the methods alternate, so that what else
the machine does falls on all alike.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

ROUNDS = 5
METHODS = ("baseline_gray", "spectral_norm", "attention_encoder_charbonnier_sn")


def stepper(method, size, dtype):
    """A function that takes one training step and waits for it."""
    import tensorflow as tf

    import gan_mri

    model = gan_mri.build(f"maheshwari/{method}", (*size, 1), dtype=dtype, seed=0)
    step = tf.function(model.train_step)
    batch = [tf.random.uniform((1, *size, 1), -1, 1, seed=k) for k in range(2)]
    return lambda: step(batch)["G_total"].numpy()


def peak_memory(method, size, dtype):
    """Largest resident memory of a process that takes two steps, in GiB."""
    command = [sys.executable, __file__, "--peak", method, "--dtype", dtype]
    command += ["--size", *map(str, size)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("methods", nargs="*", default=METHODS)
    parser.add_argument("--size", nargs=2, type=int, default=(304, 256))
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    options = parser.parse_args()
    size, dtype = options.size, options.dtype
    if options.peak:
        step = stepper(options.peak, size, dtype)
        step(), step()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
        return
    memory = {method: peak_memory(method, size, dtype) for method in options.methods}
    steps = {method: stepper(method, size, dtype) for method in options.methods}
    times = {method: [] for method in options.methods}
    for step in steps.values():
        step()
    for _ in range(ROUNDS):
        for method, step in steps.items():
            started = time.perf_counter()
            step()
            times[method].append(time.perf_counter() - started)
    medians = {method: statistics.median(values) for method, values in times.items()}
    print(f"{size[0]} x {size[1]} x 1, batch 1, {dtype}")
    print(f"{'method':36}  step / s  ratio  peak / GiB")
    for method, seconds in medians.items():
        ratio = seconds / medians[options.methods[0]]
        print(f"{method:36}  {seconds:8.2f}  {ratio:5.2f}  {memory[method]:10.2f}")


if __name__ == "__main__":
    main()
