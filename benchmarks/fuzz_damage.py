"""What `benchmarks/fuzz.py` does wrong: bits, lengths, JSON, options and places."""

import contextlib
import json
import os
import shutil
from pathlib import Path

#: What takes the place of a value in JSON, and of an option's.
_VALUES = (
    [None, True, False, 0, -1, 1, 2**31, 10**400, 0.5, -1e308, float("nan"), float("inf")]
    + ["", "A", "B", "../../x", "/etc/passwd", "x" * 300, "é\u2028\0", "$x_{$", "<b>", "nan"]
    + [[], [0], [[]], {}, {"a": 1}, ["T1w", "T1w"], [24, 24], [-24, 24], [24, 24, 24]]
)
_OPTIONS = {
    "translate": ["--direction", "--target", "--samples", "--batch-size", "--memory"]
    + ["--windows", "--checkpoint", "--reference", "--also", "--vary"],
    "check": ["--direction", "--target", "--checkpoint", "--inputs"],
    "calibrate": ["--samples", "--data"],
    "lesions": ["--subjects", "--direction", "--min-voxels", "--kept", "--seen", "--align"],
    "detect": ["--subjects", "--direction", "--smooth", "--align", "--mask-name"],
    "publish": ["--title", "--picture", "--checkpoint"],
    "study": ["--real", "--synthetic", "--seed", "--study"],
    "evaluate": ["--data", "--protocol"],
    "export": ["--format", "--direction", "--target", "--checkpoint"],
    "prepare": ["--contrasts", "--plane", "--slices", "--seed", "--split", "--spacing"],
    "train": ["--epochs", "--image-size", "--seed", "--precision", "--strategy", "--split"]
    + ["--batch-size", "--steps-per-epoch", "--set", "--scaling", "--plane", "--slices"],
}
_WORDS = ["0", "-1", "1", "1e9", "nan", "inf", "4294967296", "x", "", "A2B", "T2w", "last", "best"]
_WORDS += [
    "axial",
    "1:2",
    "5:1",
    "a=b",
    "filters=0",
    "filters=1e9",
    "window:1:0",
    "..",
    "\U0001f9e0",
]
_NAMES = ["a b", "é", "x" * 255, "x" * 300, "$x$", "-x", "'q'", "new\nline", ".hidden", "\udcff"]


def _nothing(rng, place, command, name):
    return command, "nothing"


def _files(place, ends=()):
    found = sorted(path for path in place.rglob("*") if path.is_file() and path.stat().st_size)
    return [path for path in found if not ends or path.suffix in ends]


def _bits(rng, place, command, name):
    paths = _files(place)
    path = paths[rng.integers(len(paths))]
    raw = bytearray(path.read_bytes())
    # Half of them at the beginning, where the structure is.
    end = len(raw) if rng.random() < 0.5 else min(len(raw), 400)
    for _ in range(rng.integers(1, 6)):
        raw[rng.integers(end)] ^= 1 << int(rng.integers(8))
    path.write_bytes(raw)
    return command, f"bits of {_family(path, place)}"


def _cut(rng, place, command, name):
    paths = _files(place)
    path = paths[rng.integers(len(paths))]
    raw = path.read_bytes()
    path.write_bytes([raw[: rng.integers(len(raw))], b"", raw + raw[:50]][rng.integers(3)])
    return command, f"length of {_family(path, place)}"


def _json(rng, place, command, name):
    paths = _files(place, (".json",))
    path = paths[rng.integers(len(paths))]
    content = json.loads(path.read_text())
    inner, words = content, []
    while isinstance(inner, (dict, list)) and len(inner):
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = keys[rng.integers(len(keys))]
        words.append(str(key))
        if rng.random() < 0.4 or not isinstance(inner[key], (dict, list)) or not inner[key]:
            if rng.random() < 0.2:
                del inner[key]
            else:
                inner[key] = _VALUES[rng.integers(len(_VALUES))]
            break
        inner = inner[key]
    path.write_text(json.dumps(content))
    return command, f"JSON of {_family(path, place)} {'.'.join(words[:3])}"


def _options(rng, place, command, name):
    options = _OPTIONS.get(name, ["--number", "--seed", "--model", "--participant-label"])
    option = options[rng.integers(len(options))]
    words = [_WORDS[rng.integers(len(_WORDS))] for _ in range(rng.integers(1, 3))]
    return [*command, option, *words], f"option {option}"


def _names(rng, place, command, name):
    """A place that is called otherwise, is missing, is of another kind, or leads to itself."""
    numbers = [n for n, word in enumerate(command) if word.startswith(str(place))]
    number = numbers[rng.integers(len(numbers))]
    path = Path(command[number])
    way = ["called", "missing", "another kind", "loop"][rng.integers(4)]
    other = path.with_name(_NAMES[rng.integers(len(_NAMES))] + "".join(path.suffixes))
    if way == "called":
        with contextlib.suppress(OSError):
            os.rename(path, other)
        command[number] = str(other)
    else:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
        if way == "loop":
            path.symlink_to(path)
        elif way == "another kind":
            path.mkdir() if path.suffix else path.write_text("text")
    return command, f"place {way}"


#: By name: a function of a generator, the folder with copies of good files, the words of a command
#: and its name; it does one thing wrong, and gives the words and what it did.
WRONG = {
    "bits": _bits,
    "cut": _cut,
    "json": _json,
    "options": _options,
    "names": _names,
    "nothing": _nothing,
}


def _family(path, place):
    """The kind of a file, whatever its number."""
    inside = path.relative_to(place)
    return inside.name if inside.parts[0] != "data" else "data/" + "".join(path.suffixes)
