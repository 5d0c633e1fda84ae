"""The first section of a comparison's page: the data, the methods and their cost."""

import dataclasses
import math

from gan_mri.recipes import get
from gan_mri.reporting.page import Listing, Paragraph, Section, Table, Value

# Subjects named for each part; a page is to be read.
_MOST_NAMES = 60


def cost(run):
    """What a method is and what its training cost.

    Parameters
    ----------
    run : gan_mri.runs.run.Run

    Returns
    -------
    dict
        recipe, training ("pairs" or "unpaired"), epochs, decay_epoch, steps,
        batch_size (over all replicas), minutes (of training steps, from the
        history: without reading data, measuring and drawing; summed over
        resumptions), images_per_second, parameters (trainable, of all
        networks), precision, settings (those that differ from the recipe's).
    """
    config, history = run.config, run.history
    settings = config["settings"]
    batch = config.get("global_batch_size", settings["batch_size"] * config["replicas"])
    ends = [0, *(row["step"] for row in history)]
    steps = [end - start for start, end in zip(ends, ends[1:])]
    seconds = sum(n * batch / row["images_per_second"] for n, row in zip(steps, history))
    return {
        "recipe": config["recipe"],
        "training": "pairs" if config["data"]["paired"] else "unpaired",
        "epochs": len(history),
        "decay_epoch": settings["decay_epoch"],
        "steps": sum(steps),
        "batch_size": batch,
        "minutes": seconds / 60,
        "images_per_second": sum(steps) * batch / seconds,
        "parameters": _parameters(run),
        "precision": config["precision"],
        "settings": ", ".join(f"{name}={value}" for name, value in _changed(config)),
    }


def _parameters(run):
    names = [path.name.partition(".")[0] for path in (run.folder / "weights").glob("*.weights.h5")]
    return sum(
        math.prod(weight.shape) for name in names for weight in run.network(name).trainable_weights
    )


def _changed(config):
    """The settings that are not the recipe's, without those that have a column."""
    usual = dataclasses.asdict(get(config["recipe"]))
    columns = ("epochs", "decay_epoch", "batch_size")
    return [
        (name, value)
        for name, value in config["settings"].items()
        if name not in columns and value != usual[name]
    ]


def setup_section(runs, costs):
    """What was compared, and what it cost.

    Parameters
    ----------
    runs : dict of str to gan_mri.runs.run.Run
        By method.
    costs : dict of str to dict
        What `cost` says of each.

    Returns
    -------
    Section
    """
    blocks = [
        Table(("what", "value"), tuple(_data_rows(runs)), "Data"),
        _cost_table(costs),
        Paragraph(
            "Minutes of training steps, without reading data, measuring and drawing; other "
            "work on the machine counts. Parameters: trainable, of all networks."
        ),
    ]
    changed = [f"{method}: {row['settings']}" for method, row in costs.items() if row["settings"]]
    if changed:
        blocks += [Paragraph("Settings that differ from the recipes':"), Listing(tuple(changed))]
    return Section("What was compared", tuple(blocks))


def _data_rows(runs):
    run = next(iter(runs.values()))
    first, contrasts = run.config, run.contrasts
    data, geometry, sampling = first["data"], run.view.geometry, run.view.sampling
    yield "source", f"{data['source']} ({data['kind']})"
    named = [name if domain == name else f"{domain} = {name}" for domain, name in contrasts.items()]
    yield "contrasts", ", ".join(named)
    if run.view.rank == 3:
        yield "images", "whole volumes"
    elif sampling is not None:
        planes = "of all three planes" if sampling.plane == "all" else sampling.plane
        asked = data["slices"]
        yield "slices", f"{planes}, " + ("all" if asked is None else f"{asked[0]}:{asked[1]}")
    if sampling is not None and sampling.spacing is not None:
        edges = [f"{edge:g}" if edge else "as it is" for edge in sampling.spacing]
        yield "voxel size", f"{' x '.join(edges)} mm"
    if data.get("align", "none") != "none":
        yield "grids", "those of the first contrast, by the headers"
    yield "size in training", f"{' x '.join(map(str, geometry.size))} ({geometry.fit})"
    methods = [f"{name}: {data['scaling'][domain]['method']}" for domain, name in contrasts.items()]
    yield "intensity scaling", "; ".join(methods)
    yield "seed", str(first["seed"])
    for part in ("train", "validation", "test"):
        yield from _rows_by_method(
            part, runs, lambda run, part=part: _part(run.config["data"], run.contrasts, part)
        )
    yield from _rows_by_method("versions", runs, lambda run: _versions(run.config))


def _rows_by_method(name, runs, describe):
    """One row where all methods agree, else one for each group that does."""
    groups = {}
    for method, run in runs.items():
        groups.setdefault(describe(run), []).append(method)
    for text, methods in groups.items():
        yield name if len(groups) == 1 else f"{name} of {', '.join(methods)}", text


def _part(data, contrasts, part):
    subjects, counts = data["subjects"][part], data["counts"][part]
    if not subjects:
        return "none"
    named = ", ".join(subjects[:_MOST_NAMES])
    if len(subjects) > _MOST_NAMES:
        named += ", ... (all of them in the config.json of each run)"
    (first, name), *others = contrasts.items()
    images = [f"{counts[first]:,} images of {name}"]
    images += [f"{counts[domain]:,} of {name}" for domain, name in others]
    kind = "pairs" if len(contrasts) == 2 else "of all contrasts"
    return (
        f"{len(subjects)} subject{'s' * (len(subjects) > 1)}, {', '.join(images)}, "
        f"{counts['pairs']:,} {kind}: {named}"
    )


def _versions(config):
    return ", ".join(f"{name} {number}" for name, number in config["versions"].items())


def _cost_table(costs):
    header = (
        "method",
        "training",
        "epochs",
        "rate falls after",
        "steps",
        "batch",
        "minutes",
        "images / s",
        "parameters",
        "precision",
    )
    rows = [
        (
            method,
            row["training"],
            row["epochs"],
            row["decay_epoch"] if row["decay_epoch"] < row["epochs"] else None,
            row["steps"],
            row["batch_size"],
            Value(f"{row['minutes']:.1f}"),
            Value(f"{row['images_per_second']:.1f}"),
            row["parameters"],
            row["precision"],
        )
        for method, row in costs.items()
    ]
    return Table(header, tuple(rows), "Methods and their cost")
