import color_runs
import numpy as np
import pytest
import referring
from cards import card
from color_runs import Domain, Translator, tinted
from skimage.color import rgb2lab
from skimage.transform import resize

from gan_mri import metrics
from gan_mri.errors import GanMriError
from gan_mri.inference.export import export_translator
from gan_mri.inference.translator import Translator as Exported
from gan_mri.papers.wada.round_robin import round_robin, two_way_interval


def robin(run, **options):
    return round_robin(run, progress=False, **options)


def lab(image):
    """The mean colour, by scikit-image alone."""
    return rgb2lab((np.asarray(image, "float64") + 1) / 2).reshape(-1, 3).mean(axis=0)


def distance(first, second):
    return np.sqrt(((lab(first) - lab(second)) ** 2).sum())


def table(sources, references, value):
    return np.array([[value(source, reference) for reference in references] for source in sources])


def test_every_source_with_every_reference():
    data = color_runs.data()
    a, b = data.test.A, data.test.B
    found = robin(color_runs.run(Translator(tinted), data))
    assert found.sources == ["render 0", "render 1", "render 2", "render 3"]
    assert found.references == ["photo 0", "photo 1", "photo 2"]
    expected = table(a, b, lambda x, y: distance(tinted(x, y), y))
    np.testing.assert_allclose(found.differences, expected, rtol=1e-5)
    expected = table(a, b, lambda x, y: metrics.gradient_ssim(x, tinted(x, y)))
    np.testing.assert_allclose(found.structure, expected, rtol=1e-5)


def test_what_no_translation_would_give():
    data = color_runs.data()
    a, b = data.test.A, data.test.B
    found = robin(color_runs.run(Translator(tinted), data))
    np.testing.assert_allclose(found.untranslated, table(a, b, distance), rtol=1e-5)
    others = [[distance(b[j], b[k]) for k in range(3) if k != j] for j in range(3)]
    np.testing.assert_allclose(found.other_reference, others, rtol=1e-5)
    mean = np.mean([lab(one) for one in b], axis=0)
    expected = [np.sqrt(((lab(one) - mean) ** 2).sum()) for one in b]
    np.testing.assert_allclose(found.mean_reference, expected, rtol=1e-5)


@pytest.mark.parametrize("size, batches", [(1, 12 * [1]), (2, 4 * [2, 1]), (8, 4 * [3])])
def test_batches_do_not_change_the_result(size, batches):
    translator = Translator(tinted)
    found = robin(color_runs.run(translator), batch_size=size)
    assert translator.batches == batches
    whole = robin(color_runs.run(Translator(tinted)), batch_size=100)
    np.testing.assert_array_equal(found.differences, whole.differences)


def test_without_references_every_source_is_translated_once():
    data = color_runs.data()
    translator = Translator(lambda image: 0.8 * image, takes_reference=False)
    found = robin(color_runs.run(translator, data))
    assert translator.batches == [1] * 4
    expected = table(data.test.A, data.test.B, lambda x, y: distance(0.8 * x, y))
    np.testing.assert_allclose(found.differences, expected, rtol=1e-5)
    kept = [metrics.gradient_ssim(x, 0.8 * x) for x in data.test.A]
    np.testing.assert_allclose(found.structure, np.transpose([kept] * 3), rtol=1e-5)
    for image, line in zip(data.test.A, found.grid.translations):
        np.testing.assert_allclose(line, [0.8 * image] * 3, rtol=1e-6)


def test_the_other_direction_colors_the_other_domain():
    found = robin(color_runs.run(Translator(tinted)), direction="B2A")
    assert found.sources == ["photo 0", "photo 1", "photo 2"]
    assert found.references == ["render 0", "render 1", "render 2", "render 3"]
    assert found.differences.shape == (3, 4)


def test_more_images_than_wanted_are_thinned_evenly():
    data = color_runs.data(sources=9, references=2)
    found = robin(color_runs.run(Translator(tinted), data), most=3)
    assert found.sources == ["render 0", "render 4", "render 8"]
    assert found.references == ["photo 0", "photo 1"]
    given = robin(color_runs.run(Translator(tinted)), data=data, most=3)
    np.testing.assert_array_equal(given.differences, found.differences)


def test_the_grid_holds_five_by_five_translations():
    data = color_runs.data(sources=9, references=6)
    grid = robin(color_runs.run(Translator(tinted), data)).grid
    assert grid.rows == [0, 2, 4, 6, 8] and len(set(grid.columns)) == 5
    assert {grid.columns[0], grid.columns[-1]} == {0, 5}
    for row, source, line in zip(grid.rows, grid.sources, grid.translations):
        np.testing.assert_array_equal(source, data.test.A[row])
        for column, reference, image in zip(grid.columns, grid.references, line):
            np.testing.assert_array_equal(reference, data.test.B[column])
            np.testing.assert_allclose(image, tinted(source, reference), rtol=1e-6)


def test_images_are_brought_to_the_size_of_the_run():
    data = color_runs.data()
    found = robin(color_runs.run(Translator(tinted), data, size=(40, 48)))
    expected = resize(data.test.A[0], (40, 48), order=1, mode="edge")
    np.testing.assert_allclose(found.grid.sources[0], expected, atol=1e-6)


def test_uncropped_pictures_may_have_sizes_of_their_own():
    data = color_runs.data()
    a = data.test.images["A"] = Domain(color_runs.images(1, 1) + color_runs.images(1, 3, (30, 18)))
    b = data.test.images["B"] = Domain(
        color_runs.images(1, 2) + color_runs.images(1, 4, (16, 40)) + color_runs.images(2, 5)
    )
    translator = Translator(tinted)
    found = robin(color_runs.run(translator, data, fit="crop"))
    assert translator.batches == [3, 1, 3, 1]
    expected = table(a, b, lambda x, y: distance(tinted(x, y), y))
    np.testing.assert_allclose(found.differences, expected, rtol=1e-5)


def test_translations_are_clipped_as_when_written():
    data = color_runs.data()
    found = robin(color_runs.run(Translator(lambda x, y: 3 * x), data))
    expected = table(data.test.A, data.test.B, lambda x, y: distance(np.clip(3 * x, -1, 1), y))
    np.testing.assert_allclose(found.differences, expected, rtol=1e-5)


def test_an_exported_model_is_given_its_references(tmp_path):
    network = referring.network()
    export_translator(network, tmp_path / "export", card(channels=3))
    data = color_runs.data(sources=2, references=2)
    found = robin(color_runs.run(Exported(tmp_path / "export"), data))
    for source, line in zip(data.test.A, found.grid.translations):
        for reference, image in zip(data.test.B, line):
            expected = referring.expected(source[np.newaxis], reference[np.newaxis])[0]
            np.testing.assert_allclose(image, expected, atol=1e-6)


def broken(image):
    return np.where(image > image.max() - 0.01, np.nan, image)


@pytest.mark.parametrize(
    "change, options, message",
    [
        ({"own_data": color_runs.data(channels=1)}, {}, "method6: expected RGB images.*1 channel"),
        ({"own_data": color_runs.data(references=0)}, {}, "Received: none of photos"),
        ({}, {"direction": "A2A"}, "'A2A'"),
        ({}, {"most": 0}, "most and batch_size from 1"),
        (
            {"translator": Translator(broken, False)},
            {},
            "method6, render 0 translated A2B: .*finite",
        ),
    ],
)
def test_refuses(change, options, message):
    run = color_runs.run(**{"translator": Translator(tinted), **change})
    with pytest.raises(GanMriError, match=message):
        robin(run, **options)


def test_a_source_without_structure_is_named():
    data = color_runs.data()
    data.test.A[2] = np.zeros((20, 24, 3), "float32")
    with pytest.raises(GanMriError, match="render 2 translated A2B.*lightness varies"):
        robin(color_runs.run(Translator(tinted), data))


def test_the_interval_knows_that_combinations_share_their_images():
    rng = np.random.default_rng(3)
    rows, columns = rng.normal(0, 3, (40, 1)), rng.normal(0, 2, (1, 30))
    values = 10 + rows + columns
    low, high = two_way_interval(values)
    # Of a sum of two effects the variance of the mean is known: that of either, over its count.
    error = 1.96 * np.sqrt(rows.var() / 40 + columns.var() / 30)
    assert low == pytest.approx(values.mean() - error, abs=0.1 * error)
    assert high == pytest.approx(values.mean() + error, abs=0.1 * error)
    assert high - low > 4 * 2 * 1.96 * values.std() / np.sqrt(values.size)


def test_the_interval_needs_two_images_of_each_domain():
    assert two_way_interval(np.array([[1.0, 2.0]])) == (None, None)
    assert two_way_interval(np.full((3, 2), 4.0)) == pytest.approx((4.0, 4.0))
