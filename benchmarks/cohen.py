"""What the share of patients in a training cohort does to lesions: Cohen's experiment.

    PYTHONPATH=. python benchmarks/cohen.py OUT [--shares 0 25 50 75 100] [--source-share 0]

Cohen, Luck and Honari 2018, "Distribution matching losses can hallucinate features in medical
image translation" (MICCAI; paper 003 cites it): a CycleGAN makes its translations look like the
target images of its training. If few of those show lesions it takes lesions away, if many do it
puts some in. Here on the phantom: `welander/cyclegan`, small, from T1w to FLAIR, unpaired, the
two cohorts being different people. Of the target cohort a share from 0 to 100 % has lesions, of
the source cohort always the same share (default: nobody). The anatomies are the same at every
share; the healthy tissue of a person does not depend on lesions.

Every model then translates people that it has not seen, each once with lesions and once
without. Prints and draws (OUT/cohen-0.png), by the share:

* of the lesions that are seen in the real FLAIR (`gan_mri.lesions`): lost, faded, kept, in
  percent, and the median share of their contrast that is left;
* invented, mL a person: places outside the masks that look like lesions in the translation alone,
  in people with and without lesions;
* "as lesion": of the voxels of lesions, and of white matter in people without lesions, the
  percentage that is nearer to lesions than to white matter, in the translation and really.

Only the slices count that the models have learned. Pictures are in OUT/pictures-0.png.

Runs and reports that are in OUT already are taken as they are.

Found (shares 0, 50, 100, seed 0, one training each): lost are 100, 96 and 96 % of the lesions;
their voxels are drawn like lesions in 0.0, 0.0 and 0.3 % (96 % really), white matter of the
healthy in 0.3, 0.4 and 0.3 % (0.0 % really). So these models take lesions away whatever the
share, and the paper's effect, more of them put in with more patients, is not shown: after 3,456
steps the translations are still grainy and miss sulci and ventricles, and lesions are a small
part of a slice. The "invented" 22 to 25 mL a person are such errors, the same with and without
lesions. 864 steps gave the same. Longer training (--epochs) is needed to tell more.
"""

import argparse
import csv
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from cohen_people import (
    HEALTHY,
    SHAPE,
    SLICES,
    SOURCE,
    TARGET,
    in_place,
    is_healthy,
    make_cohort,
    make_pool,
    make_test,
)

#: Some 150 s of processor time for 24 epochs, 3,456 steps.
SETTINGS = {"filters": 8, "residual_blocks": 3, "discriminator_filters": 16}


def trained(folder, cohort, options):
    """The run in `folder`, trained now if it is not there."""
    import gan_mri

    if (folder / "export").is_dir():
        return
    gan_mri.train(
        "welander/cyclegan",
        data=cohort,
        contrasts=(SOURCE, TARGET),
        slices=SLICES,
        split=(1, 0, 0),
        image_size=SHAPE[:2],
        augment="mirror",
        epochs=options.epochs,
        decay_epoch=options.epochs // 2 + 1,
        seed=options.seed,
        out=folder,
        **SETTINGS,
    )


def measured(run, test, report):
    """What a run does to the lesions of `test`; writes `gan_mri.lesions`' report if need be.

    Returns
    -------
    dict of str to float
        "lost", "faded", "kept" (percent of the lesions that are seen in the real FLAIR),
        "contrast" (median percent that is left), "invented, ..." (mL a person).
    """
    import gan_mri

    masks = test / "derivatives" / "lesions"
    if not report.is_dir():
        gan_mri.lesions(run, data=test, masks=masks, out=report)
    with open(report / "lesions.csv", newline="") as file:
        lesions = [row for row in csv.DictReader(file) if row["verdict"] != "unseen"]
    with open(report / "invented.csv", newline="") as file:
        invented = [row for row in csv.DictReader(file) if _in_slices(row, test)]
    found = {
        name: 100 * sum(row["verdict"] == name for row in lesions) / len(lesions)
        for name in ("lost", "faded", "kept")
    }
    found["contrast"] = 100 * float(np.median([float(row["share"]) for row in lesions]))
    people = sorted(path.name for path in test.glob("sub-*"))
    for key, healthy in (("invented, patients", False), ("invented, healthy", True)):
        mine = [name for name in people if is_healthy(name) == healthy]
        volumes = [float(row["volume_ml"]) for row in invented if row["subject"] in mine]
        found[key] = sum(volumes) / len(mine)
    return found


def _in_slices(row, test):
    """Whether a place is in the slices that the models have learned."""
    import nibabel as nib

    affine = nib.load(test / row["subject"] / "anat" / f"{row['subject']}_{SOURCE}.nii.gz").affine
    start, stop = SLICES
    number = (float(row["z_mm"]) - affine[2, 3]) / affine[2, 2]
    return start - 0.5 <= number < stop - 0.5


def translations(run, test):
    """(real images, translation) of every person of the test, by name, see `gan_mri.lesions`."""
    from gan_mri.inference.passes import Pass
    from gan_mri.trust.lesions.cases import find_cases
    from gan_mri.trust.lesions.volumes import read_real, translated

    translator = run.translator("A2B")
    translates, masks = Pass(translator), test / "derivatives" / "lesions"
    cases = find_cases(test, masks, sources=(SOURCE,), target=TARGET)
    return {
        case.subject: (
            read_real(case, translator.card, "none"),
            translated(case, translator, translates, batch_size=8),
        )
        for case in cases
    }


def drawn_as_lesions(made, test):
    """Percent of the voxels of lesions, and of white matter of the healthy, that look like lesions.

    That is nearer to lesions than to white matter, by the means of all real images; only the
    slices that the models have learned count.

    Parameters
    ----------
    made : dict of str to (gan_mri.trust.lesions.volumes.Real, ndarray)
        From `translations`.

    Returns
    -------
    dict of str to (float, float)
        Of "real" and "synthetic": lesions, white matter.
    """
    import nibabel as nib

    from gan_mri.synthetic.brain import tissues

    start, stop = SLICES
    values = {"lesions": {"real": [], "synthetic": []}, "white": {"real": [], "synthetic": []}}
    for name, (real, synthetic) in made.items():
        if is_healthy(name):
            path = test / name / "anat" / f"{name}_tissue.nii.gz"
            kind, where = "white", nib.load(path).get_fdata() == tissues.WHITE
        else:
            kind, where = "lesions", real.lesions
        where = where[..., start:stop]
        for image, array in (("real", real.truth), ("synthetic", synthetic)):
            values[kind][image].append(array[..., start:stop][where])
    joined = {
        kind: {image: np.concatenate(parts) for image, parts in of.items()}
        for kind, of in values.items()
    }
    middle = sum(float(of["real"].mean()) for of in joined.values()) / 2
    return {
        image: tuple(100 * float(np.mean(joined[kind][image] > middle)) for kind in joined)
        for image in ("real", "synthetic")
    }


def draw_curves(path, shares, found, real):
    """Lost and invented over the share of patients."""
    from gan_mri.reporting.drawings import color, new_figure, save, tidy

    panels = (
        ("lesions in the translation / % of lesions", ("lost", "faded", "kept")),
        ("invented / mL a person", ("invented, patients", "invented, healthy")),
        ("drawn like a lesion / % of voxels", ("as lesion, lesions", "as lesion, white matter")),
    )
    figure = new_figure(12, 4)
    number = 0
    for axes, (label, keys) in zip(figure.subplots(1, len(panels)), panels):
        for key in keys:
            values = [row[key] for row in found]
            axes.plot(shares, values, "o-", color=color(number), label=key)
            if key in real:
                axes.axhline(
                    real[key], color=color(number), linestyle=":", label=f"{key}, real FLAIR"
                )
            number += 1
        axes.set_xlabel("people with lesions in the target cohort / %")
        axes.set_ylabel(label)
        axes.set_ylim(0, 1.08 * axes.get_ylim()[1])
        axes.set_xticks(shares)
        axes.legend(frameon=False, fontsize=8)
        tidy(axes)
    return save(figure, path)


def draw_pictures(path, shares, made):
    """A person with lesions, and the same person without, as every model draws them."""
    from gan_mri.reporting.sheets import sample_sheet
    from gan_mri.trust.lesions.pictures import LESION_LINE, picture

    first = made[0]
    ill = max((name for name in first if not is_healthy(name)), key=lambda n: _marked(first, n))
    twin = f"sub-{int(ill.removeprefix('sub-')) + HEALTHY:03d}"
    mask = first[ill][0].lesions
    z = int(mask.sum(axis=(0, 1)).argmax())
    rows = []
    for label, name in (("with lesions", ill), ("the same person without", twin)):
        real = first[name][0]
        images = [real.sources[SOURCE], real.truth, *(one[name][1] for one in made)]
        outline = real.lesions[:, :, z]
        rows.append(
            (label, [picture(one[:, :, z], outline, (1, 1), LESION_LINE) for one in images])
        )
    columns = [f"{SOURCE}, real", f"{TARGET}, real"]
    columns += [f"{TARGET}, {share:g} % of the cohort ill" for share in shares]
    sample_sheet(path, columns, rows)


def _marked(made, name):
    return int(made[name][0].lesions.sum())


def main():
    parser = argparse.ArgumentParser(description="Cohen's experiment on the phantom.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--shares", type=float, nargs="+", default=[0, 25, 50, 75, 100])
    parser.add_argument("--source-share", type=float, default=0)
    parser.add_argument("--people", type=int, default=12, help="of each cohort")
    parser.add_argument("--test", type=int, default=4, help="people, each with and without lesions")
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    import gan_mri
    from gan_mri.reporting.tables import format_table

    out, people, seed = options.out, options.people, options.seed
    numbers = list(range(2 * people, 2 * people + options.test))
    in_place(out / "test", lambda folder: make_test(folder, numbers, seed))
    pools = {name: out / f"pool-{name}" for name in ("with", "without")}
    for name, pool in pools.items():
        in_place(pool, lambda folder: make_pool(folder, people, lesions=name == "with", seed=seed))
    found, made, real = [], [], {}
    for share in options.shares:
        name = f"{options.source_share:g}-{share:g}"
        cohort, mixture = out / f"cohort-{name}", (people, share, options.source_share)
        in_place(cohort, lambda folder: make_cohort(folder, pools, *mixture))
        trained(out / f"run-{name}", cohort, options)
        run = gan_mri.load_run(out / f"run-{name}")
        made.append(translations(run, out / "test"))
        drawn = drawn_as_lesions(made[-1], out / "test")
        keys = ("as lesion, lesions", "as lesion, white matter")
        real = dict(zip(keys, drawn["real"]))
        row = measured(run.folder, out / "test", out / f"report-{name}")
        found.append(row | dict(zip(keys, drawn["synthetic"])))
    columns = list(found[0])
    rows = [
        [f"{share:g}", *(f"{row[key]:.1f}" for key in columns)]
        for share, row in zip(options.shares, found)
    ]
    rows.append(["real FLAIR", *(f"{real[key]:.1f}" if key in real else "" for key in columns)])
    caption = (
        f"{options.source_share:g} % of the source cohort with lesions; {options.test} people for "
        "tests, each with and without lesions"
    )
    print(format_table(["target / %", *columns], rows, caption=caption))
    draw_curves(out / f"cohen-{options.source_share:g}.png", options.shares, found, real)
    draw_pictures(out / f"pictures-{options.source_share:g}.png", options.shares, made)


if __name__ == "__main__":
    main()
