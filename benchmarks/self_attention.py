"""What self-attention costs: the map held whole, and in blocks as gan_mri does it.

    PYTHONPATH=. python benchmarks/self_attention.py [POSITIONS ...]

Prints, for every number of positions (default 1,024, 4,864 of a 304x256 image,
and 16,384) and both precisions, with 256 channels (32 of queries and keys) and
a batch of one: the median time of a forward and a backward pass, and the peak
memory of the process above what it needs to start. Each case runs in a process
of its own, one after the other; the times of one run are comparable with each
other, those of two runs on a shared machine are not. The whole map of 16,384
positions takes 5 GB.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time

CHANNELS, REDUCTION = 256, 8
REPEATS = 5
FORMS = ("whole", "blocks")


def peak():
    """Largest memory of this process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(form, positions, dtype):
    """{"seconds": of a forward and backward pass, "memory": MiB at its peak}."""
    import tensorflow as tf

    from gan_mri.layers.attention import attend

    def whole(queries, keys, values):
        scores = tf.matmul(queries, keys, transpose_b=True)
        return tf.matmul(tf.nn.softmax(scores), values)

    @tf.function
    def step(queries, keys, values, upstream):
        with tf.GradientTape() as tape:
            tape.watch([queries, keys, values])
            output = {"whole": whole, "blocks": attend}[form](queries, keys, values)
        # The output too: the whole form would not compute it for the gradient.
        return output, *tape.gradient(output, [queries, keys, values], upstream)

    def inputs(length):
        narrow = CHANNELS // REDUCTION
        return [
            tf.cast(tf.random.stateless_normal((1, length, width), (width, 0)), dtype)
            for width in (narrow, narrow, CHANNELS, CHANNELS)
        ]

    step(*inputs(16))  # what the libraries allocate once
    given = inputs(positions)
    start = peak()
    times = []
    for _ in range(REPEATS + 1):
        started = time.perf_counter()
        [tensor.numpy() for tensor in step(*given)]
        times.append(time.perf_counter() - started)
    return {"seconds": statistics.median(times[1:]), "memory": peak() - start}


def main(sizes):
    print("dtype     positions    whole / s  blocks / s  ratio  whole / MiB  blocks / MiB")
    for dtype in ("float32", "bfloat16"):
        for positions in sizes:
            cases = {}
            for form in FORMS:
                command = [sys.executable, __file__, "--measure", form, str(positions), dtype]
                answer = subprocess.run(command, check=True, capture_output=True, text=True)
                cases[form] = json.loads(answer.stdout.splitlines()[-1])
            seconds = [cases[form]["seconds"] for form in FORMS]
            memory = [cases[form]["memory"] for form in FORMS]
            print(
                f"{dtype:8s}  {positions:9,d}  {seconds[0]:11.3f}  {seconds[1]:10.3f}  "
                f"{seconds[1] / seconds[0]:5.2f}  {memory[0]:11.0f}  {memory[1]:12.0f}",
                flush=True,
            )


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]), sys.argv[4])))
    else:
        main([int(size) for size in sys.argv[1:]] or [1024, 4864, 16384])
