"""Table 1, Figures 3 and 4 of paper 000 for the page of a comparison."""

import json

import numpy as np

from gan_mri.errors import GanMriError
from gan_mri.evaluation.statistics import LEVEL, RESAMPLINGS
from gan_mri.papers.wada.figures import grid_figure, methods_figure
from gan_mri.papers.wada.round_robin import MOST, round_robin, two_way_interval
from gan_mri.reporting.page import Listing, Paragraph, Picture, Section, Table, Value
from gan_mri.reporting.tables import write_csv_table

#: Colour tolerance of printed solids in ISO 12647-2, which the paper measures itself by.
_TOLERANCE = 5.0

_BASELINES = {
    "untranslated": "the source as it is, not translated",
    "other_reference": "one of the other references: of the domain, but not of this reference",
    "mean_reference": "the mean colour of all references: about the best that one colour for "
    "all can do",
}

_CONVENTIONS = (
    "Colour difference: CIE76, the distance in L*a*b* between the mean colours of the "
    "translation and of the "
    "reference (paper 000, equation 8). Values in [-1, 1] are taken as sRGB; L*a*b* for "
    "illuminant D65 and the "
    "2 degree observer (scikit-image); all pixels at the size that the model sees, converted "
    "first and averaged "
    "in L*a*b*. 0 is best.",
    "Structure kept: SSIM (Gaussian window of SD 1.5 and 11 taps, K1 0.01, K2 0.03) of the "
    "gradient magnitudes of "
    "lightness L* of source and translation, averaged with the source's magnitudes g as "
    "weights; data range "
    "sum(g^2) / sum(g). The source itself has 1, a flat colour about 0.",
    f"Mean ± standard deviation over all combinations. The {100 * LEVEL:.0f} % interval of the "
    "mean resamples sources "
    f"and references each for themselves ({RESAMPLINGS} times), because combinations that share "
    "an image are not "
    "independent. It speaks of these networks on other images, not of the methods trained again.",
    "A method without a reference translates each source once; that image is compared with "
    "every reference.",
)


def color_sections(runs, folder, *, numbers, best, progress=True):
    """Measure every method on all combinations of test images, as paper 000 does.

    Writes `colour_difference.csv` (every combination of every method),
    `table1.csv`, `colour_methods.png` (the paper's Figure 3) and
    `colour_grid.png` (its Figure 4).

    Parameters
    ----------
    runs : dict of str to gan_mri.runs.run.Run
        Finished runs by method, of RGB images, from domain A to B.
    folder : Path
        Takes the files.
    numbers : dict of str to (str, float)
        Every method of the paper in its order: its description and its mean
        colour difference there. Methods that are not in `runs` keep the
        paper's value alone.
    best : str
        The method of Figure 4; where it is not in `runs`, the method with the
        smallest mean difference takes its place, and the caption names it.
    progress : bool
        Show a progress bar for each method.

    Returns
    -------
    list of gan_mri.reporting.page.Section

    Raises
    ------
    GanMriError
        As `gan_mri.papers.wada.round_robin.round_robin`, if a run has no
        numbers, or if the runs are not tested on the same images.
    """
    unknown = [method for method in runs if method not in numbers]
    if unknown or not runs:
        raise GanMriError(
            f"color_sections: expected runs of {', '.join(numbers)}, of which the paper has "
            "numbers. "
            f"Received: {', '.join(unknown) or 'none'}."
        )
    found = _measure(runs, progress)
    rows = {method: _summary(one.differences, one.structure) for method, one in found.items()}
    _write_combinations(folder / "colour_difference.csv", found)
    first = next(iter(found.values()))
    baselines = {name: _summary(getattr(first, name)) for name in _BASELINES}
    _write_table(folder / "table1.csv", rows, baselines, numbers)
    shown = best if best in found else min(rows, key=lambda method: rows[method]["mean"])
    methods = methods_figure(folder / "colour_methods.png", found)
    grid = grid_figure(folder / "colour_grid.png", found[shown])
    size = f"{len(first.sources)} sources x {len(first.references)} references of the test part"
    table = (
        Paragraph(
            f"{size}, every combination (of a larger test part {MOST} of each domain, evenly "
            "spread). The paper: "
            "28 x 28 images of its own, mean over them."
        ),
        _methods_table(rows, numbers),
        Paragraph(_order(rows, numbers)),
        _baseline_table(baselines),
        Listing(_CONVENTIONS),
        Paragraph("Numbers: table1.csv and colour_difference.csv."),
    )
    figures = (
        Picture(
            methods,
            "Sources, references and what each method makes of them, as the paper's Figure 3 "
            f"({methods.name})",
        ),
        Picture(grid, f"{shown}: sources by references, as the paper's Figure 4 ({grid.name})"),
    )
    return [
        Section("Table 1: colour difference from the reference", table),
        Section("Figures 3 and 4", figures),
    ]


def _measure(runs, progress):
    """The round robin of every method; runs of the same data share them."""
    loaded, found = {}, {}
    for method, run in runs.items():
        key = json.dumps([run.config["data"], run.config["arguments"].get("image_size")])
        if key not in loaded:
            loaded = {key: run.load_data()}
        found[method] = round_robin(run, data=loaded[key], progress=progress)
    first, *others = found
    for other in others:
        for name in ("sources", "references", "source_colors", "reference_colors"):
            there, here = (getattr(found[method], name) for method in (first, other))
            if not np.array_equal(there, here):
                raise GanMriError(
                    f"{runs[first].folder} and {runs[other].folder}: expected runs that are "
                    "tested on the same "
                    f"images. Received: other {name.replace('_', ' ')}."
                )
    return found


def _summary(differences, structure=None):
    """Mean, SD and interval of differences, mean and SD of structure."""
    low, high = (None, None) if structure is None else two_way_interval(differences)
    row = {"mean": _mean(differences), "sd": _sd(differences), "low": low, "high": high}
    return row | (
        {} if structure is None else {"structure": _mean(structure), "structure_sd": _sd(structure)}
    )


def _mean(values):
    return float(values.mean()) if values.size else None


def _sd(values):
    return float(values.std(ddof=1)) if values.size > 1 else None


def _write_combinations(path, found):
    header = ["method", "source", "reference", "colour_difference", "structure", "untranslated"]
    rows = [
        [
            method,
            source,
            reference,
            one.differences[i, j],
            one.structure[i, j],
            one.untranslated[i, j],
        ]
        for method, one in found.items()
        for i, source in enumerate(one.sources)
        for j, reference in enumerate(one.references)
    ]
    write_csv_table(path, header, rows)


def _write_table(path, rows, baselines, numbers):
    names = ["mean", "sd", "low", "high", "structure", "structure_sd"]
    lines = [
        [number, method, description, paper, *(rows.get(method, {}).get(name) for name in names)]
        for number, (method, (description, paper)) in enumerate(numbers.items(), start=1)
    ]
    lines += [
        [None, name, _BASELINES[name], None, *(row.get(key) for key in names)]
        for name, row in baselines.items()
    ]
    write_csv_table(path, ["number", "method", "description", "paper", *names], lines)


def _methods_table(rows, numbers):
    lowest = min(row["mean"] for row in rows.values())
    most = max(row["structure"] for row in rows.values())
    several = len(rows) > 1
    lines = []
    for number, (method, (description, paper)) in enumerate(numbers.items(), start=1):
        row, cells = rows.get(method), (None, None)
        if row:
            interval = "" if row["low"] is None else f"{row['low']:.1f} to {row['high']:.1f}"
            cells = (
                Value(
                    _spread(row["mean"], row["sd"], 1), interval, several and row["mean"] == lowest
                ),
                Value(
                    _spread(row["structure"], row["structure_sd"], 3),
                    "",
                    several and row["structure"] == most,
                ),
            )
        lines.append((number, method, description, Value(f"{paper:.1f}"), *cells))
    header = ("no.", "method", "what it is", "the paper ↓", "here ↓", "structure kept ↑")
    return Table(header, tuple(lines), "Colour difference from the reference (CIE76)")


def _baseline_table(baselines):
    lines = [
        (
            _BASELINES[name],
            None if row["mean"] is None else Value(_spread(row["mean"], row["sd"], 1)),
        )
        for name, row in baselines.items()
    ]
    return Table(
        ("in place of the translation", "colour difference"), tuple(lines), "Without any method"
    )


def _spread(mean, sd, digits):
    return f"{mean:.{digits}f}" if sd is None else f"{mean:.{digits}f} ± {sd:.{digits}f}"


def _order(rows, numbers):
    here = sorted(rows, key=lambda method: rows[method]["mean"])
    paper = sorted(numbers, key=lambda method: numbers[method][1])
    under = [method for method in here if rows[method]["mean"] < _TOLERANCE]
    under_there = [method for method in paper if numbers[method][1] < _TOLERANCE]
    return (
        f"Smallest first, here: {', '.join(here)}; in the paper: {', '.join(paper)}. Under "
        f"{_TOLERANCE:g}, the "
        "tolerance for printed solids in ISO 12647-2 that the paper names, here: "
        f"{', '.join(under) or 'none'}; in the paper: {', '.join(under_there) or 'none'}."
    )
