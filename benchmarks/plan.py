"""What `train --plan` and `translate --plan` say, beside what is measured.

    PYTHONPATH=. python benchmarks/plan.py [--only WORDS]
    PYTHONPATH=. python benchmarks/plan.py --translate MODEL INPUT [--memory GIB]

For each case one process plans (a trial of a few steps) and another one trains, with all that a
run does: measuring, steps, samples, a checkpoint, export. Printed are the peak of resident memory
planned from shapes alone ("shapes"), by the trial ("trial") and measured (VmHWM of the training),
and processor seconds a step, in the trial and the median of the training. Of a translation the
same is printed, and once more within a memory.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

#: Name, arguments of `gan_mri.train`, steps of the training that is measured.
TRAININGS = {
    "cyclegan 128": ({"recipe": "welander/cyclegan", "image_size": [128, 128]}, 16),
    "cyclegan 256": ({"recipe": "welander/cyclegan", "image_size": [256, 256]}, 8),
    "unit 128": ({"recipe": "welander/unit", "image_size": [128, 128]}, 10),
    "cyclegan 128, batch 2, bfloat16": (
        {
            "recipe": "welander/cyclegan",
            "image_size": [128, 128],
            "batch_size": 2,
            "precision": "bfloat16",
        },
        12,
    ),
    "cyclegan3d 32": ({"recipe": "abramian/cyclegan3d", "image_size": [32] * 3}, 8),
    "cyclegan3d 32, recomputed": (
        {"recipe": "abramian/cyclegan3d", "image_size": [32] * 3, "recompute": True},
        8,
    ),
    "cyclegan3d 48": ({"recipe": "abramian/cyclegan3d", "image_size": [48] * 3}, 6),
    "cyclegan3d 48, recomputed": (
        {"recipe": "abramian/cyclegan3d", "image_size": [48] * 3, "recompute": True},
        6,
    ),
}


def arguments_of(case):
    given, steps = TRAININGS[case]
    full = {"precision": "float32", "data": "phantom", "steps_per_epoch": steps, "epochs": 1}
    if given["recipe"].startswith("welander"):
        full |= {"filters": 32, "residual_blocks": 9}
    else:
        full |= {"recompute": False, "batch_size": 1}
    return full | given


def train(case):
    """Trains in this process; prints what was measured as JSON."""
    import gan_mri
    from gan_mri.models.translation import Translation
    from gan_mri.planning.resident import resident

    clocks, set_rate = [], Translation.set_learning_rate

    def noted(model, factor):
        clocks.append(time.process_time())
        set_rate(model, factor)

    Translation.set_learning_rate = noted
    with tempfile.TemporaryDirectory() as folder:
        gan_mri.train(out=os.path.join(folder, "run"), progress=False, **arguments_of(case))
    steps = [after - before for before, after in zip(clocks[1:], clocks[2:])]
    print(json.dumps({"peak": resident(peak=True), "processor": statistics.median(steps)}))


def plan(case):
    """The plan and the trial behind it."""
    from gan_mri.planning.process import run_apart
    from gan_mri.planning.training import planned
    from gan_mri.train import completed, sort_arguments

    arguments = arguments_of(case)
    recipe = arguments.pop("recipe")
    arguments = completed(sort_arguments(recipe, arguments))
    request = {"arguments": arguments, "estimate": True}
    return planned(run_apart("gan_mri.planning.trial", request, what=case))


def translate(model, source, memory):
    """Translates in this process; prints what was measured as JSON."""
    import gan_mri
    from gan_mri.planning.resident import resident

    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "out.nii")
        begun = time.process_time()
        gan_mri.translate(model, source, output, memory=memory, progress=False)
        used = time.process_time() - begun
    print(json.dumps({"peak": resident(peak=True), "processor": used}))


def compare_translation(model, source, memory):
    """Prints a row: planned and measured."""
    import gan_mri

    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "out.nii")
        told = gan_mri.translate(model, source, output, memory=memory, plan=True)
    bound = [] if memory is None else [str(memory)]
    measured = apart("--measure-translation", model, source, *bound)
    print(
        f"| {told.trial['way']} | {told.peak / 2**20:.0f} | {measured['peak'] / 2**20:.0f} | "
        f"{told.peak / measured['peak']:.2f} | {told.processor_seconds:.1f} | "
        f"{measured['processor']:.1f} |",
        flush=True,
    )


def apart(*arguments):
    done = subprocess.run(
        [sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--train", help=argparse.SUPPRESS)
    parser.add_argument("--translate", nargs=2, metavar=("MODEL", "INPUT"))
    parser.add_argument("--memory", type=float, metavar="GIB")
    parser.add_argument("--measure-translation", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.train:
        train(options.train)
        return
    if options.measure_translation:
        model, source, *memory = options.measure_translation
        translate(model, source, float(memory[0]) if memory else None)
        return
    if options.translate:
        print("| way | planned / MiB | measured / MiB | planned / measured | planned / s | s |")
        print("|---|---|---|---|---|---|")
        for memory in dict.fromkeys([None, options.memory]):
            compare_translation(*options.translate, memory)
        return
    print(
        "| case | shapes / MiB | trial / MiB | measured / MiB | shapes / measured | "
        "trial / measured | trial / s | measured / s |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for case in TRAININGS:
        if options.only not in case:
            continue
        told, measured = plan(case), apart("--train", case)
        found, mib = told.trial, 2**20
        shapes = found["resident"] + found["estimate"]["total"]
        print(
            f"| {case} | {shapes / mib:.0f} | {told.peak / mib:.0f} | "
            f"{measured['peak'] / mib:.0f} | {shapes / measured['peak']:.2f} | "
            f"{told.peak / measured['peak']:.2f} | {told.processor_seconds:.2f} | "
            f"{measured['processor']:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
