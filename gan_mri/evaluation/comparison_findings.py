"""What the paper found, and what a comparison found, side by side."""

import math

from gan_mri.evaluation.comparison_tables import is_cycle
from gan_mri.evaluation.measures import METRICS
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
        if better and not is_cycle(row["direction"]):
            sign = 1 if better == "higher" else -1
            means.setdefault((row["method"], row["metric"]), {})[row["direction"]] = (
                sign * row["mean"]
            )
            contrasts[row["direction"]] = row["contrast"]
    both = [pair for pair in means.values() if len(pair) == 2]
    if not both:
        return []
    wins = sum(pair["B2A"] > pair["A2B"] for pair in both)
    return [
        Paragraph(
            f"Synthetic {contrasts['B2A']} images measure better than synthetic {contrasts['A2B']} "
            f"images in {wins} of {len(both)} cases (every method in every measure against real "
            "images)."
        )
    ]
