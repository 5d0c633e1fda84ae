"""The page that readers get: one HTML file with all images, which knows no answers."""

import base64
import hashlib
import json
from importlib.resources import files
from string import Template

#: Of the page in the study's folder.
PAGE = "reader.html"


def reader_page(study, images):
    """The page as text.

    It loads nothing and sends nothing: its policy forbids the browser to do so, and
    lets no other script run than its own.

    Parameters
    ----------
    study : str
        Name of the study, by which answers are known.
    images : dict of str to (str, bytes)
        Contrast and PNG by the name of the image. The page has them in the order of their names.

    Returns
    -------
    str
    """
    parts = {name: _part(name) for name in ("reader.html", "reader.css", "reader.js")}
    content = {
        "study": study,
        "images": [
            {"image": name, "contrast": contrast, "png": base64.b64encode(png).decode("ascii")}
            for name, (contrast, png) in sorted(images.items())
        ],
    }
    script = parts["reader.js"]
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return Template(parts["reader.html"]).substitute(
        POLICY="default-src 'none'; base-uri 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'",
        STYLE=parts["reader.css"],
        SCRIPT=script,
        # No name of a contrast can end the element that holds the data.
        STUDY=json.dumps(content).replace("<", "\\u003c"),
    )


def _part(name):
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
