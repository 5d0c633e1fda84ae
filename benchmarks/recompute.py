"""Memory and time of a training step of CycleGAN, plain and with recomputed blocks.

    PYTHONPATH=. python benchmarks/recompute.py [--size N ...] [--rank 3] [--filters 16]
                                                [--blocks 9] [--dtype float32] [--steps 2]

For every size (default 32 and 48; images of N x N x N x 1, batch 1, no image
pool) a fresh process takes training steps, plain, and another one recomputed.
Printed are the peak of resident memory (VmHWM) above what the process held
before its first step (TensorFlow, weights, optimizer) and the fastest step
after the first. The losses of the two forms are compared.
"""

import argparse
import json
import os
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def measure(size, options, recompute):
    """Takes training steps in this process; prints what was measured as JSON."""
    import keras
    import tensorflow as tf

    from gan_mri.models import CycleGAN
    from gan_mri.networks import patch_discriminator, resnet_generator
    from gan_mri.planning.resident import resident

    shape = (*[size] * options.rank, 1)
    keras.utils.set_random_seed(0)
    generators = [
        resnet_generator(
            shape,
            filters=options.filters,
            residual_blocks=options.blocks,
            recompute=recompute,
            dtype=options.dtype,
            name=name,
        )
        for name in ("G_A2B", "G_B2A")
    ]
    discriminators = [
        patch_discriminator(shape, dtype=options.dtype, name=name) for name in ("D_A", "D_B")
    ]
    model = CycleGAN(*generators, *discriminators, pool_size=0)
    model.compile()
    step = tf.function(model.train_step, autograph=False)
    batch = tuple(tf.random.stateless_uniform((1, *shape), (0, k), -1, 1) for k in range(2))
    step.get_concrete_function(batch)
    base, losses, times = resident(), [], []
    for _ in range(options.steps):
        started = time.perf_counter()
        losses.append(float(step(batch)["G_total"]))
        times.append(time.perf_counter() - started)
    print(
        json.dumps(
            {
                "base": base / 2**20,
                "peak": (resident(peak=True) - base) / 2**20,
                "seconds": min(times[1:], default=None),
                "losses": losses,
            }
        )
    )


def in_a_fresh_process(arguments, size, recompute):
    command = [sys.executable, __file__, *arguments]
    command += ["--measure", str(size), "recomputed" if recompute else "plain"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, nargs="+", default=[32, 48])
    parser.add_argument("--rank", type=int, choices=(2, 3), default=3)
    parser.add_argument("--filters", type=int, default=16)
    parser.add_argument("--blocks", type=int, default=9)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure:
        size, form = options.measure
        measure(int(size), options, form == "recomputed")
        return
    print(
        f"rank {options.rank}, {options.filters} filters, {options.blocks} blocks, {options.dtype}"
    )
    print("size  plain / MiB  recomputed / MiB  ratio  plain / s  recomputed / s  losses differ by")
    for size in options.size:
        plain, again = (in_a_fresh_process(arguments, size, form) for form in (False, True))
        difference = max(abs(a - b) for a, b in zip(plain["losses"], again["losses"]))
        seconds = [
            f"{found['seconds']:.2f}" if found["seconds"] else "-" for found in (plain, again)
        ]
        print(
            f"{size:4d}  {plain['peak']:11.0f}  {again['peak']:16.0f}  "
            f"{again['peak'] / plain['peak']:5.2f}  {seconds[0]:>9}  {seconds[1]:>14}  "
            f"{difference:.1e}",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
