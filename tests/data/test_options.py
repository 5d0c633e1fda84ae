import argparse
import dataclasses

import numpy as np
import pytest

from gan_mri.data import DataOptions, load
from gan_mri.data.augmentation import Augmentation
from gan_mri.data.images.sampling import Sampling
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.options import add_arguments, scaling_is_text
from gan_mri.errors import GanMriError

FIELDS = {field.name: field for field in dataclasses.fields(DataOptions)}

#: What somebody types for each option, and what it means.
TYPED = {
    "data": (["brains"], "brains"),
    "contrasts": (["T1w", "T2w", "FLAIR"], ("T1w", "T2w", "FLAIR")),
    "plane": (["coronal"], "coronal"),
    "slices": (["20:30"], (20, 30)),
    "image_size": (["64", "48"], (64, 48)),
    "fit": (["crop"], "crop"),
    "spacing": (["1", "0", "2.5"], (1.0, 0.0, 2.5)),
    "align": (["headers"], "headers"),
    "scaling": (["volume", "zscore:2", "window:0:9"], ("volume", "zscore:2", "window:0:9")),
    "augment": (["mirror", "rotate:5"], Augmentation(mirror=0.5, rotate=5.0)),
    "split": (["0.5", "0.2", "0.3"], (0.5, 0.2, 0.3)),
    "validation_subjects": (["01", "02"], ("01", "02")),
    "test_subjects": (["sub-03"], ("sub-03",)),
}
OFFERED = [name for name, field in FIELDS.items() if field.metadata]


def parser_of(**options):
    parser = argparse.ArgumentParser()
    add_arguments(parser, **options)
    return parser


def of(*words, **options):
    return DataOptions.of(vars(parser_of(**options).parse_args(words)))


def test_every_option_with_a_help_text_is_offered():
    offered = {action.dest: action for action in parser_of()._actions if action.dest != "help"}
    assert {name for name, field in FIELDS.items() if "help" in field.metadata} <= set(offered)
    assert set(offered) == set(OFFERED) == set(TYPED)
    for name, action in offered.items():
        assert action.option_strings == [f"--{name.replace('_', '-')}"]
        assert action.help == FIELDS[name].metadata.get("help")
    parser_of().format_help()  # no stray % in any text


@pytest.mark.parametrize("name", OFFERED)
def test_every_option_arrives(name):
    words, expected = TYPED[name]
    options = of(f"--{name.replace('_', '-')}", *words)
    assert getattr(options, name) == expected
    assert options == dataclasses.replace(DataOptions(), **{name: expected})


def test_all_at_once_and_round_again():
    words = [
        word
        for name, (typed, _) in TYPED.items()
        for word in (f"--{name.replace('_', '-')}", *typed)
    ]
    options = of(*words)
    assert options == DataOptions(**{name: expected for name, (_, expected) in TYPED.items()})
    as_dict = {name: getattr(options, name) for name in FIELDS}
    assert DataOptions.of(as_dict) == options
    assert DataOptions.of(as_dict | {"epochs": 5, "recipe": "isola/pix2pix"}) == options


def test_nothing_said_is_the_default():
    assert of() == DataOptions() == DataOptions.of({}) == DataOptions(**DataOptions.defaults())
    assert DataOptions().augment == Augmentation() and DataOptions().sampling == Sampling("axial")
    assert set(DataOptions.defaults()) == set(FIELDS) - {"subjects"}


def test_a_command_may_leave_some_out():
    with pytest.raises(SystemExit):
        of("--fit", "crop", leave_out=("fit", "augment"))
    assert of("--plane", "sagittal", leave_out=("fit", "augment")).plane == "sagittal"


@pytest.mark.parametrize(
    "said, sampling",
    [
        ({"image_size": (20, 20, 20)}, Sampling("volume")),
        ({"image_size": (20, 20)}, Sampling("axial")),
        ({"plane": "volume"}, Sampling("volume")),
        ({"plane": "all", "spacing": 2}, Sampling("all", (2.0, 2.0, 2.0))),
        ({"image_size": [20, 20], "plane": "coronal"}, Sampling("coronal")),
    ],
)
def test_the_sampling_follows(said, sampling):
    assert DataOptions(**said).sampling == sampling


#: Wrong types and values, and a word of the message that says which argument.
WRONG = {
    "data": [5, None, ["a", "b"]],
    "contrasts": ["T1w", 5, (), ("T1w", "T1w"), {"T1w", "T2w"}, {"A": "T1w"}, (1, 2), [["T1w"]]],
    "plane": ["top", 1, ("axial",), "Axial"],
    "slices": [
        range(25, 30, 2),
        range(27, 25),
        25,
        (25,),
        (25.5, 27),
        "25-27",
        (27, 25),
        (1, 2, 3),
        {1, 2},
    ],
    "image_size": [
        9,
        64.0,
        True,
        (64,),
        (64, 64.0),
        "64",
        (64, 8),
        (9,) * 4,
        (True, 64),
        np.zeros(2),
    ],
    "fit": ["stretch", 1, ("crop",)],
    "spacing": [-1, 0, (1, 2), "fine", (1, -2, 3), {1: 2}, True and "x"],
    "align": ["header", True, 1, None],
    "augment": ["turn", 5, 0.5, {"mirror": 1}, ["mirror", 5], "mirror:2"],
    "split": [0.7, (0.7, 0.3), (0, 0, 1), "abc", ("a", 0, 1)],
    "validation_subjects": [5, [5], {"a": 1}],
    "test_subjects": [7, (1, 2), object()],
    "seed": [-1, 1.5, "0", True, None, 2**32, 2**64],
    "subjects": [0, -3, 2.0, "20", True],
}


@pytest.mark.parametrize("name, value", [(name, v) for name, vs in WRONG.items() for v in vs])
def test_wrong_types_name_the_argument(name, value):
    named = "image size" if name == "image_size" else name
    with pytest.raises(GanMriError, match=rf"^{named}\b.*[Rr]eceived"):
        DataOptions(**{name: value})
    if name != "data":
        with pytest.raises(GanMriError, match=rf"^{named}\b"):
            load("phantom", **{name: value})


@pytest.mark.parametrize("value", [None, 5, ("volume",) * 3, "uint7", {"A": "volume"}])
def test_a_wrong_scaling_is_told_when_the_domains_are_known(value):
    with pytest.raises(GanMriError, match="^scaling: expected .*[Rr]eceived"):
        load("phantom", subjects=2, scaling=value)


@pytest.mark.parametrize(
    "said, message",
    [
        ({"image_size": (20, 20), "plane": "volume"}, "image_size: expected three .*plane volume"),
        ({"image_size": (20, 20, 20), "plane": "all"}, "image_size: expected two .*plane all"),
        ({"image_size": (20, 20, 20), "slices": "3:5"}, "slices: expected none for whole volumes"),
        ({"plane": "volume", "slices": (3, 5)}, "slices: expected none for whole volumes"),
    ],
)
def test_what_does_not_go_together(said, message):
    with pytest.raises(GanMriError, match=message):
        DataOptions(**said)


def test_numbers_of_numpy_are_numbers():
    options = DataOptions(
        image_size=(np.int64(20), np.int32(24)), slices=np.array([3, 9]), seed=np.int64(3)
    )
    assert (options.image_size, options.slices, options.seed) == ((20, 24), (3, 9), 3)


@pytest.mark.parametrize(
    "said, name, meaning",
    [
        ({"image_size": 64}, "image_size", (64, 64)),
        ({"image_size": np.int32(20)}, "image_size", (20, 20)),
        ({"image_size": 20, "plane": "volume"}, "image_size", (20, 20, 20)),
        ({"slices": range(25, 27)}, "slices", (25, 27)),
        ({"seed": 2**32 - 1}, "seed", 4294967295),
    ],
)
def test_spellings_whose_meaning_is_plain(said, name, meaning):
    assert getattr(DataOptions(**said), name) == meaning


@pytest.mark.parametrize("name", ["contrasts", "validation_subjects", "test_subjects"])
def test_names_that_are_no_utf8(name):
    with pytest.raises(GanMriError, match=rf"^{name}: expected names in UTF-8.*T1\\\\xe9"):
        DataOptions(**{name: ("T1\udce9", "T2")})


def test_unknown_arguments():
    with pytest.raises(TypeError, match="unknown arguments colour, planes"):
        load("phantom", planes="axial", colour=3)


def test_scalings_that_can_be_remembered():
    ready = IntensityScaling("volume", (0.0, 5.0))
    for scaling, text in (
        ("auto", True),
        (("volume", "auto"), True),
        ({"A": "volume"}, True),
        (ready, False),
        (("auto", ready), False),
        ({"A": ready}, False),
    ):
        assert scaling_is_text(scaling) == text
