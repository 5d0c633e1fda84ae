"""What our docstrings have and numpydoc does not know: fields, tables, code, `(*spatial)`."""

import inspect
import re


def setup(app):
    """Connect to autodoc, before numpydoc (priority 500) reads the docstring."""
    app.connect("autodoc-process-docstring", prepare, priority=400)
    app.connect("autodoc-process-signature", own_signature)
    return {"version": "1", "parallel_read_safe": True}


def prepare(app, what, name, obj, options, lines):
    """Rewrite the lines of a docstring in place, as autodoc wants it."""
    lines[:] = list_tables(fields_as_parameters(literal_blocks([escaped(line) for line in lines])))


def own_signature(app, what, name, obj, options, signature, returns):
    """The arguments of `__init__` where autodoc found those of Keras's `__new__`."""
    if what != "class" or signature != "(*args, **kwargs)":
        return None
    own = inspect.signature(obj.__init__)
    own = own.replace(parameters=list(own.parameters.values())[1:])  # without self
    return str(own), returns


def escaped(line):
    """A line whose `*spatial` is no beginning of emphasis, and that may have an s after code.

    Examples
    --------
    >>> print(escaped("ndarray (*spatial, C)"))
    ndarray (\\*spatial, C)
    >>> print(escaped("its `Adam`s"))
    its `Adam`\\ s
    """
    if line.lstrip().startswith((">>>", "...")):
        return line
    stars = r"`[^`]*`|(?<=[(\s])\*(?=\w)"
    line = re.sub(stars, lambda found: r"\*" if found[0] == "*" else found[0], line)
    return re.sub(r"(?<![^\s(])(`[^`]+`)(?=s\b)", r"\1\\ ", line)


def literal_blocks(lines):
    """Blocks that stand four columns further in than the text before them, as code.

    Examples
    --------
    >>> literal_blocks(["This:", "", "    data[0]"])
    ['This:', '', '::', '', '    data[0]']
    """
    changed, last = [], ""
    for k, line in enumerate(lines):
        deeper = len(line) - len(line.lstrip()) - (len(last) - len(last.lstrip()))
        if line.strip() and deeper == 4 and k and not lines[k - 1].strip():
            if last.strip() and not last.endswith("::") and last.lstrip()[0] not in "*-.":
                changed += [" " * (len(last) - len(last.lstrip())) + "::", ""]
        changed.append(line)
        last = line if line.strip() else last
    return changed


def fields_as_parameters(lines):
    """The section "Fields" of a dataclass under a name of numpydoc's.

    Fields are what its constructor takes by name.

    Examples
    --------
    >>> fields_as_parameters(["Fields", "------", "epochs : int"])
    ['Parameters', '----------', 'epochs : int']
    """
    changed = list(lines)
    for k, (line, below) in enumerate(zip(lines, lines[1:])):
        if line.strip() == "Fields" and re.fullmatch(r"\s*-+\s*", below):
            changed[k] = line.replace("Fields", "Parameters")
            changed[k + 1] = below.replace("-" * len("Fields"), "-" * len("Parameters"))
    return changed


def list_tables(lines):
    """Markdown tables as the `list-table` of reStructuredText.

    Examples
    --------
    >>> print(*list_tables(["| a | b |", "|---|---|", "| 1 | 2 |"]), sep="\\n")
    <BLANKLINE>
    .. list-table::
       :header-rows: 1
    <BLANKLINE>
       * - a
         - b
       * - 1
         - 2
    <BLANKLINE>
    """
    changed, rows = [], []
    for line in [*lines, None]:
        if line is not None and line.lstrip().startswith("|"):
            rows.append(line)
            continue
        if rows:
            changed += _list_table(rows)
            rows = []
        if line is not None:
            changed.append(line)
    return changed


def _list_table(rows):
    indent = " " * (len(rows[0]) - len(rows[0].lstrip()))
    table = ["", ".. list-table::", "   :header-rows: 1", ""]
    for k, row in enumerate(rows):
        if k == 1 and set(row) <= set("|-: "):
            continue
        cells = [cell.strip() for cell in row.strip().strip("|").split("|")]
        table += [f"   {'*' if not j else ' '} - {cell}" for j, cell in enumerate(cells)]
    return [indent + line if line else line for line in [*table, ""]]
