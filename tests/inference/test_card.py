import copy

import numpy as np
import pytest
from cards import card, old_card
from data_samples import write_bids
from untrained_runs import phantom_data

from gan_mri.data import load
from gan_mri.data.images.geometry import Geometry
from gan_mri.errors import GanMriError
from gan_mri.files import write_json
from gan_mri.inference.card import CARD, Card, make_card
from gan_mri.tasks import TWO_DOMAINS, Direction, Task


def test_a_card_of_a_run_comes_back(tmp_path):
    data, geometry = phantom_data(), Geometry((24, 24), "crop")
    content = make_card(TWO_DOMAINS.direction("B2A"), data, geometry, step=7, recipe="x")
    write_json(tmp_path / CARD, content)
    found = Card.read(tmp_path)
    assert found.content == content and found.content["step"] == 7
    assert found.direction == Direction("B2A", ("B",), "A")
    assert found.inputs == {"image": "T2w"} and found.contrasts == {"B": "T2w", "A": "T1w"}
    assert found.scalings == {"image": data.scaling["B"]}
    assert found.target_scaling == data.scaling["A"] and found.channels == 1
    assert found.view.geometry == geometry and found.view.sampling is None
    assert found.view.rank == 2 and found.align == "none"


def test_inputs_of_several_sources_are_called_as_their_domains(tmp_path):
    folder = write_bids(tmp_path / "d", contrasts=("T1w", "PDw", "T2w"), shape=(20, 20, 8))
    domains = ("first", "second", "made")
    data = load(
        folder,
        domains=domains,
        contrasts=("T1w", "PDw", "T2w"),
        paired=True,
        plane="volume",
        spacing=2,
        align="headers",
        scaling=("volume", "window:0:900", "percentile"),
    )
    way = Direction("made", ("first", "second"), "made")
    found = Card(make_card(way, data, Geometry((20, 20, 20), "crop")), "card")
    assert found.direction == way and found.inputs == {"first": "T1w", "second": "PDw"}
    assert found.contrasts == {"first": "T1w", "second": "PDw", "made": "T2w"}
    assert found.scalings["second"].typical == (0, 900)
    assert found.scalings["first"].method == "volume"
    assert found.target_scaling == data.scaling["made"]
    assert found.view.rank == 3 and found.view.sampling.spacing == (2, 2, 2)
    assert found.align == "headers"


def test_a_task_of_any_number_has_a_card_for_each_direction():
    domains = ("T1w", "T2w", "PDw")
    data = load("phantom", domains=domains, contrasts=domains, subjects=3, image_size=(20, 20))
    for way in Task.each_from_the_others(domains).directions:
        found = Card(make_card(way, data, Geometry((20, 20))), "card")
        assert found.direction == way and list(found.inputs) == list(way.sources)


def test_a_card_of_the_first_format_is_read_in_today_s_words():
    scaling = {"method": "volume", "typical": [1.0, 9.0]}
    found = Card(old_card(direction="B2A", source="PD", source_scaling=scaling), "card")
    assert found.direction == Direction("B2A", ("B",), "A")
    assert found.inputs == {"image": "PD"} and found.contrasts == {"B": "PD", "A": "T2w"}
    assert found.scalings["image"].method == "volume"
    assert found.target_scaling.typical == (0, 1000)
    assert found.view.sampling.plane == "axial" and found.view.sampling.spacing is None
    assert found.align == "none"
    pictures = Card(old_card(plane=None), "card")
    assert pictures.view.sampling is None and pictures.view.rank == 2


def changed(path, value):
    content = copy.deepcopy(card())
    place = content
    for name in path[:-1]:
        place = place[name]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return content


BAD = [
    (("direction",), None),
    (("inputs",), None),
    (("inputs",), ["image"]),
    (("inputs",), {"image": "T1w"}),
    (("inputs", "image", "domain"), None),
    (("inputs", "image", "scaling"), {"typical": [0, 1]}),
    (("target_domain",), None),
    (("target_scaling",), "window"),
    (("target_scaling", "typical"), 3),
    (("channels",), "many"),
    (("view",), None),
    (("view",), [1, 2]),
    (("view", "geometry"), {"size": [20, 20]}),
    (("view", "geometry", "size"), 20),
    (("view", "geometry", "fit"), "stretch"),
    (("view", "plane"), "oblique"),
    (("align",), None),
    # What was taken in silence once, and failed later or wrote to another place.
    (("target_scaling", "method"), "unknown"),
    (("target_scaling", "typical"), [0, float("nan")]),
    (("target_scaling", "typical"), [1, 1]),
    (("inputs", "image", "scaling", "typical"), None),
    (("inputs", "image", "neighbours"), -1),
    (("inputs", "image", "neighbours"), True),
    (("view", "geometry", "size"), [-20, 20]),
    (("view", "geometry", "size"), [20, 20, 20]),
    (("view", "spacing"), [1, float("inf"), 1]),
    (("channels",), 2),
    (("channels",), True),
    (("noise",), 2**40),
    (("target",), "../T2w"),
    (("target",), ".."),
    (("target",), ""),
    (("inputs", "image", "contrast"), "a/b"),
    (("direction",), "/tmp/A2B"),
    (("labels",), ["one"]),
    (("settings",), [1]),
    (("recipe",), "../welander"),
]


@pytest.mark.parametrize("path, value", BAD)
def test_what_is_missing_or_of_another_kind_is_named(path, value):
    with pytest.raises(GanMriError) as caught:
        Card(changed(path, value), "export/A2B/card.json")
    assert str(caught.value).startswith("export/A2B/card.json: expected the card of a model")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["source", "target", "direction", "plane", "geometry"])
def test_an_old_card_without_something_is_named(missing):
    content = old_card()
    del content[missing]
    with pytest.raises(GanMriError, match=f"^card: expected the card .*{missing} is missing"):
        Card(content, "card")


def test_a_card_that_is_no_json_is_named(tmp_path):
    (tmp_path / CARD).parent.mkdir()
    (tmp_path / CARD).write_text("[1]")
    with pytest.raises(GanMriError, match="gan_mri.json: expected a JSON object"):
        Card.read(tmp_path)
    with pytest.raises(GanMriError, match="gan_mri.json: expected a JSON object"):
        Card.read(tmp_path / "none")


def test_scalings_of_a_card_scale_as_those_of_the_data():
    data = phantom_data()
    content = make_card(TWO_DOMAINS.direction("A2B"), data, Geometry((24, 24)))
    found = Card(content, "card")
    made = np.linspace(-1, 1, 9)
    np.testing.assert_array_equal(found.target_scaling.invert(made), data.scaling["B"].invert(made))


def test_sources_of_which_some_may_be_missing():
    domains = ("T1w", "T2w", "PDw")
    data = load("phantom", domains=domains, contrasts=domains, subjects=3, image_size=(20, 20))
    way = Task.each_from_the_others(domains).directions[0]
    content = make_card(way, data, Geometry((20, 20)), optional=True)
    assert content["inputs"]["PDw"]["optional"] is True
    assert Card(content, "card").optional == {"T2w", "PDw"}
    assert Card(make_card(way, data, Geometry((20, 20))), "card").optional == set()
    # There is nothing without its one source.
    alone = make_card(Direction("T2w", ("T1w",), "T2w"), data, Geometry((20, 20)), optional=True)
    assert alone["inputs"]["image"]["optional"] is False
    for one in content["inputs"].values():
        del one["optional"], one["neighbours"]
    older = Card(content, "card")
    assert older.optional == set() and older.neighbours == {"T2w": 0, "PDw": 0}
