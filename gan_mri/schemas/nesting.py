"""How deep JSON may be nested: what walks through it calls itself."""

#: Our own files are 6 deep.
DEEPEST = 64


def check_nesting(content):
    """Refuse lists and objects that are nested too deep.

    Parameters
    ----------
    content : dict or list
        JSON as Python has it.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> check_nesting({"a": [{"b": 1}]})
    """
    level = [content]
    for _ in range(DEEPEST):
        values = (one.values() if isinstance(one, dict) else one for one in level)
        level = [value for some in values for value in some if isinstance(value, (dict, list))]
        if not level:
            return
    raise ValueError(f"lists and objects nested more than {DEEPEST} deep")
