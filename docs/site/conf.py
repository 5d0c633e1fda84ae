"""Sphinx: `python -m sphinx -W --keep-going -b html docs/site docs/_build`."""

import os
import sys
import warnings
from pathlib import Path

# Autodoc imports TensorFlow; the pages need no GPU.
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
SITE = Path(__file__).parent
sys.path[:0] = [str(SITE / "_ext"), str(SITE.parents[1])]

import gan_mri  # noqa: E402
from gan_mri.quiet_start import quiet_start  # noqa: E402

quiet_start()
# numpydoc reads signatures from docstrings as they are, before _ext/docstrings.py mends them.
warnings.filterwarnings("ignore", "Unknown section Fields", UserWarning)

project = "gan_mri"
author = "the authors of gan_mri"
release = version = gan_mri.__version__
html_title = f"gan_mri {release}"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx_copybutton",
    "docstrings",
    "recipes",
]
exclude_patterns = ["_ext"]
root_doc = "index"

# Docstrings write names in single backticks.
default_role = "literal"
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "pydata_sphinx_theme"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "gan_mri"},
    "navigation_with_keys": False,
    "header_links_before_dropdown": 5,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
}
# Pages without pages below them need no list of those.
html_sidebars = {page.stem: [] for page in SITE.glob("*.md")} | {"api/*": ["sidebar-nav-bs"]}
html_css_files = ["site.css"]
html_static_path = ["_static"]
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
project_copyright = "the authors, Apache-2.0. Translated images are not for diagnosis"
