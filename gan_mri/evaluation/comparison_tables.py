"""The tables of a comparison's page: results, and differences between methods."""

import math

from gan_mri.evaluation.measures import METRICS, is_cycle
from gan_mri.evaluation.statistics import LEVEL, RESAMPLINGS
from gan_mri.reporting.page import Listing, Paragraph, Section, Table, Value

_SIGNIFICANT = 0.05
_REAL = "real images"
# No-break spaces: an arrow does not stand alone on a line.
_BETTER = {"lower": "\N{NO-BREAK SPACE}↓", "higher": "\N{NO-BREAK SPACE}↑", "": ""}


def result_section(evaluation):
    """Mean, standard deviation and interval of every metric, a table a direction.

    Parameters
    ----------
    evaluation : gan_mri.evaluation.report.Evaluation

    Returns
    -------
    Section
    """
    # Of unpaired test data each contrast has subjects of its own.
    subjects = sorted({row["n"] for row in evaluation.summary})
    spread = ""
    if subjects[-1] > 1:
        spread = (
            f"Mean ± standard deviation over {' or '.join(map(str, subjects))} test subjects; "
            "below it the "
            f"{100 * LEVEL:.0f} % bootstrap interval of the mean ({RESAMPLINGS} resamplings of the "
            "subjects). "
        )
    blocks = [
        Paragraph(f"{spread}↓ lower is better, ↑ higher is better; the best of a column is bold.")
    ]
    if evaluation.notes:
        blocks.append(Listing(tuple(evaluation.notes)))
    for caption, columns in _grouped(evaluation.summary, evaluation.sources):
        blocks.append(_summary_table(caption, columns, evaluation.methods))
    return Section("Result", tuple(blocks))


def _grouped(rows, sources):
    """Rows by table: one for each direction, one for all cycles.

    Parameters
    ----------
    rows : list of dict
    sources : dict of str to str
        Direction to the contrasts that its images are made of.

    Returns
    -------
    list of (str, dict)
        Caption, and the rows of each column by its title.
    """
    groups = {}
    for row in rows:
        direction, contrast = row["direction"], row["contrast"]
        if row["metric"] == "sharpness_real":
            # Of the same images for every method: a row of its own, in the column of sharpness.
            row = row | {"metric": "sharpness", "method": _REAL}
        title, unit, better, _ = METRICS[row["metric"]]
        title += (f" / {unit}" if unit else "") + _BETTER[better]
        if is_cycle(row["metric"]):
            caption, title = "There and back", f"{contrast}: {title}"
        else:
            source = sources.get(direction)
            caption = f"{source} to {contrast}" if source else f"To {contrast}"
        groups.setdefault(caption, {}).setdefault(title, []).append(row)
    return list(groups.items())


def _summary_table(caption, columns, methods):
    cells = {}
    for title, rows in columns.items():
        digits = 2 if METRICS[rows[0]["metric"]][1] == "dB" else _digits(rows)
        best = _best(rows)
        for row in rows:
            text = f"{row['mean']:.{digits}f}"
            if row["sd"] is not None:
                text += f" ± {row['sd']:.{digits}f}"
            note = (
                "" if row["low"] is None else f"{row['low']:.{digits}f} to {row['high']:.{digits}f}"
            )
            cells[row["method"], title] = Value(text, note, row["mean"] == best)
    names = [name for name in (*methods, _REAL) if any(name == method for method, _ in cells)]
    body = [(name, *(cells.get((name, title)) for title in columns)) for name in names]
    return Table(("method", *columns), tuple(body), caption)


def _best(rows):
    """The best mean of a column, where there is a better end and somebody to beat."""
    known = [row["mean"] for row in rows if not math.isnan(row["mean"])]
    choose = {"lower": min, "higher": max}.get(METRICS[rows[0]["metric"]][2])
    return choose(known) if choose and known and len(rows) > 1 else None


def _digits(rows):
    """Decimals for three significant digits of the largest mean, and at least three."""
    largest = max((abs(row["mean"]) for row in rows if math.isfinite(row["mean"])), default=0.0)
    return min(max(2 - math.floor(math.log10(largest or 1.0)), 3), 6)


def difference_section(evaluation):
    """Wilcoxon's test between any two methods, a table a direction.

    Parameters
    ----------
    evaluation : gan_mri.evaluation.report.Evaluation

    Returns
    -------
    Section
    """
    blocks = _differences(evaluation.wilcoxon, evaluation.sources)
    return Section("Differences between methods", tuple(blocks))


def _differences(rows, sources):
    if not rows:
        yield Paragraph("One method: there is nothing to compare it with.")
        return
    if all(row["p_holm"] is None for row in rows):
        reasons = sorted({row["why"] for row in rows if row["why"]})
        yield Paragraph(f"No test was possible: {'; '.join(reasons)}.")
        return
    yield Paragraph(
        "Wilcoxon's signed-rank test over subjects, two-sided: p after Holm's correction for the "
        "pairs of methods in a column; below it the median difference, first minus second. Bold: "
        f"p < {_SIGNIFICANT}. Uncorrected p and numbers of subjects: evaluation/wilcoxon.csv."
    )
    for caption, columns in _grouped(rows, sources):
        cells = {
            (row["first"], row["second"], title): _test(row)
            for title, column in columns.items()
            for row in column
        }
        pairs = list(dict.fromkeys((first, second) for first, second, _ in cells))
        body = [
            (f"{first} - {second}", *(cells.get((first, second, title)) for title in columns))
            for first, second in pairs
        ]
        yield Table(("methods", *columns), tuple(body), caption)


def _test(row):
    if row["p_holm"] is None:
        return None
    p = "< 0.001" if row["p_holm"] < 0.001 else f"{row['p_holm']:.3f}"
    return Value(p, f"{row['median_difference']:+.3g}", row["p_holm"] < _SIGNIFICANT)
