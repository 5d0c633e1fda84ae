"""The imports of gan_mri.data.files go one way."""

import ast
from pathlib import Path

import gan_mri.data.files

FOLDER = Path(gan_mri.data.files.__file__).parent


def imported(path):
    """Modules of the same folder that a module imports, wherever in it the statement is."""
    names = [
        node.module
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
    ]
    return {name.rpartition(".")[2] for name in names if name.startswith("gan_mri.data.files.")}


def test_no_circle():
    needed = {path.stem: imported(path) for path in FOLDER.glob("*.py")}
    assert needed["readers"] >= {"nifti", "pictures"}
    while needed:
        free = [name for name, others in needed.items() if not others & needed.keys()]
        assert free, f"these import each other in a circle: {sorted(needed)}"
        for name in free:
            del needed[name]
