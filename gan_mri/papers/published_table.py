"""A paper's table of one measure beside what a comparison measured: do the orders agree?"""

import itertools
import math

from scipy.stats import kendalltau, rankdata

from gan_mri.evaluation.measures import METRICS
from gan_mri.reporting.page import Table, Value

# The exact p of Kendall's tau is 2 / n! or more: of fewer methods it says nothing.
_FEWEST_FOR_P = 5


def published_rows(published, methods, summary, metric):
    """The paper's value, the value here and their ranks, for every method and direction.

    Parameters
    ----------
    published : dict
        The paper's table, `{method: {direction: value}}`.
    methods : dict
        Name in `summary` to method; methods that the paper does not have may
        be among them.
    summary : list of dict
        Of the evaluation.
    metric : str
        Of `gan_mri.evaluation.measures.METRICS`, with a better end.

    Returns
    -------
    list of dict
        method, name (None: not compared here), direction, contrast, published,
        published_rank, mean, sd, n, rank. The paper's methods come first, in
        its order. A rank is among all of the paper's methods, or among all
        that are compared here, in that direction: 1 is the best, equal ones
        share the better rank. None where there is no value.
    """
    here = {(row["method"], row["direction"]): row for row in summary if row["metric"] == metric}
    contrasts = {row["direction"]: row["contrast"] for row in summary}
    better = METRICS[metric][2]
    places = []
    for method in dict.fromkeys([*published, *methods.values()]):
        names = [name for name, of in methods.items() if of == method]
        places += [(method, name) for name in names or [None]]
    rows = []
    for direction in dict.fromkeys(direction for row in published.values() for direction in row):
        paper = {method: row.get(direction) for method, row in published.items()}
        means = {name: here.get((name, direction), {}).get("mean") for name in methods}
        paper_ranks, ranks = _ranks(paper, better), _ranks(means, better)
        for method, name in places:
            found = here.get((name, direction), {})
            rows.append(
                {
                    "method": method,
                    "name": name,
                    "direction": direction,
                    "contrast": contrasts.get(direction, direction),
                    "published": paper.get(method),
                    "published_rank": paper_ranks.get(method),
                    **{key: found.get(key) for key in ("mean", "sd", "n")},
                    "rank": ranks.get(name),
                }
            )
    return rows


def _ranks(values, better):
    known = {key: v for key, v in values.items() if v is not None and not math.isnan(v)}
    sign = -1 if better == "higher" else 1
    ranks = rankdata([sign * value for value in known.values()], method="min")
    return dict(zip(known, map(int, ranks)))


def published_table(rows, more, *, caption):
    """The rows as a table: a line a method, the paper's and this comparison's columns by contrast.

    Parameters
    ----------
    rows : list of dict
        From `published_rows`.
    more : dict
        Title to rows of another metric, from `published_rows` with the same
        methods: further columns, without ranks.
    caption : str

    Returns
    -------
    gan_mri.reporting.page.Table
    """
    header, columns = ["method"], []
    for direction, contrast in dict.fromkeys((row["direction"], row["contrast"]) for row in rows):
        mine = [row for row in rows if row["direction"] == direction]
        header += [f"{contrast}: the paper", f"{contrast}: here"]
        columns += [
            [_cell(row["published"], None, row["published_rank"]) for row in mine],
            [_cell(row["mean"], row["sd"], row["rank"]) for row in mine],
        ]
        for title, others in more.items():
            header.append(f"{contrast}: {title}")
            columns.append(
                [
                    _cell(row["mean"], row["sd"], None)
                    for row in others
                    if row["direction"] == direction
                ]
            )
    names = [row["name"] or row["method"] for row in mine]
    body = [(name, *cells) for name, cells in zip(names, zip(*columns))]
    return Table(tuple(header), tuple(body), caption)


def _cell(value, spread, rank):
    if value is None:
        return None
    text = f"{value:.4f}" if spread is None else f"{value:.4f} ± {spread:.4f}"
    return Value(text, "" if rank is None else f"rank {rank}", rank == 1)


def order_agreement(rows):
    """How far the order of the methods here is the paper's, a sentence a contrast.

    By the number of pairs of methods that stand in the same order, and by
    Kendall's tau-b (1: the same order, 0: nothing in common, -1: the reverse;
    from three methods on) with its p (from five on).

    Parameters
    ----------
    rows : list of dict
        From `published_rows`.

    Returns
    -------
    list of str
        None of a contrast in which the paper and this comparison do not share
        two methods.
    """
    texts = []
    for direction, contrast in dict.fromkeys((row["direction"], row["contrast"]) for row in rows):
        both = [
            (row["published"], row["mean"])
            for row in rows
            if row["direction"] == direction and row["rank"] and row["published_rank"]
        ]
        if len(both) < 2:
            continue
        pairs = list(itertools.combinations(both, 2))
        same = sum((a[0] - b[0]) * (a[1] - b[1]) > 0 for a, b in pairs)
        text = f"{contrast}: {same} of {len(pairs)} pairs of methods stand in the paper's order"
        tau = kendalltau(*zip(*both))
        if len(both) > 2 and not math.isnan(tau.statistic):
            p = f", p = {tau.pvalue:.2g}" if len(both) >= _FEWEST_FOR_P else ""
            text += f" (Kendall's tau {tau.statistic:+.2f}{p})"
        texts.append(f"{text}.")
    return texts
