"""A page for people: one HTML file that holds its pictures and needs nothing else.

A page is a title and sections; a section is a title and blocks: `Paragraph`,
`Listing`, `Table`, `Picture`. Every text is escaped here and nowhere else, so
no name of a file, subject or contrast can become markup. There are no scripts
and no links; the page's own policy forbids the browser to load anything.
"""

import base64
import dataclasses
import html
import numbers
import struct
from pathlib import Path

from gan_mri.errors import GanMriError
from gan_mri.files import replacing
from gan_mri.reporting.tables import format_table

_LARGEST_PICTURE = 64 * 2**20  # bytes
_PNG = b"\x89PNG\r\n\x1a\n"

_STYLE = """
body { max-width: 70rem; margin: 1.5rem auto; padding: 0 1.2rem; background: #fff;
  color: #1a1a1a; font: 0.95rem/1.45 system-ui, "Segoe UI", Arial, sans-serif }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 0.4rem }
h2 { font-size: 1.2rem; margin: 2.2rem 0 0.6rem; padding-bottom: 0.2rem;
  border-bottom: 1px solid #999; break-after: avoid }
p, li { max-width: 52rem; overflow-wrap: anywhere }
figure { margin: 1.2rem 0; overflow-x: auto }
figcaption, caption { text-align: left; font-size: 0.9rem; color: #333; padding: 0.3rem 0 }
caption { font-weight: 600; color: #1a1a1a }
img { box-sizing: border-box; max-width: 100%; height: auto; border: 1px solid #ccc }
table { font-size: 0.88rem; border-collapse: collapse; border-top: 2px solid #333; border-bottom:
2px solid #333 }
th, td { padding: 0.25rem 0.55rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
thead th { border-bottom: 1px solid #333 }
tbody tr + tr > * { border-top: 1px solid #e2e2e2 }
thead th { vertical-align: bottom; overflow-wrap: normal }
tbody th { font-weight: 600; white-space: nowrap }
.n { text-align: right; font-variant-numeric: tabular-nums }
td.n { white-space: nowrap }
td small { color: #444; font-size: 0.78rem }
strong { background: #fff3c4 }
@media print { html { font-size: 12px } body { max-width: none; margin: 0; padding: 0 }
  table { font-size: 7pt } td small { font-size: 6pt } th, td { padding: 0.1rem 0.25rem } tr, img {
  break-inside: avoid }
  figure { overflow: visible } figure.picture { break-inside: avoid } }
@page { margin: 14mm }
"""


@dataclasses.dataclass(frozen=True)
class Paragraph:
    """A text."""

    text: str

    def to_html(self):
        return f"<p>{_escape(self.text)}</p>"


@dataclasses.dataclass(frozen=True)
class Listing:
    """Texts with a bullet each."""

    items: tuple

    def to_html(self):
        return "<ul>\n" + "\n".join(f"<li>{_escape(x)}</li>" for x in self.items) + "\n</ul>"


@dataclasses.dataclass(frozen=True)
class Value:
    """A cell of a table that holds a measured value.

    Parameters
    ----------
    text : str
        Such as "27.31 ± 0.40".
    note : str
        A second, smaller line, such as an interval.
    best : bool
        Set in bold.
    """

    text: str
    note: str = ""
    best: bool = False

    def to_html(self):
        text = _escape(self.text)
        text = f"<strong>{text}</strong>" if self.best else text
        return text + (f"<br><small>{_escape(self.note)}</small>" if self.note else "")


@dataclasses.dataclass(frozen=True)
class Table:
    """A table whose first column names the rows.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of sequences
        Cells: str, `Value`, number (integers in groups of three digits, others
        with four significant digits) or None, each row as long as the header.
        A column without a str below its title is set to the right.
    caption : str
    """

    header: tuple
    rows: tuple
    caption: str = ""

    def to_html(self):
        rows = [list(row) for row in self.rows]
        for row in rows:
            if len(row) != len(self.header):
                raise GanMriError(
                    f"page: expected {len(self.header)} cells in every row of the table "
                    f"{self.caption!r}. Received: {len(row)} in {row}."
                )
        right = [not any(isinstance(row[i], str) for row in rows) for i in range(len(self.header))]
        lines = ["<figure><table>"]
        if self.caption:
            lines.append(f"<caption>{_escape(self.caption)}</caption>")
        head = [
            _tag("th", _escape(title), n, ' scope="col"') for title, n in zip(self.header, right)
        ]
        lines.append(f"<thead><tr>{''.join(head)}</tr></thead>\n<tbody>")
        for row in rows:
            cells = [_tag("td", _cell(cell), n) for cell, n in zip(row, right)]
            cells[0] = _tag("th", _cell(row[0]), right[0], ' scope="row"')
            lines.append(f"<tr>{''.join(cells)}</tr>")
        return "\n".join([*lines, "</tbody></table></figure>"])

    def to_text(self):
        """The table for a terminal, without the notes of its values."""
        rows = [
            [cell.text if isinstance(cell, Value) else cell for cell in row] for row in self.rows
        ]
        return format_table(self.header, rows, caption=self.caption or None)


@dataclasses.dataclass(frozen=True)
class Picture:
    """A PNG file, which becomes part of the page.

    Parameters
    ----------
    path : str or path-like
    caption : str
        What is seen; stands under the picture.

    Raises
    ------
    GanMriError
        When the page is written, if the file cannot be read, is no PNG, or has
        more than 64 MiB.
    """

    path: Path
    caption: str

    def to_html(self):
        data = _read_png(Path(self.path))
        width, height = struct.unpack(">II", data[16:24])  # of IHDR, always the first chunk
        source = base64.b64encode(data).decode("ascii")
        caption = _escape(self.caption)
        return (
            f'<figure class="picture"><img width="{width}" height="{height}" alt="{caption}" '
            f'src="data:image/png;base64,{source}">\n<figcaption>{caption}</figcaption></figure>'
        )


@dataclasses.dataclass(frozen=True)
class Section:
    """A title and its blocks."""

    title: str
    blocks: tuple

    def to_html(self):
        blocks = "\n".join(block.to_html() for block in self.blocks)
        return f"<section>\n<h2>{_escape(self.title)}</h2>\n{blocks}\n</section>"


def write_page(path, title, sections, *, lead=""):
    """Write a page, whole or not at all.

    Parameters
    ----------
    path : str or path-like
        The HTML file; an older one is replaced.
    title : str
    sections : sequence of Section
    lead : str
        A text under the title.

    Returns
    -------
    Path

    Raises
    ------
    GanMriError
        If a picture cannot be read or a table is ragged; nothing is written then.

    Examples
    --------
    >>> table = Table(("method", "MAE"), (("simple", Value("0.31", best=True)),))
    >>> write_page("page.html", "Two", [Section("Result", (table,))])  # doctest: +SKIP
    """
    body = [f"<h1>{_escape(title)}</h1>"]
    if lead:
        body.append(Paragraph(lead).to_html())
    body += [section.to_html() for section in sections]
    # The policy: nothing is loaded, not even from here, but pictures and style within.
    text = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
{chr(10).join(body)}
</body>
</html>
"""
    with replacing(path) as temporary:
        # A file name that is no UTF-8 becomes "?" and stops nothing.
        temporary.write_text(text, encoding="utf-8", errors="replace")
    return Path(path)


def _escape(text):
    return html.escape(str(text), quote=True)


def _tag(name, content, right, more=""):
    return f"<{name}{more}{' class=' + chr(34) + 'n' + chr(34) if right else ''}>{content}</{name}>"


def _cell(cell):
    if cell is None:
        return "-"
    if isinstance(cell, Value):
        return cell.to_html()
    if isinstance(cell, numbers.Integral):
        return f"{int(cell):,}"
    if isinstance(cell, numbers.Real):
        return f"{float(cell):.4g}"
    return _escape(cell)


def _read_png(path):
    try:
        size = path.stat().st_size
        if size > _LARGEST_PICTURE:
            raise ValueError(f"{size} bytes, more than {_LARGEST_PICTURE}")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise GanMriError(
            f"{path}: expected a PNG picture that can be read. Received: {error}."
        ) from error
    if not data.startswith(_PNG) or data[12:16] != b"IHDR" or len(data) < 24:
        raise GanMriError(f"{path}: expected a PNG picture. Received: a file of another kind.")
    return data
