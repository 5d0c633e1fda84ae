"""What a second scanner costs a segmenter, and how much of it a CycleGAN gives back.

    PYTHONPATH=. python benchmarks/harmonization.py OUT [--epochs 30] [--seed 0]

Trains `eklund/harmonization`, small, on the built-in data "scanners", as it is and with a weight
on the difference of each translation from its source (self-regularization); runs that are in OUT
already are taken as they are. Then a segmenter of tissues (`gan_mri.networks.segmenter`) on the
training subjects of scanner 1, and one on those of scanner 2. The test subjects have travelled:
both scanners show the same anatomy. Prints

* Dice of the segmenters on subjects that no network has seen: on scanner 1; on scanner 2 as it
  is; with its histogram matched to that of all training images of scanner 1 (scikit-image);
  translated to scanner 1 by the CycleGANs; of a segmenter that was trained on scanner 1's
  subjects translated to scanner 2 ("1 to 2"), with their labels, by the CycleGAN named last in
  `HARMONIZERS`; and of the one that was trained on scanner 2;
* MAE, PSNR and SSIM of these images against the same subject's image of scanner 1, in the head.
  Beside them a second scan by scanner 1, with other noise and another bias field: what two scans
  by one scanner differ by.

Every image is scaled to its own window, so that "as it is" is no naive choice. Means over
subjects and 95 % bootstrap intervals; one training of each network. Draws OUT/sheet.png.

The CycleGANs' settings were chosen on other subjects (the phantom's seed 1), by the MAE against
scanner 1 after 1,000 steps: 0.244 with 32 filters in the discriminators and no mirroring, 0.228
with 16 and mirroring, 0.209 with self-regularization too; the untranslated images have 0.199.

Some 20 minutes of processor time. Found (30 epochs, seed 0): mean Dice 0.925 on scanner 1, 0.810
on scanner 2 as it is, 0.811 matched, 0.669 and 0.713 after the two CycleGANs, 0.814 of the
segmenter of translated training images, 0.871 of that of scanner 2. So small a CycleGAN is no
help: its images have a better SSIM than untranslated ones (0.54 and 0.59, those 0.42), and lose
what a segmenter goes by.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from generated_training import trained

from gan_mri.synthetic.brain import tissues

#: The domains, and what is known of the one in the looks of the other.
NEW, KNOWN, MOVED = "A", "B", "1 to 2"
IMAGE_SIZE = 64, 64
#: What both CycleGANs have, a few minutes on two cores.
SETTINGS = {"filters": 16, "residual_blocks": 4, "discriminator_filters": 16}
#: What they are called, their folders, and what sets them apart.
HARMONIZERS = {
    "CycleGAN": ("cyclegan", {}),
    "CycleGAN, self-regularized": (
        "cyclegan-self-regularized",
        {"image_losses": "self_regularization:5"},
    ),
}
#: Classes from 1 and their tissues; everything outside the brain is class 0.
CLASSES = {
    "fluid": (tissues.CSF,),
    "cortex": (tissues.GRAY,),
    "white matter": (tissues.WHITE,),
    "nuclei": (tissues.CAUDATE, tissues.PUTAMEN, tissues.PALLIDUM, tissues.THALAMUS),
}
COLORS = np.array([[0, 0, 0], [60, 120, 230], [225, 110, 60], [235, 235, 235], [90, 190, 90]])


def truths(subjects):
    """Classes `(N, H, W)` and where the head is, of subjects by name, such as "sub-001"."""
    from gan_mri.synthetic.brain import phantom
    from gan_mri.synthetic.brain.contrasts import TISSUE

    numbers = [int(name.removeprefix("sub-")) - 1 for name in subjects]
    made = phantom(numbers, contrasts=(TISSUE,), shape=IMAGE_SIZE)
    labels = np.stack([brain.labels for brain in made])
    return classes_of(labels), labels != tissues.AIR


def classes_of(labels):
    """The class of every tissue code."""
    table = np.zeros(len(tissues.TISSUES), np.int64)
    for number, codes in enumerate(CLASSES.values(), start=1):
        table[list(codes)] = number
    return table[labels]


def dice(truth, found):
    """Dice of every class from 1 and every image `(N, classes)`; each image holds them all."""
    numbers = range(1, len(CLASSES) + 1)
    both = [[np.sum((t == k) & (f == k)) for k in numbers] for t, f in zip(truth, found)]
    sizes = [[np.sum(t == k) + np.sum(f == k) for k in numbers] for t, f in zip(truth, found)]
    return 2 * np.array(both) / np.array(sizes)


def matched(images, references):
    """Each image with the histogram of all references together; `(N, H, W, 1)` both."""
    from skimage.exposure import match_histograms

    pool = np.concatenate(references)[..., 0]
    return np.stack([match_histograms(image[..., 0], pool) for image in images])[..., np.newaxis]


def scanned_again(subjects, contrast, scaling, session):
    """Further scans of subjects: the same anatomy with other noise and another bias field."""
    from gan_mri.data.images.foreground import statistics
    from gan_mri.synthetic.brain.anatomy import Anatomy
    from gan_mri.synthetic.brain.grid import grid
    from gan_mri.synthetic.brain.scanner import acquire, sample

    cells, scans = grid(IMAGE_SIZE), []
    for name in subjects:
        number = int(name.removeprefix("sub-")) - 1
        ideal = sample(Anatomy(0, number), cells, [contrast])[0][contrast]
        options = {"subject": number, "noise": 0.02, "bias_field": 0.2}
        image = acquire(ideal, contrast, cells, seed=session, **options)
        scans.append(scaling.scale(image, scaling.window(statistics(image))))
    return np.stack(scans)


def interval(values, digits):
    """Mean over subjects and its 95 % interval, as text."""
    from gan_mri.evaluation.statistics import bootstrap_interval

    low, high = bootstrap_interval(np.asarray(values))
    return f"{np.mean(values):.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def distances(truth, image, head):
    """MAE, PSNR and SSIM of one image in [-1, 1], in the head."""
    from gan_mri import metrics

    scaled = {"data_range": 2.0, "mask": head}
    return (
        metrics.mae(truth, image, mask=head),
        metrics.psnr(truth, image, **scaled),
        metrics.ssim(truth, image, **scaled),
    )


def harmonizer(folder, settings, options):
    """The run in `folder`, trained now if it is not there."""
    import gan_mri

    if (folder / "config.json").is_file():
        return gan_mri.load_run(folder)
    return gan_mri.train(
        "eklund/harmonization",
        out=folder,
        image_size=IMAGE_SIZE,
        augment="mirror",
        epochs=options.epochs,
        decay_epoch=options.epochs // 2,
        seed=options.seed,
        **SETTINGS,
        **settings,
    )


def print_tables(scores, images, real, heads):
    """The two tables, and by how much the CycleGANs and histogram matching differ."""
    from gan_mri.reporting.tables import format_table

    rows = [
        [way, *(f"{value:.3f}" for value in found.mean(axis=0)), interval(found.mean(axis=1), 3)]
        for way, found in scores.items()
    ]
    caption = f"Dice, {len(real)} test subjects"
    print(format_table(["images; segmenter of", *CLASSES, "mean"], rows, caption=caption))
    for way in HARMONIZERS:
        gain = (scores[f"2, {way}; 1"] - scores["2, histogram matched; 1"]).mean(axis=1)
        print(f"Mean Dice, {way} minus histogram matched: {interval(gain, 3)}")
    print()
    rows = []
    for way, made in images.items():
        found = np.array([distances(*one) for one in zip(real, made, heads)])
        rows.append([way, *(interval(values, d) for values, d in zip(found.T, (3, 2, 3)))])
    caption = f"Against scanner 1, the same {len(real)} subjects, in the head"
    print(format_table(["images", "MAE", "PSNR / dB", "SSIM"], rows, caption=caption))


def draw(path, names, columns, rows=5):
    """Images, and classes in colour, of the first subjects."""
    from gan_mri.reporting.sheets import sample_sheet

    cells = {
        title: COLORS[images] / 127.5 - 1 if images.ndim == 3 else images
        for title, images in columns.items()
    }
    shown = [(name, [of[i] for of in cells.values()]) for i, name in enumerate(names[:rows])]
    sample_sheet(path, list(cells), shown)


def main():
    parser = argparse.ArgumentParser(description="A segmenter on a second scanner.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=30, help="of each CycleGAN")
    parser.add_argument("--steps", type=int, default=1000, help="of each segmenter")
    parser.add_argument("--filters", type=int, default=8, help="of each segmenter")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    runs = {
        way: harmonizer(options.out / name, settings, options)
        for way, (name, settings) in HARMONIZERS.items()
    }
    run = runs["CycleGAN"]
    data = run.load_data()
    training, labels, segmenters = {}, {}, {}
    for domain in (KNOWN, NEW):
        samples = data.train[domain]
        training[domain] = np.stack([samples[i] for i in range(len(samples))])
        labels[domain] = truths([key.subject for key in samples.keys])[0]
    *_, last = runs.values()
    training[MOVED] = np.asarray(last.translator("B2A")(training[KNOWN]))
    labels[MOVED] = labels[KNOWN]
    for domain, made in training.items():
        segmenters[domain] = trained(
            made,
            labels[domain],
            len(CLASSES) + 1,
            steps=options.steps,
            filters=options.filters,
            seed=options.seed,
        )
    pairs = data.test.matched((NEW, KNOWN))
    new = np.stack([data.test[NEW][i] for i, _ in pairs])
    known = np.stack([data.test[KNOWN][i] for _, i in pairs])
    names = [data.test[NEW].keys[i].subject for i, _ in pairs]
    truth, heads = truths(names)
    images = {
        "2 as it is": new,
        "2, histogram matched": matched(new, training[KNOWN]),
        **{f"2, {way}": np.asarray(of.translator("A2B")(new)) for way, of in runs.items()},
        "1 again": scanned_again(names, run.contrasts[KNOWN], data.scaling[KNOWN], session=1),
    }
    seen = {"1; 1": (known, KNOWN)}
    seen |= {f"{way}; 1": (made, KNOWN) for way, made in images.items() if way != "1 again"}
    seen |= {f"2 as it is; {MOVED}": (new, MOVED), "2 as it is; 2": (new, NEW)}
    found = {
        way: segmenters[domain].predict(made, verbose=0).argmax(axis=-1)
        for way, (made, domain) in seen.items()
    }
    scores = {way: dice(truth, classes) for way, classes in found.items()}
    print_tables(scores, images, known, heads)
    columns = {f"scanner {way}": made for way, made in images.items() if way != "1 again"}
    columns |= {"scanner 1": known, "true tissues": truth}
    columns |= {f"found: {way}": classes for way, classes in found.items()}
    draw(options.out / "sheet.png", names, columns)


if __name__ == "__main__":
    main()
