import base64
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from gan_mri.errors import GanMriError
from gan_mri.reporting import page
from gan_mri.reporting.page import Listing, Paragraph, Picture, Section, Table, Value, write_page

HOSTILE = """<script>alert("1")</script> & 'it'"""


class Parsed(HTMLParser):
    """Every element with its attributes and text; fails on tags that do not match."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements = [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, **dict(attrs), "text": ""}
        self.elements.append(element)
        if tag not in ("meta", "img", "br"):
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag):
        return [element for element in self.elements if element["tag"] == tag]

    def texts(self, tag):
        return [element["text"] for element in self.all(tag)]


def written(folder, *blocks, title="title", **options):
    path = write_page(folder / "page.html", title, [Section("section", blocks)], **options)
    return Parsed(path.read_text(encoding="utf-8"))


def write_png(path, shape=(5, 7)):
    Image.fromarray(np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)).save(path)
    return path


def test_every_text_is_escaped(tmp_path):
    picture = Picture(write_png(tmp_path / "a.png"), HOSTILE)
    table = Table((HOSTILE, "b"), ((HOSTILE, Value(HOSTILE, HOSTILE, True)),), HOSTILE)
    blocks = (Paragraph(HOSTILE), Listing((HOSTILE,)), table, picture)
    path = write_page(tmp_path / "page.html", HOSTILE, [Section(HOSTILE, blocks)], lead=HOSTILE)
    parsed = Parsed(path.read_text(encoding="utf-8"))
    assert not parsed.all("script")
    for tag in ("title", "h1", "h2", "li", "caption", "strong", "small", "figcaption"):
        assert parsed.texts(tag) == [HOSTILE]
    assert parsed.texts("p") == [HOSTILE, HOSTILE]
    assert parsed.texts("th") == [HOSTILE, "b", HOSTILE]
    assert parsed.all("img")[0]["alt"] == HOSTILE


def test_page_loads_nothing(tmp_path):
    picture = Picture(write_png(tmp_path / "a.png"), "https://example.org/a.png")
    parsed = written(tmp_path, picture, Paragraph("see https://example.org"))
    tags = {element["tag"] for element in parsed.elements}
    assert tags.isdisjoint({"script", "link", "a", "iframe", "object", "base"})
    assert [element["src"][:22] for element in parsed.elements if "src" in element] == [
        "data:image/png;base64,"
    ]
    assert not any(name.startswith("on") for element in parsed.elements for name in element)
    assert "url(" not in parsed.texts("style")[0] and "@import" not in parsed.texts("style")[0]
    policy = [meta["content"] for meta in parsed.all("meta") if "http-equiv" in meta]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_pictures_are_inside(tmp_path):
    path = write_png(tmp_path / "a.png", (5, 7))
    image = written(tmp_path, Picture(path, "a")).all("img")[0]
    assert base64.b64decode(image["src"].partition(",")[2]) == path.read_bytes()
    assert (image["width"], image["height"]) == ("7", "5")


def test_cells(tmp_path):
    rows = (
        ("a", 1234567, 0.123456, None, Value("1.0 ± 0.1", "0.9 to 1.1")),
        ("b", np.int64(5), np.float32(12345.6), "word", Value("2.0", best=True)),
    )
    parsed = written(tmp_path, Table(("name", "i", "x", "text", "value"), rows))
    assert parsed.texts("td") == [
        "1,234,567", "0.1235", "-", "1.0 ± 0.10.9 to 1.1", "5", "1.235e+04", "word", "2.0",
    ]  # fmt: skip
    assert parsed.texts("strong") == ["2.0"]
    right = [cell["text"] for cell in parsed.all("th") if cell.get("class") == "n"]
    assert right == ["i", "x", "value"]
    assert [cell["scope"] for cell in parsed.all("th")] == ["col"] * 5 + ["row"] * 2


def test_ragged_table_is_refused(tmp_path):
    with pytest.raises(GanMriError, match="expected 2 cells.*'caption'.*Received: 1"):
        written(tmp_path, Table(("a", "b"), (("only",),), "caption"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (None, "No such file"),
        (b"", "a file of another kind"),
        (b"\x89PNG\r\n\x1a\n", "a file of another kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "a file of another kind"),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path, content, received):
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(GanMriError, match=f"{re.escape(str(path))}: expected a PNG.*{received}"):
        written(tmp_path, Picture(path, "a"))
    assert not (tmp_path / "page.html").exists()


def test_large_files_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "_LARGEST_PICTURE", 10)
    with pytest.raises(GanMriError, match="bytes, more than 10"):
        written(tmp_path, Picture(write_png(tmp_path / "a.png"), "a"))


def test_old_page_stays_when_a_new_one_fails(tmp_path):
    path = write_page(tmp_path / "page.html", "old", [])
    with pytest.raises(GanMriError):
        write_page(path, "new", [Section("s", (Picture(tmp_path / "none.png", "a"),))])
    assert Parsed(path.read_text()).texts("h1") == ["old"]


def test_names_that_are_no_unicode_do_not_stop_it(tmp_path):
    name = b"caf\xe9".decode("utf-8", "surrogateescape")  # as os.listdir gives it
    assert written(tmp_path, Paragraph(name)).texts("p") == ["caf?"]


def test_a_table_as_text():
    rows = (("one", Value("0.5 ± 0.1", "0.4 to 0.6", best=True), 3), ("two", None, 1.25))
    text = Table(("method", "MAE", "n"), rows, "Errors").to_text()
    assert text.splitlines() == [
        "Errors",
        "method        MAE       n",
        "------  ---------  ------",
        "one     0.5 ± 0.1       3",
        "two             -  1.2500",
    ]
