"""Every relative link of README and of the site leads to a file, and to a heading of it."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs" / "site"
TEXTS = [ROOT / "README.md", *sorted(SITE.rglob("*.md"))]


def without_code(text):
    """A text without its blocks and spans of code, in which brackets are no links."""
    text = re.sub(r"^(`{3,})(?!\{).*?^\1`*$", "", text, flags=re.S | re.M)
    return re.sub(r"`[^`\n]*`", "", text)


def links_in(text):
    """Targets of links and pictures that lead to a place in this repository."""
    found = re.findall(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)", without_code(text))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def included_in(text):
    """Files that a page takes in, and the pages that it lists."""
    included = re.findall(r"^```\{include\} (\S+)$", text, re.M)
    for block in re.findall(r"^```\{toctree\}\n(.*?)^```$", text, re.S | re.M):
        included += [f"{line}.md" for line in block.split("\n") if line and line[0] != ":"]
    return included


def anchors_of(text):
    """What `#...` may name: headings in small letters, spaces as strokes, without other signs.

    As code hosts and MyST make them; of headings that are alike, the second has "-1".
    """
    text = re.sub(r"^(`{3,}).*?^\1`*$", "", text, flags=re.S | re.M)
    anchors, seen = set(), {}
    for heading in re.findall(r"^#{1,6} +(.+?) *$", text, re.M):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        count = seen[slug] = seen.get(slug, -1) + 1
        anchors.add(f"{slug}-{count}" if count else slug)
    return anchors


def broken(path, target):
    """Why a link of a text leads nowhere; None if it does not."""
    name, _, anchor = unquote(target).partition("#")
    file = (path.parent / name).resolve() if name else path
    if not file.is_relative_to(ROOT):
        return f"{target}: outside of the repository"
    if not file.exists():
        return f"{target}: no such file"
    if anchor and anchor not in anchors_of(file.read_text(encoding="utf-8")):
        return f"{target}: no such heading"
    return None


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    targets = links_in(text) + included_in(text)
    assert [found for target in targets if (found := broken(path, target))] == []


def test_every_page_is_listed():
    listed = {SITE / "index.md"}
    for path in TEXTS[1:]:
        listed |= {path.parent / name for name in included_in(path.read_text(encoding="utf-8"))}
    assert sorted(set(TEXTS[1:]) - listed) == []


def test_there_are_many():
    assert sum(len(links_in(path.read_text(encoding="utf-8"))) for path in TEXTS) > 40


def test_what_is_a_link():
    text = "[a](b.md#c) ![d](e.png 'title') `[f](g.md)`\n```sh\n[h](i)\n```\n[j](https://k.org)"
    assert links_in(text) == ["b.md#c", "e.png"]


def test_what_is_included():
    included = "```{include} ../A.md\n:start-after: b\n```\n"
    listed = "```{toctree}\n:hidden:\n\none\napi/two\n```\n"
    assert included_in(f"{included}\n{listed}") == ["../A.md", "one.md", "api/two.md"]


def test_what_is_an_anchor():
    text = "# Can it, `really`?\n## [Go on](b.md)\n## Go on\n```\n# none\n```\n"
    assert anchors_of(text) == {"can-it-really", "go-on", "go-on-1"}


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("start.md", None),
        ("start.md#two-commands", None),
        ("missing.md", "no such file"),
        ("start.md#missing", "no such heading"),
        ("../../../elsewhere", "outside of the repository"),
    ],
)
def test_what_is_broken(target, why):
    found = broken(SITE / "index.md", target)
    assert found == (why and f"{target}: {why}")
