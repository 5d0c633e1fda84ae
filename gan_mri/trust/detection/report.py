"""Every subject read, translated there and back, compared; maps, tables, pictures, the page."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from gan_mri.files import write_json
from gan_mri.inference.passes import Pass
from gan_mri.reporting.tables import format_table, write_csv_table
from gan_mri.runs.run import versions
from gan_mri.trust.detection.maps import SCORES, difference_map, write_maps
from gan_mri.trust.detection.page import write_detection_page
from gan_mri.trust.detection.pictures import (
    MOST_SHOWN,
    draw_curves,
    draw_sheet,
    pictures_of,
    titles,
)
from gan_mri.trust.detection.roc import all_dice, auc, best_dice, roc_curve
from gan_mri.trust.detection.way_back import ThereAndBack
from gan_mri.trust.lesions.volumes import read_real, translated

#: Columns of detection.csv.
COLUMNS = (
    "subject",
    "map",
    "score",
    "head_voxels",
    "lesion_voxels",
    "auc",
    "dice",
    "threshold",
    "dice_of_all",
)


@dataclass(frozen=True)
class Detection:
    """What `gan_mri.detect` found.

    Attributes
    ----------
    folder : Path
        Where the files are; `index.html` is the page.
    rows : list of dict
        The rows of detection.csv: for every subject with a mask of lesions, map and score.
    summary : dict
        The content of summary.json; "mean" has the means over subjects.
    """

    folder: Path
    rows: list
    summary: dict

    def table(self):
        """The means over subjects as text for a terminal."""
        names = ("map", "score", "subjects", "auc", "dice", "dice_of_all")
        rows = [[one[name] for name in names] for one in self.summary["mean"]]
        return format_table([name.replace("_", " ") for name in names], rows, precision=3)


def measure_and_write(
    folder, cases, translator, back, *, record, smooth, align, batch_size, progress
):
    """Make the maps of all subjects, measure them where masks are, and write everything.

    Parameters
    ----------
    folder : Path
        Exists, empty.
    cases : list of gan_mri.trust.lesions.cases.ReportCase
    translator : gan_mri.inference.translator.Translator
    back : gan_mri.inference.translator.Translator or None
        From the target back to the source; None: no cycle map.
    record : dict
        What else `summary.json` holds.
    smooth : float
        Of `difference_map`.
    align : {"none", "headers"}
    batch_size : int
    progress : bool

    Returns
    -------
    (list of dict, dict)
        Rows of detection.csv, and the summary.
    """
    card, there = translator.card, Pass(translator)
    cycle = None if back is None else ThereAndBack(there, Pass(back), next(iter(back.card.inputs)))
    names = [] if back is None else ["cycle"]
    names += ["target"] if any(case.truth is not None for case in cases) else []
    (folder / "maps").mkdir()
    rows, curves, shown = [], [], []
    for case in tqdm(cases, desc="subjects", disable=not progress, dynamic_ncols=True):
        real = read_real(case, card, align)
        synthetic = translated(case, translator, there, batch_size=batch_size)
        maps, returned = {}, None
        if cycle is not None:
            returned = translated(case, translator, cycle, batch_size=batch_size)
            source = next(iter(real.sources.values()))
            maps["cycle"] = difference_map(source, returned, real.head, real.sizes, width=smooth)
        if real.truth is not None:
            maps["target"] = difference_map(
                real.truth, synthetic, real.head, real.sizes, width=smooth
            )
        write_maps(folder / "maps", case, maps)
        found, lines = measured(case.label, maps, real)
        rows += found
        curves += lines
        if len(shown) < MOST_SHOWN:
            shown.append((case.label, pictures_of(real, synthetic, returned, maps, names)))
    summary = record | {"maps": names, "mean": means(rows), "versions": versions()}
    cells = [[row[key] for key in COLUMNS] for row in rows]
    write_csv_table(folder / "detection.csv", COLUMNS, cells)
    write_json(folder / "summary.json", summary)
    columns = titles(cases[0].sources, card.content["target"], names)
    pictures = {
        "maps": draw_sheet(folder / "maps.png", columns, shown),
        "curves": draw_curves(folder / "roc.png", curves),
    }
    write_detection_page(folder / "index.html", summary | {"rows": rows}, pictures)
    return rows, summary


def measured(label, maps, real):
    """What the maps of a subject find of its mask.

    Parameters
    ----------
    label : str
    maps : dict of str to ndarray (X, Y, Z)
        Signed.
    real : gan_mri.trust.lesions.volumes.Real

    Returns
    -------
    (list of dict, list)
        Rows of detection.csv, and curves for `draw_curves`; both empty where there is no mask, or
        it marks nothing (or all) of the head.
    """
    rows, curves = [], []
    marked = None if real.lesions is None else real.lesions[real.head]
    if marked is None or not marked.any() or marked.all():
        return rows, curves
    for name, signed in maps.items():
        for score, of in SCORES.items():
            values = of(signed[real.head])
            area, best = auc(values, marked), best_dice(values, marked)
            rows.append(
                {
                    "subject": label,
                    "map": name,
                    "score": score,
                    "head_voxels": int(marked.size),
                    "lesion_voxels": int(np.count_nonzero(marked)),
                    "auc": area,
                    "dice": best.dice,
                    "threshold": best.threshold,
                    "dice_of_all": all_dice(marked),
                }
            )
            if score == "absolute":
                curves.append((label, name, area, roc_curve(values, marked)))
    return rows, curves


def means(rows):
    """Means over subjects of every map and score: map, score, subjects, auc, dice, dice_of_all."""
    found = []
    for name, score in dict.fromkeys((row["map"], row["score"]) for row in rows):
        mine = [row for row in rows if (row["map"], row["score"]) == (name, score)]
        measures = ("auc", "dice", "dice_of_all")
        mean = {key: float(np.mean([row[key] for row in mine])) for key in measures}
        found.append({"map": name, "score": score, "subjects": len(mine), **mean})
    return found
