"""Sample sheets: what a model makes of a few images, as a PNG."""

import math
import textwrap

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from PIL import Image

from gan_mri.errors import GanMriError
from gan_mri.files import replacing

# Sample sheets; everything in pixels.
_SMALLEST, _LARGEST = 160, 512  # the longer side of an image as drawn
_GAP, _MARGIN = 4, 8
_TITLE, _HEAD, _LABEL = 17, 14, 13  # sizes of the letters
_LINE = 1.3  # line spacing
_LABEL_CHARACTERS = 16
_LARGEST_SHEET = 32_000  # a side; Agg stops at 65,535
_BACKGROUND, _EMPTY, _NOT_FINITE = (20, 20, 22), (34, 34, 37), (255, 0, 255)
_BRIGHT, _DIM = "#f2f2f2", "#c8c8cc"
_DPI = 64  # a power of two, so that pixels / dpi * dpi is exact


def sample_sheet(path, columns, rows, *, title=None, planes=1):
    """Draw a grid of images as a PNG: a row a sample, a column a stage of translation.

    Grey values map from [-1, 1] to black and white in every cell alike; what
    lies outside is clipped, NaN and infinity are magenta. Small images are
    enlarged by a whole factor to at least 160 pixels along their longer side,
    pixels staying sharp squares; images beyond 512 pixels are averaged down
    by a whole factor. Sizes may differ from cell to cell. The file is written
    whole or not at all.

    Parameters
    ----------
    path : str or path-like
        The PNG to write; an older one is replaced, a missing folder is made.
    columns : sequence of str
        Titles, such as "T1w (real)", "T2w (translated)".
    rows : sequence of (str, sequence)
        The label of a sample and its images, one for each column: float
        arrays (H, W), (H, W, 1) or (H, W, 3) in [-1, 1], or None for a cell
        that stays empty.
    title : str, optional
        A line above everything, such as "epoch 3 of 20".
    planes : int
        Pictures beside each other in every image (`gan_mri.reporting.planes`): the
        160 and 512 pixels are each one's.

    Raises
    ------
    GanMriError
        If there is nothing to draw, a row has not one image a column, an
        image is not of the kinds above, or the sheet would exceed 32,000
        pixels along a side. Nothing is written then.

    Examples
    --------
    >>> blank = np.zeros((64, 64, 1), "float32")
    >>> rows = [("sub-01 slice 95", [blank, None])]
    >>> sample_sheet("sheet.png", ["T1w", "T2w"], rows)  # doctest: +SKIP
    """
    columns = [str(column) for column in columns]
    rows = [(str(label), list(images)) for label, images in rows]
    _check_grid(columns, rows)
    tiles = [
        [_tile(x, planes, f"row {label!r}, column {c!r}") for c, x in zip(columns, images)]
        for label, images in rows
    ]
    heights = [_longest(line, axis=0) for line in tiles]
    widths = [_longest(line, axis=1) for line in zip(*tiles)]

    labels = [_wrap(label, _LABEL_CHARACTERS) for label, _ in rows]
    heads = [_wrap(c, int(w / (0.6 * _HEAD))) for c, w in zip(columns, widths)]
    widths = [max(w, _text_width(h, _HEAD) + _GAP) for w, h in zip(widths, heads)]
    gutter = _MARGIN + max(_text_width(label, _LABEL) for label in labels)

    head_bottom = _MARGIN + max(_text_height(head, _HEAD) for head in heads)
    head_bottom += _text_height(title, _TITLE) + _GAP if title else 0
    lefts = _starts(gutter + _MARGIN, widths)
    tops = _starts(head_bottom + _GAP, heights)
    width = lefts[-1] + widths[-1] + _MARGIN
    width = max(width, _text_width(title, _TITLE) + 2 * _MARGIN) if title else width
    height = tops[-1] + heights[-1] + _MARGIN
    if max(width, height) > _LARGEST_SHEET:
        raise GanMriError(
            f"{path}: expected a sample sheet of at most {_LARGEST_SHEET} pixels along "
            f"a side; take fewer rows. Received: {len(rows)} rows and {len(columns)} "
            f"columns, {width} x {height} pixels"
        )

    texts = [
        (left + w / 2, head_bottom, head, _HEAD, _BRIGHT, "center", "bottom")
        for left, w, head in zip(lefts, widths, heads)
    ] + [
        (gutter, top + h / 2, label, _LABEL, _DIM, "right", "center")
        for top, h, label in zip(tops, heights, labels)
    ]
    if title:
        texts.append((_MARGIN, _MARGIN, title, _TITLE, _BRIGHT, "left", "top"))
    sheet = _draw_texts(width, height, texts)
    # The pixels go in after matplotlib, which would resample them.
    for line, top, h in zip(tiles, tops, heights):
        for tile, left, w in zip(line, lefts, widths):
            if tile is None:
                tile = np.full((h, w, 3), _EMPTY, np.uint8)
            y = top + (h - tile.shape[0]) // 2
            x = left + (w - tile.shape[1]) // 2
            sheet[y : y + tile.shape[0], x : x + tile.shape[1]] = tile
    save_pixels(path, sheet)


def _check_grid(columns, rows):
    if not columns or not rows:
        raise GanMriError(
            "sample sheet: expected at least one column and one row. "
            f"Received: {len(columns)} columns, {len(rows)} rows"
        )
    for label, images in rows:
        if len(images) != len(columns):
            raise GanMriError(
                f"sample sheet: expected {len(columns)} images in row {label!r}, one "
                f"for each of {columns}. Received: {len(images)}"
            )


def _tile(image, planes, where):
    """The image as drawn: (h, w, 3) uint8, enlarged or reduced by a whole factor."""
    if image is None:
        return None
    image = np.asarray(image)
    if image.ndim == 2:
        image = image[..., np.newaxis]
    integers = image.dtype.kind in "biu"
    if integers or image.ndim != 3 or image.shape[-1] not in (1, 3) or not image.size:
        raise GanMriError(
            f"sample sheet, {where}: expected a float array (H, W), (H, W, 1) or "
            f"(H, W, 3) in [-1, 1]. Received: shape {image.shape}, dtype {image.dtype}"
        )
    image = image.astype(np.float32)
    finite = np.isfinite(image)
    values = np.clip(np.where(finite, image, 0.0), -1.0, 1.0)
    pixels = np.rint((values + 1.0) * 127.5).astype(np.uint8)
    pixels = np.repeat(pixels, 3 // image.shape[-1], axis=-1)
    pixels[~finite.all(axis=-1)] = _NOT_FINITE
    longest = max(pixels.shape[0], pixels.shape[1] / planes)
    if longest > _LARGEST:
        return np.asarray(Image.fromarray(pixels).reduce(math.ceil(longest / _LARGEST)))
    factor = math.ceil(_SMALLEST / longest)
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _longest(tiles, *, axis):
    sizes = [tile.shape[axis] for tile in tiles if tile is not None]
    return max(sizes, default=_SMALLEST)


def _starts(first, sizes):
    """Where each of several cells begins, a gap between any two."""
    return [first + sum(sizes[:index]) + index * _GAP for index in range(len(sizes))]


def _wrap(text, characters):
    return "\n".join(textwrap.wrap(text, max(characters, 8)))


def _text_width(text, pixels):
    renderer = FigureCanvasAgg(Figure(dpi=_DPI)).get_renderer()
    font = FontProperties(size=_to_points(pixels))
    lines = text.split("\n")
    measured = [renderer.get_text_width_height_descent(x, font, False) for x in lines]
    return math.ceil(max(width for width, _, _ in measured))


def _text_height(text, pixels):
    return math.ceil((text.count("\n") + 1) * pixels * _LINE)


def _to_points(pixels):
    return pixels * 72 / _DPI


def _draw_texts(width, height, texts):
    """A background with texts as (height, width, 3) uint8.

    Texts are (x, y from the top left, text, size, colour, alignments).
    """
    color = [channel / 255 for channel in _BACKGROUND]
    figure = Figure((width / _DPI, height / _DPI), dpi=_DPI, facecolor=color)
    canvas = FigureCanvasAgg(figure)
    for x, y, text, size, color, horizontal, vertical in texts:
        figure.text(
            x / width,
            1 - y / height,
            text,
            color=color,
            fontsize=_to_points(size),
            linespacing=_LINE,
            horizontalalignment=horizontal,
            verticalalignment=vertical,
            parse_math=False,  # a file name may hold "$", which is no formula here
        )
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]


def save_pixels(path, pixels):
    """Write (H, W, 3) uint8 as a PNG, atomically."""
    with replacing(path) as temporary:
        Image.fromarray(np.ascontiguousarray(pixels)).save(temporary, format="PNG")
