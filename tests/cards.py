"""Cards of exported models that no run stands behind."""

WINDOW = {"method": "window", "typical": [0.0, 1000.0]}


def card(
    *,
    source_scaling=WINDOW,
    target_scaling=WINDOW,
    channels=1,
    plane="axial",
    spacing=None,
    geometry=None,
    inputs=None,
    align="none",
    **more,
):
    """A model from T1w to T2w, or from the domains of `inputs` (input to contrast) to T2w."""
    if inputs is None:
        named = {"image": ("A", "T1w")}
    else:
        named = {name: (name, contrast) for name, contrast in inputs.items()}
    geometry = geometry or {"size": [20, 20], "fit": "crop"}
    return {
        "direction": "A2B",
        "inputs": {
            name: {"domain": domain, "contrast": contrast, "scaling": source_scaling}
            for name, (domain, contrast) in named.items()
        },
        "target": "T2w",
        "target_domain": "B",
        "target_scaling": target_scaling,
        "channels": channels,
        "view": {"plane": plane, "spacing": spacing, "geometry": geometry},
        "align": align,
        **more,
    }


def old_card(**changes):
    """The same from A to B in the words of format 1, which `changes` are in too."""
    return {
        "format": 1,
        "recipe": "welander/cyclegan",
        "direction": "A2B",
        "source": "T1w",
        "target": "T2w",
        "source_scaling": WINDOW,
        "target_scaling": WINDOW,
        "channels": 1,
        "plane": "axial",
        "geometry": {"size": [20, 20], "fit": "crop"},
        "versions": {},
        **changes,
    }
