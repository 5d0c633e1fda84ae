"""An input's quantities against those of the training files."""

from gan_mri.trust.checks.contrast import SKULL
from gan_mri.trust.checks.finding import Finding
from gan_mri.trust.checks.quantities import QUANTITIES

# An input within the margins of the other contrast, and so many times nearer to it, is called by
# its name.
_NEARER = 2.0


def compared(values, trained, *, contrast=None, other=None):
    """What of an input is beyond the training files, widened as each quantity says.

    Parameters
    ----------
    values : dict of str to float
        Of the input.
    trained : dict
        From `gan_mri.trust.checks.ranges.trained_on`, of the contrast that the model takes.
    contrast : str, optional
        Its name.
    other : (str, dict), optional
        The contrast that the model makes, and its ranges.

    Returns
    -------
    list of Finding
        Quantities with the same title in one.
    """
    beyond = {}
    for name, (low, high) in trained["quantities"].items():
        # Quantities of a newer version are not known here.
        if name not in values or name not in QUANTITIES:
            continue
        if name == "dark_ring" and _bone(values[name], values[name]) == _bone(low, high):
            # How dark bone is, is a matter of contrast and scanner.
            continue
        about, value = QUANTITIES[name], values[name]
        least, most = about.widened(low, high)
        advice = about.too_low if value < least else about.too_high if value > most else None
        if advice is not None:
            beyond.setdefault(about.title, []).append((name, value, (low, high), advice))
    findings = []
    swapped = _swapped(values, trained, contrast, other)
    if swapped is not None:
        findings.append(swapped)
        beyond.pop(QUANTITIES["dark_ring"].title, None)
    # With a skull, or without, every contrast looks otherwise.
    if swapped is not None or QUANTITIES["dark_ring"].title in beyond:
        beyond = {
            title: rows for title, rows in beyond.items() if not QUANTITIES[rows[0][0]].contrast
        }
    return findings + [_told(title, rows, trained["files"]) for title, rows in beyond.items()]


def _bone(low, high):
    """Whether a dark ring, or the middle of a range of such, is bone."""
    return (low + high) / 2 < SKULL


def _told(title, rows, files):
    """One finding about quantities with one title."""
    values, expected = [], []
    for name, value, (low, high), _ in rows:
        about = QUANTITIES[name]
        part = f"{about.part} " if about.part else ""
        values.append(part + about.shown(value))
        least, most = about.widened(low, high)
        ends = [end for end, side in ((least, about.too_low), (most, about.too_high)) if side]
        words = " to ".join(map(about.shown, ends))
        if about.too_low is None:
            words = f"at most {words}"
        low, high = about.shown(low), about.shown(high)
        seen = low if low == high else f"{low} to {high}"
        expected.append(f"{part}{words} ({seen} in {files} training file{'s' * (files > 1)})")
    group = rows[0][0].partition("_")[0] if QUANTITIES[rows[0][0]].part else rows[0][0]
    return Finding(group, title, ", ".join(values), ", ".join(expected), f"{rows[0][3]}.")


def _swapped(values, trained, contrast, other):
    """A finding if the input looks like the other contrast."""
    if other is None or other[1] is None:
        return None
    own, theirs = (_distance(values, one["quantities"]) for one in (trained, other[1]))
    rings = other[1]["quantities"].get("dark_ring")
    if rings is not None and "dark_ring" in values:
        least, most = QUANTITIES["dark_ring"].widened(*rings)
        if not least <= values["dark_ring"] <= most:
            return None
    if own is None or theirs is None or not theirs <= 1 < own or own < _NEARER * theirs:
        return None
    rows = [name for name, about in QUANTITIES.items() if about.contrast and name in values]
    shown = ", ".join(
        f"{QUANTITIES[name].part or QUANTITIES[name].title.partition(' (')[0].lower()} "
        f"{QUANTITIES[name].shown(values[name])}"
        for name in rows
    )
    return Finding(
        "contrast",
        "Contrast",
        f"looks like {other[0]} ({shown})",
        f"{contrast}, which the model takes; {other[0]} is what it makes",
        f"Check that the file is {contrast}; if it is {other[0]}, the other direction of the model "
        "translates it.",
    )


def _distance(values, ranges):
    """How far an image is from a contrast; in the quantity in which it is farthest.

    0 within the range of the training files, 1 where it is widened to; None if there is nothing
    to compare.
    """
    found = []
    for name, about in QUANTITIES.items():
        if not about.contrast or name not in ranges or name not in values:
            continue
        (low, high), value = ranges[name], values[name]
        least, most = about.widened(low, high)
        found.append(max((low - value) / (low - least), (value - high) / (most - high), 0))
    return max(found) if found else None
