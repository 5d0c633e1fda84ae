"""Does a translation help? A segmenter that knows real images, applied to synthetic ones.

    PYTHONPATH=. python benchmarks/downstream.py RUN [RUN ...] [--steps 1000] [--out FIGURE.png]

Of finished runs on the phantom with the same test subjects. For every contrast that they make, a
segmenter of tissues (`gan_mri.networks.segmenter`) is trained on the real images of the training
subjects and frozen. Printed is its Dice on test subjects, on the real image and on every run's
translation, mean over subjects and 95 % bootstrap interval; and beside it how far image measures
agree with it: the rank of the runs by Dice, and by MAE. (The SynthRAD2025 report: image
similarity is no sufficient surrogate for what is done with the image.)
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from generated_training import trained
from harmonization import CLASSES, dice, draw, interval, truths


def images_of(split, domain, rows):
    """Images `(N, H, W, C)` of a domain."""
    return np.stack([split[domain][row] for row in rows])


def main():
    from gan_mri.evaluation.comparison import Comparison
    from gan_mri.reporting.tables import format_table
    from gan_mri.runs.run import Run

    parser = argparse.ArgumentParser(description="A segmenter of real images on synthetic ones.")
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--steps", type=int, default=1000, help="of each segmenter")
    parser.add_argument("--filters", type=int, default=8, help="of each segmenter")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="a picture of the first contrast")
    options = parser.parse_args()
    runs = [Run(folder) for folder in options.runs]
    comparison = Comparison(runs)
    data = runs[0].load_data()
    for way in comparison.ways.values():
        samples = data.train[way.domain]
        training = np.stack([samples[i] for i in range(len(samples))])
        labels, _ = truths([key.subject for key in samples.keys])
        segmenter = trained(
            training,
            labels,
            len(CLASSES) + 1,
            steps=options.steps,
            filters=options.filters,
            seed=options.seed,
        )
        (source,) = way.sources
        pairs = data.test.matched((source, way.domain))
        sources = images_of(data.test, source, pairs[:, 0])
        images = {"real": images_of(data.test, way.domain, pairs[:, 1])}
        subjects = [data.test[source].keys[row].subject for row in pairs[:, 0]]
        truth, heads = truths(subjects)
        for method, run in zip(comparison.methods, runs):
            if any(way.name == one.name for one in run.task.directions):
                images[method] = np.asarray(run.translator(way.name)(sources))
        found = {
            name: segmenter.predict(made, verbose=0).argmax(axis=-1)
            for name, made in images.items()
        }
        scores = {name: dice(truth, classes) for name, classes in found.items()}
        rows = []
        for name, score in scores.items():
            error = np.abs(images[name] - images["real"])[..., 0]
            mae = [one[head].mean() for one, head in zip(error, heads)]
            cells = [interval(score[:, k], 3) for k in range(len(CLASSES))]
            rows.append([name, interval(score.mean(axis=1), 3), *cells, f"{np.mean(mae):.3f}"])
        header = [str(way), "mean Dice", *CLASSES, "MAE"]
        print(format_table(header, rows) + "\n", flush=True)
        if options.out and way is next(iter(comparison.ways.values())):
            columns = {f"{name} {way.contrast}": made for name, made in images.items()}
            columns |= {"true tissues": truth}
            columns |= {f"found: {name}": classes for name, classes in found.items()}
            draw(options.out, subjects, columns)


if __name__ == "__main__":
    main()
