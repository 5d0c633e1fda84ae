"""Run folders and exported models as the first format of them was."""

import shutil

from gan_mri.files import read_json, write_json

#: Keys of config.json that there were.
_CONFIG = (
    "format",
    "recipe",
    "settings",
    "arguments",
    "data",
    "geometry",
    "precision",
    "replicas",
    "seed",
    "versions",
)
_NEW_SETTINGS = ("image_losses", "adversarial", "adversarial_weight", "recompute")
_NEW_ARGUMENTS = ("spacing", "align", "augment")
_NEW_DATA = ("domains", "spacing", "align", "fingerprint")


def as_format_1(folder):
    """Rewrite a run of two domains in the old words; returns the folder."""
    config = read_json(folder / "config.json")
    task = config["task"]
    config = {name: config[name] for name in _CONFIG}
    config["format"] = 1
    for section, names in (
        ("settings", _NEW_SETTINGS),
        ("arguments", _NEW_ARGUMENTS),
        ("data", _NEW_DATA),
    ):
        config[section] = {k: v for k, v in config[section].items() if k not in names}
    config["data"]["paired"] = bool(task["paired"])
    write_json(folder / "config.json", config)
    for exported in (folder / "export").iterdir():
        card_as_format_1(exported)
    (folder / ".lock").unlink()
    shutil.rmtree(folder / "tensorboard")
    return folder


def card_as_format_1(exported):
    """Rewrite the card of an exported model in the old words."""
    path = exported / "assets.extra" / "gan_mri.json"
    card = read_json(path)
    image = card["inputs"]["image"]
    old = {
        "format": 1,
        "recipe": card["recipe"],
        "direction": card["direction"],
        "source": image["contrast"],
        "target": card["target"],
        "source_scaling": image["scaling"],
        "target_scaling": card["target_scaling"],
        "channels": card["channels"],
        "plane": card["view"]["plane"],
        "geometry": card["view"]["geometry"],
        "versions": card["versions"],
        "takes_reference": card["takes_reference"],
    }
    write_json(path, old)
