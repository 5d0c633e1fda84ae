"""Sheets of the stages of a translation: real, translated, and translated back."""

from gan_mri.evaluation.names import readable
from gan_mri.evaluation.ways import made_by
from gan_mri.reporting.planes import as_picture
from gan_mri.reporting.sheets import sample_sheet


def cycle_sheet(path, shown, ways):
    """Draw input, translation and reconstruction of every method, of all ways there and back.

    Of volumes three planes are shown, as in `translation_sheet`.

    Parameters
    ----------
    path : Path
        The PNG to write.
    shown : dict
        {method: {direction: gan_mri.evaluation.passes.Shown}}.
    ways : dict of str to gan_mri.evaluation.ways.Way

    Returns
    -------
    Path or None
        None if no direction has a way back.
    """
    ways = {name: way for name, way in ways.items() if way.back is not None}
    if not ways:
        return None
    columns = []
    for way in ways.values():
        given, made = way.source, way.contrast
        columns += [f"{given} (real)", f"{made} (translated)", f"{given} (reconstructed)"]
    rows = []
    for method, mine in shown.items():
        images = []
        for name in ways:
            one = mine.get(name)
            images += [one.source, one.translation, one.cycled] if one else [None] * 3
        rows.append((readable(method), [_picture(image) for image in images]))
    sample_sheet(path, columns, rows, title="there and back")
    return path


def translation_sheet(path, shown, ways):
    """Draw sources, translations and, where there are some, true images of every method.

    For models without a way back, whose stages `cycle_sheet` cannot show.

    Parameters
    ----------
    As `cycle_sheet`.

    Returns
    -------
    Path or None
        None if a direction has a way back.
    """
    if any(way.back is not None for way in ways.values()):
        return None
    rows = {method: _cells(mine, ways) for method, mine in shown.items()}
    columns = list(dict.fromkeys(title for cells in rows.values() for title in cells))
    lines = [
        (readable(method), [_picture(cells.get(title)) for title in columns])
        for method, cells in rows.items()
    ]
    sample_sheet(path, columns, lines, title="translated")
    return path


def _cells(mine, ways):
    """Title of a column to image, of one method: what is real first."""
    made, cells, translated = made_by(ways), {}, {}
    places = {way.domain: way.place for way in ways.values()}
    for name, one in mine.items():
        way = ways[name]
        for domain, image in one.sources.items():
            cells.setdefault(domain, (f"{way.sources[domain]} (real)", image))
        if one.truth is not None:
            cells.setdefault(way.domain, (f"{way.contrast} (real)", one.truth))
        translated[f"{made[name]} (translated)"] = one.translation
    # In the order of the domains; first those that are never made.
    return dict(cells[name] for name in sorted(cells, key=lambda x: places.get(x, -1))) | translated


def _picture(image):
    return None if image is None else as_picture(image, image.ndim - 1)
