import json
import math

import numpy as np
import pytest

from gan_mri.trust.perceptual.key import Answers, Key
from gan_mri.trust.perceptual.result import Result
from gan_mri.trust.perceptual.scores import against_chance, agreement, scores, share


def key_of(folder, counts):
    """A key with so many images of each (contrast, method)."""
    images = [
        {"image": f"{number:08x}", "contrast": contrast, "method": method, "label": "sub-01"}
        for number, (contrast, method) in enumerate(
            kind for kind, count in counts.items() for _ in range(count)
        )
    ]
    methods = sorted({method for _, method in counts if method})
    content = {"format": 1, "study": "0" * 16, "methods": methods, "images": images}
    (folder / "key.json").write_text(json.dumps(content))
    return Key(folder)


def answered(key, reader, wrong):
    """Right answers, but for the first `wrong[contrast, method]` of every kind."""
    left, calls = dict(wrong), {}
    for name, image in key.images.items():
        kind, truth = (image.contrast, image.method), image.method is None
        is_wrong = left.get(kind, 0) > 0
        left[kind] = left.get(kind, 0) - 1
        calls[name] = "real" if truth is not is_wrong else "synthetic"
    return Answers(reader, calls)


@pytest.fixture
def key(tmp_path):
    return key_of(
        tmp_path,
        {("T1w", "a"): 12, ("T1w", "b"): 12, ("T1w", None): 24}
        | {("T2w", "a"): 12, ("T2w", "b"): 12, ("T2w", None): 24},
    )


def find(rows, **kind):
    (row,) = [row for row in rows if all(row[name] == value for name, value in kind.items())]
    return row


def test_confusion_of_every_method_and_contrast(key):
    wrong = {("T1w", "a"): 3, ("T2w", "a"): 7, ("T2w", "b"): 12, ("T1w", None): 6}
    rows = scores(key, [answered(key, "AE", wrong)])
    one = find(rows, contrast="T1w", method="a")
    assert (one["synthetic_called_synthetic"], one["synthetic_called_real"]) == (9, 3)
    assert (one["real_called_real"], one["real_called_synthetic"]) == (18, 6)
    assert one["accuracy"] == 0.75 and one["balanced"] == 0.75
    assert find(rows, contrast="T2w", method="b")["accuracy"] == 0
    together = find(rows, contrast="all", method="a")
    assert together["synthetic_called_synthetic"] == 9 + 5
    assert together["real_called_synthetic"] == 6 and together["real_called_real"] == 42
    everything = find(rows, contrast="all", method="all")
    assert everything["accuracy"] == (48 - 22) / 48
    assert {row["reader"] for row in rows} == {"AE"}


def test_readers_together_are_the_sum(key):
    readers = [answered(key, "one", {("T1w", "a"): 2}), answered(key, "two", {("T1w", "a"): 4})]
    row = find(scores(key, readers), reader="all", contrast="T1w", method="a")
    assert row["synthetic_called_real"] == 6 and row["real_called_real"] == 48


def test_a_method_without_images_of_a_contrast_has_no_row(tmp_path):
    key = key_of(tmp_path, {("T1w", "a"): 3, ("T1w", None): 3, ("T2w", "b"): 2, ("T2w", None): 2})
    rows = scores(key, [answered(key, "AE", {})])
    assert {(row["contrast"], row["method"]) for row in rows} == {
        ("all", "all"), ("all", "a"), ("all", "b"), ("T1w", "all"), ("T1w", "a"), ("T2w", "all"),
        ("T2w", "b"),
    }  # fmt: skip


def test_interval_by_wilsons_formula():
    z, count, of = 1.959963984540054, 9, 12
    middle = (count / of + z**2 / (2 * of)) / (1 + z**2 / of)
    half = z / (1 + z**2 / of) * math.sqrt(count / of * (1 - count / of) / of + z**2 / (4 * of**2))
    np.testing.assert_allclose(share(count, of), (0.75, middle - half, middle + half), rtol=1e-9)


def test_chance_by_counting_tables():
    # Fisher: of all ways to call 8 of 14 synthetic, those that find 6 or 7 of the 7 synthetic.
    ways = [math.comb(7, found) * math.comb(7, 8 - found) for found in range(1, 8)]
    assert against_chance(6, 1, 2, 5) == pytest.approx(sum(ways[5:]) / sum(ways))


def test_who_calls_everything_synthetic_is_no_better_than_chance():
    assert against_chance(12, 0, 24, 0) == 1


def test_kappa_of_cohens_formula(key):
    names = list(key.images)
    first = Answers(
        "one", {name: "real" if n < 50 else "synthetic" for n, name in enumerate(names)}
    )
    second = Answers(
        "two", {name: "real" if n % 3 else "synthetic" for n, name in enumerate(names)}
    )
    table = np.zeros((2, 2))
    for name in names:
        table[int(first.calls[name] == "real"), int(second.calls[name] == "real")] += 1 / len(names)
    chance = table.sum(0) @ table.sum(1)
    (row,) = agreement(key, [first, second])
    assert row["agreed"] == pytest.approx(np.trace(table))
    assert row["kappa"] == pytest.approx((np.trace(table) - chance) / (1 - chance))


def test_kappa_at_its_ends(key):
    right = answered(key, "one", {})
    other = {"real": "synthetic", "synthetic": "real"}
    opposite = Answers("two", {name: other[call] for name, call in right.calls.items()})
    constant = Answers("three", dict.fromkeys(right.calls, "real"))
    found = {
        (row["first"], row["second"]): row["kappa"]
        for row in agreement(key, [right, opposite, constant, constant._replace(reader="four")])
    }
    assert found["one", "two"] == pytest.approx(-1)
    assert found["one", "three"] == pytest.approx(0)
    assert found["three", "four"] is None


def test_files_and_page(key, tmp_path):
    readers = [answered(key, "<b>", {("T1w", "a"): 2}), answered(key, "two", {("T1w", "b"): 4})]
    result = Result.of(key, readers)
    page = result.write(tmp_path / "score", key)
    assert {path.name for path in page.parent.iterdir()} == {
        "scores.csv", "agreement.csv", "summary.json", "found.png", "index.html",
    }  # fmt: skip
    text = page.read_text()
    assert "&lt;b&gt;" in text and "<b>" not in text
    assert "10 of 12: 0.83" in text  # of reader one, T1w, method a
    header, *lines = (page.parent / "scores.csv").read_text().splitlines()
    assert header.split(",")[:3] == ["reader", "contrast", "method"]
    assert len(lines) == len(result.scores)
    assert json.loads((page.parent / "summary.json").read_text())["study"] == "0" * 16
