"""A measure over the epochs of a training, beside a paper's."""

import math

import numpy as np

from gan_mri.reporting.page import Table, Value

# Epochs of this run in a table; a page is to be read, and the CSV has them all.
_MOST = 12


def epoch_rows(history, columns, published=None):
    """The measured epochs of a run and those that a paper gives, in order.

    Parameters
    ----------
    history : list of dict
        Rows of `history.csv`; None where nothing was measured.
    columns : sequence of str
        Of the history, such as "ssim_A2B".
    published : dict, optional
        The paper's values, `{column: {epoch: value}}`.

    Returns
    -------
    list of dict
        epoch, "here" and "published" (each a dict of column to value or None),
        only epochs with at least one value.
    """
    published = published or {}
    here = {row["epoch"]: {name: _known(row.get(name)) for name in columns} for row in history}
    here = {epoch: row for epoch, row in here.items() if any(v is not None for v in row.values())}
    given = {epoch for values in published.values() for epoch in values}
    nothing = dict.fromkeys(columns)
    return [
        {
            "epoch": epoch,
            "here": here.get(epoch, nothing),
            "published": {name: published.get(name, {}).get(epoch) for name in columns},
        }
        for epoch in sorted(given | set(here))
    ]


def epoch_table(rows, titles, *, caption):
    """The rows as a table, with the change from the first to the last epoch as its last line.

    Parameters
    ----------
    rows : list of dict
        From `epoch_rows`. Of more than 12 measured epochs that the paper does
        not give, some are left out, evenly.
    titles : dict
        Column to title, in the order of the table.
    caption : str

    Returns
    -------
    gan_mri.reporting.page.Table
    """
    columns = [(source, name) for name in titles for source in ("published", "here")]
    words = {"published": "the paper", "here": "here"}
    header = ["epoch", *(f"{titles[name]}: {words[source]}" for source, name in columns)]
    body = [
        (row["epoch"], *(_cell(row[source][name]) for source, name in columns))
        for row in _thinned(rows)
    ]
    changes = [_change(rows, source, name) for source, name in columns]
    body.append((Value("last - first"), *(_cell(change, "+.4f") for change in changes)))
    return Table(tuple(header), tuple(body), caption)


def _thinned(rows):
    """Without some of the epochs that only this run measured."""
    own = [row["epoch"] for row in rows if all(v is None for v in row["published"].values())]
    kept = own
    if len(own) > _MOST:
        kept = [own[i] for i in np.linspace(0, len(own) - 1, _MOST).round().astype(int)]
    left_out = set(own) - set(kept)
    return [row for row in rows if row["epoch"] not in left_out]


def _change(rows, source, name):
    values = [row[source][name] for row in rows if row[source][name] is not None]
    return values[-1] - values[0] if len(values) > 1 else None


def _known(value):
    return value if value is not None and math.isfinite(value) else None


def _cell(value, form=".4f"):
    return None if value is None else Value(f"{value:{form}}")
