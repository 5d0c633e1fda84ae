"""What the paper found, and what a comparison found, side by side."""

import math

from gan_mri.evaluation.measures import METRICS, is_cycle
from gan_mri.reporting.page import Listing, Paragraph, Section, Table


def findings_section(paper, summary):
    """The paper's findings and numbers beside those of this comparison.

    Parameters
    ----------
    paper : gan_mri.papers.paper.Paper
    summary : list of dict
        Of the evaluation.

    Returns
    -------
    Section
    """
    blocks = []
    if paper.findings:
        blocks += [Paragraph("The paper, on its own data:"), Listing(paper.findings)]
    if not paper.sections:  # which set the numbers beside these in the paper's own tables
        for metric, numbers in paper.numbers.items():
            blocks.append(_beside(metric, numbers, summary))
    blocks += [_order(summary), *_better_contrast(summary)]
    return Section("What the paper found", tuple(blocks))


def _beside(metric, numbers, summary):
    """The paper's numbers of a metric beside those of this comparison."""
    here = {
        (row["method"], row["direction"]): row["mean"] for row in summary if row["metric"] == metric
    }
    contrasts = {row["direction"]: row["contrast"] for row in summary}
    directions = list(dict.fromkeys(name for values in numbers.values() for name in values))
    header = ["method"]
    for direction in directions:
        contrast = contrasts.get(direction, direction)
        header += [f"{contrast}: the paper", f"{contrast}: here"]
    rows = []
    for method, values in numbers.items():
        row = [method]
        for direction in directions:
            row += [values.get(direction), here.get((method, direction))]
        rows.append(tuple(row))
    title = METRICS[metric][0] if metric in METRICS else metric
    return Table(tuple(header), tuple(rows), f"{title}, on the paper's data and on these")


def _order(summary):
    """The methods from best to worst in every metric that has a better end."""
    orders = {}
    for row in summary:
        if METRICS[row["metric"]][2] and not math.isnan(row["mean"]):
            images = orders.setdefault(row["metric"], {})
            images.setdefault(row["contrast"], []).append((row["mean"], row["method"]))
    contrasts = list(dict.fromkeys(name for images in orders.values() for name in images))
    lines = []
    for metric, images in orders.items():
        title, _, better, _ = METRICS[metric]
        line = [title]
        for contrast in contrasts:
            found = sorted(
                images.get(contrast, []), reverse=better == "higher", key=lambda one: one[0]
            )
            line.append(", ".join(method for _, method in found))
        lines.append(tuple(line))
    header = ("measure", *(f"{contrast}, best first" for contrast in contrasts))
    return Table(header, tuple(lines), "Here: the order of the methods by their means")


def _better_contrast(summary):
    """Which contrast is easier to make, over all methods and measures against real images."""
    means, contrasts = {}, {}
    for row in summary:
        better = METRICS[row["metric"]][2]
        if better and not is_cycle(row["metric"]):
            sign = 1 if better == "higher" else -1
            means.setdefault((row["method"], row["metric"]), {})[row["direction"]] = (
                sign * row["mean"]
            )
            contrasts[row["direction"]] = row["contrast"]
    complete = [found for found in means.values() if len(found) == len(contrasts) > 1]
    if not complete:
        return []
    cases = "(every method in every measure against real images)"
    if len(contrasts) == 2:
        first, second = sorted(contrasts)
        wins = sum(found[second] > found[first] for found in complete)
        return [
            Paragraph(
                f"Synthetic {contrasts[second]} images measure better than synthetic "
                f"{contrasts[first]} images in {wins} of {len(complete)} cases {cases}."
            )
        ]
    best = [max(found, key=found.get) for found in complete]
    counts = ", ".join(f"{name} in {best.count(way)}" for way, name in contrasts.items())
    return [Paragraph(f"Of {len(complete)} cases {cases}, the best synthetic images: {counts}.")]
