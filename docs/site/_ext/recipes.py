"""The page of all recipes, made of their docstrings and values when the site is built.

A page with the line `<!-- all recipes -->` gets a section for every paper and every method in
its place.
"""

import dataclasses
import inspect
import re
import sys
import textwrap

from gan_mri.recipes import all_recipes, methods_of

MARK = "<!-- all recipes -->"


def setup(app):
    """Fill the marked page when Sphinx reads it."""
    app.connect("source-read", fill)
    return {"version": "1", "parallel_read_safe": True}


def fill(app, name, source):
    """Put all recipes in place of the mark, if the page has it."""
    if MARK in source[0]:
        source[0] = source[0].replace(MARK, every_recipe())


def every_recipe():
    """Markdown: a section for every paper, with its methods in the paper's order."""
    recipes = all_recipes()
    papers = sorted({name.partition("/")[0] for name in recipes})
    return "\n".join(_paper(paper, recipes) for paper in papers)


def _paper(paper, recipes):
    names = [f"{paper}/{method}" for method in methods_of(paper)]
    about = inspect.getdoc(sys.modules[recipes[names[0]].__module__])
    title, rest = _first_paragraph(about)
    return "\n".join(
        [f"## {paper}", "", title, "", rest, "", *(_method(name, recipes[name]) for name in names)]
    )


def _method(name, recipe):
    return "\n".join([f"### {name}", "", text_of(inspect.getdoc(recipe)), "", _values(recipe())])


def _first_paragraph(text):
    first, _, rest = text.partition("\n\n")
    return first, rest


def text_of(docstring):
    """A recipe's docstring as Markdown, its command as a block that can be copied.

    Examples
    --------
    >>> print(text_of("Two.\\n\\nCommand: `python -m gan_mri.train a/b\\n--out c`, then more."))
    Two.
    <BLANKLINE>
    ```sh
    python -m gan_mri.train a/b --out c
    ```
    <BLANKLINE>
    Then more.
    """
    return re.sub(r"Command: `([^`]+)`[.,]?\s*(.*?)(?=\n\n|\Z)", _block, docstring, flags=re.S)


def _block(found):
    command = " ".join(found[1].split())
    lines = textwrap.wrap(command, 84, break_long_words=False, break_on_hyphens=False)
    block = "\n".join(["```sh", " \\\n    ".join(lines), "```"])
    rest = found[2].strip()
    return f"{block}\n\n{rest[0].upper()}{rest[1:]}" if rest else block


def _values(recipe):
    rows = [
        f"| `{field.name}` | `{getattr(recipe, field.name)!r}` |"
        for field in dataclasses.fields(recipe)
    ]
    return "\n".join(
        [
            "<details><summary>All values (<code>--set NAME=VALUE</code>)</summary>",
            "",
            "| setting | value |",
            "|---|---|",
            *rows,
            "",
            "</details>",
            "",
        ]
    )
