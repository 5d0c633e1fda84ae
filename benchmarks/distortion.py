"""What is left of the distortion of echo-planar images, on phantoms whose displacement is known.

    PYTHONPATH=. python benchmarks/distortion.py RUN [--subjects 20] [--picture FILE.png]

RUN is a run of `schilling/synb0` of slices, trained on `--data phantom`. For each of its test
subjects (the phantom's b0_AP and b0_PA, with the true displacement of every voxel) this prints

* nothing: the distorted image as it is;
* to T1w: the distorted image registered to the T1w image alone, whose grey values are mapped to
  those of the distorted image by their conditional mean, again at every step (the correlation
  ratio of Roche et al. 1998 is largest there), the true brain mask given to it;
* to synthetic b0: registered to what the network makes of T1w and this blip;
* to true b0: registered to the undistorted image, which is what this registration can do;
* synthetic b0: the network's image itself.

Registration is along the phase-encoding axis alone, see `register`. Columns: RMS of displacement
left, in voxels, over the brain (the estimate against the truth, both blips); agreement: mean
squared difference between the two blips; error: mean squared difference from the true b0.
Intensities are divided by that of the brightest tissue, images are compared in the brain. Means
over subjects and their standard deviations.
"""

import argparse

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d
from scipy.sparse import csr_matrix, diags, identity, kron
from scipy.sparse.linalg import spsolve

#: Blur of both images while they are registered, voxels, from coarse to fine.
BLURS = (3.0, 1.5, 0.7)
#: Steps at each.
STEPS = 6
#: Weight of the squared Laplacian by target: the best of 3, 1 and 0.1 for four other phantoms.
SMOOTHNESS = {"to T1w": 3.0, "to synthetic b0": 1.0, "to true b0": 0.1}
#: Intensities by which a T1w image is mapped to b0.
BINS = 32


def unwarped(image, displacement):
    """What lies where the displacement leads, thinned as it was pressed together.

    Parameters
    ----------
    image : (H, W) array
        Distorted along its rows' axis, 0.
    displacement : (H, W) array
        In voxels towards greater rows.

    Returns
    -------
    (H, W) array
        `image(x + u) (1 + du/dx)`.
    """
    rows = np.arange(len(image), dtype=float)
    moved = [np.interp(rows + u, rows, line) for line, u in zip(image.T, displacement.T)]
    return np.transpose(moved) * np.maximum(1 + np.gradient(displacement, axis=0), 0)


def register(image, target, smoothness):
    """The displacement along rows that makes a distorted image its target.

    Gauss-Newton steps on the sum of `(target - image(x + u) (1 + du/dx))^2` and `smoothness`
    times the squared Laplacian of `u` (as Holland, Kuperman and Dale 2010, NeuroImage 50:175, do
    between two blips), both images blurred, by `BLURS` one after the other.

    Parameters
    ----------
    image : (H, W) array
        Distorted; 1 is the brightest tissue.
    target : (H, W) array, or callable
        `target(unwarped)` gives the target for the image as it is unwarped by now.
    smoothness : float

    Returns
    -------
    (H, W) array
        In voxels towards greater rows, as `unwarped` takes it.
    """
    shape = np.shape(image)
    along, laplacian = _operators(shape)
    bending = smoothness * (laplacian.T @ laplacian)
    displacement, rows = np.zeros(shape), np.arange(shape[0], dtype=float)
    for blur in BLURS:
        seen = gaussian_filter(image, blur)
        slope = np.gradient(seen, axis=0)
        for _ in range(STEPS):
            wanted = target(unwarped(image, displacement)) if callable(target) else target
            residual = gaussian_filter(wanted, blur) - unwarped(seen, displacement)
            there, steep = (
                np.transpose(
                    [np.interp(rows + u, rows, line) for line, u in zip(one.T, displacement.T)]
                )
                for one in (seen, slope)
            )
            density = 1 + np.gradient(displacement, axis=0)
            change = diags((steep * density).ravel()) + diags(there.ravel()) @ along
            gradient = change.T @ residual.ravel() - bending @ displacement.ravel()
            step = spsolve((change.T @ change + bending).tocsc(), gradient).reshape(shape)
            # Half a voxel at most: beyond it, slopes say little.
            displacement = displacement + step * min(1.0, 0.5 / np.abs(step).max())
    return displacement


def _operators(shape):
    """Derivative along rows, and Laplacian, as sparse matrices; both are 0 of a constant."""

    def slope(length):
        return diags([-np.ones(length - 1), np.ones(length - 1)], [0, 1], (length - 1, length))

    (first, second), ones = (slope(n) for n in shape), [identity(n) for n in shape]
    central = csr_matrix(np.gradient(np.eye(shape[0]), axis=0))
    square = kron(first.T @ first, ones[1]) + kron(ones[0], second.T @ second)
    return kron(central, ones[1]).tocsr(), square.tocsr()


def matched(target, image):
    """The target, times the factor that makes it most like the image."""
    return target * np.sum(target * image) / np.sum(target**2)


def conditional_mean(anatomy, mask):
    """A target for `register`: the anatomy with the mean of the image for each of its values."""
    edges = np.quantile(anatomy[mask], np.linspace(0, 1, BINS + 1)[1:-1])
    bins = np.where(mask, np.digitize(anatomy, edges), BINS)

    def target(image):
        counts = np.bincount(bins.ravel(), minlength=BINS + 1)
        sums = np.bincount(bins.ravel(), image.ravel(), BINS + 1)
        means = sums / np.maximum(counts, 1)
        # Values that follow each other have means that do.
        means[:BINS] = gaussian_filter1d(means[:BINS], 1.0, mode="nearest")
        return means[bins]

    return target


def measure(made, translate):
    """The numbers of one subject, and its images.

    Parameters
    ----------
    made : gan_mri.synthetic.brain.PhantomSubject
    translate : callable
        `translate(T1w, b0)` gives the synthetic b0 in units of the phantom.

    Returns
    -------
    dict of str to (left, agreement, error), dict of str to array
        `left` is None where nothing is registered.
    """
    from gan_mri.synthetic.brain import tissues
    from gan_mri.synthetic.brain.contrasts import BRIGHTEST

    brain = made.labels >= tissues.CSF
    images = {name: image.astype(float) / BRIGHTEST for name, image in made.images.items()}
    true, T1w = images["b0"], images["T1w"]
    blips = {"b0_AP": made.displacement, "b0_PA": -made.displacement}
    synthetic = {name: translate(made.images["T1w"], made.images[name]) for name in blips}
    synthetic = {name: image / BRIGHTEST for name, image in synthetic.items()}
    targets = {
        "to T1w": lambda name: conditional_mean(T1w, brain),
        "to synthetic b0": lambda name: matched(synthetic[name], images[name]),
        "to true b0": lambda name: true,
    }
    fields = {"nothing": {name: np.zeros_like(true) for name in blips}}
    for way, target in targets.items():
        fields[way] = {
            name: register(images[name], target(name), SMOOTHNESS[way]) for name in blips
        }

    def squares(first, second):
        return np.mean(np.square(first - second)[brain])

    def compared(results):
        agreement = squares(results["b0_AP"], results["b0_PA"])
        return agreement, np.mean([squares(result, true) for result in results.values()])

    found = {}
    for way, of_blips in fields.items():
        left = [squares(of_blips[name], moved) for name, moved in blips.items()]
        results = {name: unwarped(images[name], u) for name, u in of_blips.items()}
        found[way] = (np.sqrt(np.mean(left)), *compared(results))
    found["synthetic b0"] = (None, *compared(synthetic))
    shown = {
        "T1w": T1w,
        "b0_AP": images["b0_AP"],
        "b0_PA": images["b0_PA"],
        "synthetic b0 (AP)": synthetic["b0_AP"],
        "synthetic b0 (PA)": synthetic["b0_PA"],
        "true b0": true,
    }
    return found, shown


def translation(run):
    """`translate(T1w, b0)` of a run, each image scaled as in training."""
    from gan_mri.data.images.foreground import statistics

    translator = run.translator()
    card = translator.card
    first, second = card.inputs

    def translate(T1w, b0):
        inputs = {}
        for name, image in ((first, T1w), (second, b0)):
            scaling = card.scalings[name]
            window = scaling.window(statistics(image))
            inputs[name] = scaling.scale(image, window)[np.newaxis, ..., np.newaxis]
        return card.target_scaling.invert(translator(inputs)[0, ..., 0])

    return translate


def draw(rows, path):
    """One row of images a subject."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    size = 2 * len(rows[0]), 2.5 * len(rows)
    figure, axes = plt.subplots(len(rows), len(rows[0]), figsize=size, squeeze=False)
    for line, shown in zip(axes, rows):
        for axis, (title, image) in zip(line, shown.items()):
            axis.imshow(image, cmap="gray", vmin=0, vmax=1.8 if title == "T1w" else 1.1)
            axis.set_title(title, fontsize=9)
            axis.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description="What is left of the distortion of phantoms.")
    parser.add_argument("run")
    parser.add_argument("--subjects", type=int, default=20, help="of the test part, the first")
    parser.add_argument("--picture", metavar="FILE.png")
    options = parser.parse_args()

    import gan_mri
    from gan_mri.synthetic.brain import phantom

    run = gan_mri.load_run(options.run)
    config = run.config
    names = config["data"]["subjects"]["test"][: options.subjects]
    contrasts = ("T1w", "b0_AP", "b0_PA", "b0")
    shape = config["arguments"]["image_size"]
    if config["data"]["kind"] != "phantom" or tuple(run.contrasts.values()) != contrasts:
        parser.error(f"{options.run}: expected a run of {' '.join(contrasts)} of the phantom.")
    translate, rows, shown = translation(run), [], []
    numbers = [int(name.removeprefix("sub-")) - 1 for name in names]
    for number in numbers:
        (made,) = phantom([number], contrasts=contrasts, shape=shape)
        found, images = measure(made, translate)
        rows.append(found)
        shown.append(images)
    print(f"{len(rows)} test subjects of {options.run}, {shape[0]} x {shape[1]}")
    print(f"{'':18}{'left / voxels':>18}{'agreement / 1e-3':>20}{'error / 1e-3':>20}")
    for way in rows[0]:
        cells = []
        for column, (factor, width) in enumerate(((1, 18), (1e3, 20), (1e3, 20))):
            values = [row[way][column] for row in rows]
            if None in values:
                cells.append(f"{'':{width}}")
                continue
            values = factor * np.array(values)
            cells.append(f"{f'{values.mean():.2f} +- {values.std():.2f}':>{width}}")
        print(f"{way:18}{''.join(cells)}")
    if options.picture:
        draw(shown[:3], options.picture)


if __name__ == "__main__":
    main()
