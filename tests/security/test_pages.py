"""Names are text on every page, whatever they are made of."""

import html.parser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import gan_mri
from gan_mri.reporting.page import Listing, Paragraph, Picture, Section, Table, Value, write_page

HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</style></title><svg onload=alert(1)>",
    "&lt;b&gt; &#60;i> `a` ${b} {{c}} {% d %}",
    "javascript:alert(1)",
    "a' onmouseover='alert(1)",
]
_TAGS = set(
    "html head meta title style body h1 h2 section p ul li table caption thead tbody tr th td "
    "strong small br figure figcaption img nav".split()
)


class Parsed(html.parser.HTMLParser):
    """Tags, attributes and texts of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_becomes_no_markup(tmp_path, name):
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "a.png")
    blocks = (
        Paragraph(name),
        Listing((name,)),
        Table((name, name), ((name, Value(name, name, best=True)),), name),
        Picture(tmp_path / "a.png", name),
    )
    write_page(tmp_path / "page.html", name, [Section(name, blocks)])
    text = (tmp_path / "page.html").read_text()
    page = Parsed(text)
    assert page.tags <= _TAGS
    assert not any(one.startswith("on") for one in page.attributes)
    assert "href" not in page.attributes
    assert sum(name in one for one in page.texts) >= 8
    assert "default-src 'none'" in text


def test_html_is_written_in_one_place():
    package = Path(gan_mri.__file__).parent
    found = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if any(
            mark in path.read_text(encoding="utf-8").lower() for mark in ("<html", "</p>", "<td")
        )
    ]
    assert found == ["reporting/page.py"]
