"""Several methods on the same data, each trained for the same time.

    PYTHONPATH=. python benchmarks/equal_time.py OUT --seconds 400 --methods METHOD ...
        [--name NAME ...] [--train "--data BIDS --contrasts T1w T2w --test-subjects 26"]
        [--settings "filters=16 residual_blocks=4 image_losses=l1:10"] [--evaluate]

A METHOD is a recipe, or a recipe with settings of its own, written
`welander/cyclegan:adversarial=hinge,filters=8`. `--settings` go to every recipe that
has them. Time is processor time, user and system, of the training process: two cores that
work for a minute count as two, and what else the machine does hardly counts. Two short
trainings of each method give its time a step, `--seconds` the number of steps, in six epochs
of which the last three have a falling rate. With `--steps` in place of `--seconds` every
method takes that many steps, whatever they cost.

Runs lie in OUT; one that is finished is not trained again. Printed are steps and times;
`--evaluate` measures all runs together and prints the tables of `gan_mri.evaluate`.
"""

import argparse
import dataclasses
import resource
import shlex
import subprocess
import sys
from pathlib import Path

#: Steps of the two short trainings.
SHORT, LONG = 20, 220
EPOCHS = 6


def processor_seconds(command, log):
    """Run a command; user and system seconds of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(log, "w") as file:
        done = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT)
    if done.returncode:
        raise SystemExit(f"failed, see {log}: {shlex.join(command)}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def settings_of(method, common):
    """The recipe, and `KEY=VALUE` of those of its settings that are named."""
    from gan_mri import recipes

    name, _, own = method.partition(":")
    fields = {field.name for field in dataclasses.fields(recipes.get(name))}
    words = [word for word in common.split() if word.split("=")[0] in fields]
    return name, words + [word for word in own.split(",") if word]


def train(method, folder, steps, epochs, options):
    """Train for about `steps` steps; their number and the processor seconds."""
    name, settings = settings_of(method, options.settings)
    each = max(1, round(steps / epochs))
    command = [sys.executable, "-m", "gan_mri.train", name, "--out", str(folder)]
    command += shlex.split(options.train)
    command += ["--epochs", str(epochs), "--decay-epoch", str(max(1, epochs // 2))]
    command += ["--steps-per-epoch", str(each), "--evaluate-every", str(epochs)]
    command += ["--set", *settings] if settings else []
    return each * epochs, processor_seconds(command, f"{folder}.log")


def steps_for(method, folder, options):
    """How many steps `options.seconds` of processor time are, by two short trainings."""
    short, long = (
        train(method, folder.with_name(f"{folder.name}-{steps}-steps"), steps, 1, options)[1]
        for steps in (SHORT, LONG)
    )
    each = max((long - short) / (LONG - SHORT), 1e-3)
    print(f"{folder.name}: {each:.3f} s a step", flush=True)
    return max(EPOCHS, round(options.seconds / each))


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    time = parser.add_mutually_exclusive_group(required=True)
    time.add_argument("--seconds", type=float, help="of processor time")
    time.add_argument("--steps", type=int)
    parser.add_argument("--methods", nargs="+", required=True)
    parser.add_argument("--name", nargs="+", help="of the run folders")
    parser.add_argument("--train", default="", help="arguments of gan_mri.train")
    parser.add_argument("--settings", default="", help="for all recipes that have them")
    parser.add_argument("--evaluate", action="store_true")
    options = parser.parse_args(arguments)
    names = options.name or [method.split(":")[0].split("/")[1] for method in options.methods]
    if len(set(names)) < len(options.methods):
        parser.error("--name: expected a name of its own for each of the methods")
    options.out.mkdir(parents=True, exist_ok=True)
    folders = [options.out / name for name in names]
    for method, folder in zip(options.methods, folders):
        if (folder / "export").is_dir():
            continue
        steps = options.steps or steps_for(method, folder, options)
        steps, seconds = train(method, folder, steps, EPOCHS, options)
        print(f"{folder.name}: {steps} steps, {seconds:.0f} s of processor time", flush=True)
    if options.evaluate:
        import gan_mri

        found = gan_mri.evaluate(folders, out=options.out / "evaluation", progress=False)
        print(found.table())
        for note in found.notes:
            print(f"Note: {note}")


if __name__ == "__main__":
    main()
