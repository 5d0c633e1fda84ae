"""What generated pairs are worth: a segmenter trained on them against one trained on real pairs.

    PYTHONPATH=. python benchmarks/generated_training.py RUN [--generated 200] [--steps 1000]

RUN is a finished run of guibas/dual_gan. The same U-Net (`gan_mri.networks.segmenter`) is
trained twice from the same initial weights for the same number of steps: on the run's real
training pairs, and on pairs that the run generates, which are all it sees. Both segment the
run's real test images. Prints, for every tissue, its share of the pixels of real and of
generated masks and the Dice of both segmenters: the mean over the test images that hold the
tissue. Guibas et al. 2017 find an F1 (Dice) of 0.8877 for generated and 0.8988 for real
pairs, of retinal vessels.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

BATCH = 16


def real_pairs(split, domains, labels, scaling):
    """Images `(N, H, W, C)` in [-1, 1] and the index of each pixel's label `(N, H, W)`."""
    from gan_mri.inference.labels import nearest

    rows = split.matched(domains)
    masks = np.stack([split[domains[0]][row[0]] for row in rows])
    images = np.stack([split[domains[1]][row[1]] for row in rows])
    return images, np.searchsorted(labels, nearest(scaling.invert(masks), labels)[..., 0])


def generated_pairs(generator, domains, labels, number, seed):
    """As `real_pairs`, of masks and images that a run generates."""
    images, masks = [], []
    for start in range(0, number, generator.batch_size):
        made = generator(range(start, start + generator.batch_size), seed)
        masks.append(made[domains[0]][..., 0])
        images.append(generator.cards[domains[1]].target_scaling.scale(made[domains[1]]))
    images, masks = np.concatenate(images)[:number], np.concatenate(masks)[:number]
    return images, np.searchsorted(labels, masks)


def trained(images, masks, classes, *, steps, filters, seed):
    """A segmenter after so many steps of 16 pairs, drawn at random, half of them mirrored."""
    import keras

    from gan_mri.networks.segmenter import segmenter

    keras.utils.set_random_seed(seed)
    network = segmenter((*images.shape[1:],), classes=classes, filters=filters)
    network.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        rows = rng.integers(0, len(images), BATCH)
        batch, truth = images[rows], masks[rows]
        mirrored = rng.random(BATCH) < 0.5
        batch[mirrored], truth[mirrored] = batch[mirrored, :, ::-1], truth[mirrored, :, ::-1]
        network.train_on_batch(batch, truth)
    return network


def dice(truth, found, classes):
    """Mean Dice of every class over the images that hold it, NaN for one that none holds."""
    scores = np.full((len(truth), classes), np.nan)
    for row, (true, seen) in enumerate(zip(truth, found)):
        for label in np.unique(true):
            both = np.sum((true == label) & (seen == label))
            scores[row, label] = 2 * both / (np.sum(true == label) + np.sum(seen == label))
    held = ~np.isnan(scores)
    sums = np.nansum(scores, axis=0)
    return np.divide(sums, held.sum(axis=0), out=np.full(classes, np.nan), where=held.any(axis=0))


def names_of(labels, contrast):
    """The names of the phantom's tissues, the numbers of any other labels."""
    from gan_mri.synthetic.brain import TISSUES

    if contrast == "tissue":
        return [TISSUES[int(label)].name for label in labels]
    return [f"{label:g}" for label in labels]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--generated", type=int, default=200)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--filters", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=1, help="mean over so many initial weights")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    from gan_mri import load_run
    from gan_mri.inference.generator import Generator
    from gan_mri.reporting.tables import format_table

    run = load_run(options.run)
    generator, data = Generator(run), run.load_data()
    domains = ("mask", "image")
    labels = np.array(generator.cards["mask"].content["labels"], np.float32)
    scaling = data.scaling["mask"]
    real = real_pairs(data.train, domains, labels, scaling)
    test_images, truth = real_pairs(data.test, domains, labels, scaling)
    made = generated_pairs(generator, domains, labels, options.generated, options.seed)
    classes, scores = len(labels), {}
    for name, pairs in (("real", real), ("generated", made)):
        repeats = []
        for seed in range(options.seed, options.seed + options.repeats):
            network = trained(
                *pairs, classes, steps=options.steps, filters=options.filters, seed=seed
            )
            found = network.predict(test_images, verbose=0).argmax(axis=-1)
            repeats.append(dice(truth, found, classes))
        scores[name] = np.mean(repeats, axis=0)
    shares = {
        name: np.bincount(masks.ravel(), minlength=classes) / masks.size
        for name, (_, masks) in (("real", real), ("generated", made))
    }
    rows = []
    for k, name in enumerate(names_of(labels, run.contrasts["mask"])):
        cells = [f"{shares[kind][k]:.4f}" for kind in shares]
        cells += [f"{scores[kind][k]:.3f}" for kind in scores]
        rows.append([name, *cells])
    # The background is most of an image, and easy.
    means = [f"{np.nanmean(scores[kind][1:]):.3f}" for kind in scores]
    rows.append(["mean without the first", "", "", *means])
    caption = (
        f"Real: {len(real[0])} pairs. Generated: {len(made[0])} pairs. Dice on {len(truth)} real "
        f"test images after {options.steps} steps, mean of {options.repeats} training(s)"
    )
    header = ["tissue", "share, real", "share, generated", "Dice, real", "Dice, generated"]
    print(format_table(header, rows, caption=caption))


if __name__ == "__main__":
    main()
