"""SavedModels are programs: what they may do, what is refused, and what `--trust` runs."""

import shutil

import hostile
import numpy as np
import pytest
import tensorflow as tf
import tiny
import untrained_exports

import gan_mri
from gan_mri import recipes
from gan_mri import translate as command
from gan_mri.errors import GanMriError
from gan_mri.inference import operations, translator
from gan_mri.inference.export import Served
from gan_mri.inference.translator import Translator
from gan_mri.runs.run import Run
from gan_mri.tasks import TWO_DOMAINS


def write(path):
    """Write a file."""
    return lambda: [tf.io.write_file(str(path), "stolen")]


def translated(model, tmp_path, **options):
    source = hostile.picture(tmp_path / "in.npy")
    gan_mri.translate(model, source, tmp_path / "out.npy", progress=False, **options)
    return np.load(tmp_path / "out.npy")


def test_a_model_that_writes_a_file_is_refused_and_only_trust_runs_it(tmp_path):
    stolen = tmp_path / "stolen.txt"
    model = hostile.save_with_deed(tmp_path / "model", write(stolen))
    with pytest.raises(GanMriError, match="only computes. Received one with WriteFile,") as caught:
        translated(model, tmp_path)
    assert "--trust" in str(caught.value) and "\n" not in str(caught.value)
    assert not stolen.exists() and not (tmp_path / "out.npy").exists()
    found = translated(model, tmp_path, trust=True)
    assert stolen.read_text() == "stolen"
    # [0, 1000] to [-1, 1], half of it, and back.
    original = np.load(tmp_path / "in.npy")
    np.testing.assert_allclose(found, original / 2 + 250, atol=0.01)


def test_the_command_takes_the_option(tmp_path, monkeypatch):
    with pytest.raises(GanMriError, match="trust must be True or False. Received: 'no'"):
        gan_mri.translate("model", "in", "out", trust="no")
    seen = {}
    monkeypatch.setattr(command, "translate", lambda **options: seen.update(options))
    command.main(["model", "in", "out"])
    assert seen["trust"] is False
    command.main(["model", "in", "out", "--trust"])
    assert seen["trust"] is True


def python(path):
    return [tf.py_function(lambda: 0.0, [], tf.float32)]


DEEDS = {
    "ReadFile": lambda path: [tf.io.read_file(str(path))],
    "MatchingFiles": lambda path: [tf.io.matching_files(str(path))],
    "EagerPyFunc": python,
    "PyFunc": lambda path: [tf.numpy_function(lambda: 0.0, [], tf.float32)],
    "RestoreV2": lambda path: tf.raw_ops.RestoreV2(
        prefix=str(path), tensor_names=["a"], shape_and_slices=[""], dtypes=[tf.float32]
    ),
    "SaveV2": lambda path: [
        tf.raw_ops.SaveV2(
            prefix=str(path), tensor_names=["a"], shape_and_slices=[""], tensors=[tf.zeros(1)]
        )
    ],
    "PrintV2": lambda path: [tf.raw_ops.PrintV2(input="a", output_stream=f"file://{path}")],
    "MergeV2Checkpoints": lambda path: [
        tf.raw_ops.MergeV2Checkpoints(
            checkpoint_prefixes=[str(path)], destination_prefix=str(path), delete_old_dirs=True
        )
    ],
    "CollectiveReduce": lambda path: [
        tf.raw_ops.CollectiveReduce(
            input=[1.0], group_size=1, group_key=1, instance_key=1, merge_op="Add",
            final_op="Id", subdiv_offsets=[0],
        )
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", DEEDS)
def test_whatever_does_more_than_compute_is_named(tmp_path, name):
    model = hostile.save_with_deed(tmp_path / "model", lambda: DEEDS[name](tmp_path / "secret"))
    with pytest.raises(GanMriError, match=rf"Received one with {name}, which may"):
        Translator(model)


def test_functions_within_functions_count(tmp_path):
    def deeply():
        @tf.function
        def inner():
            with tf.control_dependencies([tf.io.write_file(str(tmp_path / "stolen"), "x")]):
                return tf.constant(1.0)

        condition = tf.random.stateless_uniform([], [1, 2]) < 2
        return [tf.cond(condition, lambda: tf.function(inner)(), lambda: tf.constant(0.0))]

    model = hostile.save_with_deed(tmp_path / "model", deeply)
    with pytest.raises(GanMriError, match="Received one with WriteFile, which"):
        Translator(model)


class AtLoading(tf.Module):
    """Reads a file into a table as soon as it is loaded."""

    def __init__(self, path):
        super().__init__()
        self.tensors = [tf.Variable(0.5)]
        texts = tf.lookup.TextFileInitializer(str(path), tf.string, 0, tf.int64, 1, delimiter=" ")
        self.table = tf.lookup.StaticHashTable(texts, -1)

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 1), tf.float32, "image")])
    def serve(self, image):
        return {"translation": image * self.tensors[0] + tf.cast(self.table.size(), tf.float32)}


def test_what_would_run_when_it_is_loaded_is_refused(tmp_path):
    (tmp_path / "names.txt").write_text("one 1\ntwo 2\n")
    model = hostile.save(AtLoading(tmp_path / "names.txt"), tmp_path / "model")
    with pytest.raises(GanMriError, match="Received one with .*InitializeTableFromTextFileV2"):
        Translator(model)


def test_nothing_of_a_refused_model_is_loaded(tmp_path, monkeypatch):
    def load(*arguments):
        raise AssertionError("loaded")

    monkeypatch.setattr(tf.saved_model, "load", load)
    model = hostile.save_with_deed(tmp_path / "model", write(tmp_path / "stolen"))
    with pytest.raises(GanMriError, match="only computes"):
        Translator(model)
    with pytest.raises(GanMriError, match="only computes"):
        gan_mri.export(model, tmp_path / "copy", format="saved_model")
    with pytest.raises(GanMriError, match="only computes"):
        gan_mri.export(model, tmp_path / "model.onnx", progress=False)
    assert not (tmp_path / "copy").exists() and not (tmp_path / "model.onnx").exists()


SIMPLE = ("welander/simple", (24, 24, 1), {"filters": 2})


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return untrained_exports.export(tmp_path_factory.mktemp("good"), *SIMPLE)


def test_of_our_own_models_no_graph_is_loaded(good, monkeypatch):
    images = np.random.default_rng(0).uniform(-1, 1, (2, 20, 23, 1)).astype(np.float32)
    expected = Translator(good, trust=True)(images)
    monkeypatch.setattr(translator, "_load", None)
    found = Translator(good)
    assert found.network is not None
    np.testing.assert_allclose(found(images), expected, atol=1e-6)


def test_random_numbers_are_those_of_the_exported_graph(tmp_path):
    settings = {"filters": 2, "discriminator_filters": 2, "residual_blocks": 1}
    folder = untrained_exports.export(tmp_path / "noisy", "welander/unit", (24, 24, 1), settings)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 20, 24, 1)).astype(np.float32)
    ours, graph = Translator(folder), Translator(folder, trust=True)
    assert ours.stochastic and ours.network is not None and graph.network is None
    for _ in range(2):
        drawn = ours.sample(images)
        np.testing.assert_allclose(drawn, graph.sample(images), atol=1e-5)
    assert np.abs(drawn - ours.sample(images)).max() > 1e-3


def test_a_graph_that_was_changed_beside_its_weights_does_not_run(good, tmp_path):
    """The weights are those of the network; the graph, which would give others, is not asked."""
    changed = shutil.copytree(good, tmp_path / "changed")
    other = hostile.save_with_deed(tmp_path / "other", list)
    shutil.copy(other / "saved_model.pb", changed / "saved_model.pb")
    images = np.random.default_rng(0).uniform(-1, 1, (1, 20, 20, 1)).astype(np.float32)
    np.testing.assert_array_equal(Translator(changed)(images), Translator(good)(images))


def test_where_the_network_is_another_today_the_graph_runs_and_a_warning_says_so(
    good, tmp_path, caplog
):
    changed = shutil.copytree(good, tmp_path / "changed")
    kept = changed / "assets.extra" / "gan_mri_network.json"
    kept.write_text(kept.read_text().replace("0.", "0.5", 1))
    images = np.zeros((1, 20, 20, 1), np.float32)
    found = Translator(changed)
    assert found.network is None and "they differ by" in caplog.text
    assert "The exported graph is run instead" in caplog.text
    np.testing.assert_allclose(found(images), Translator(good)(images), atol=1e-6)


@pytest.mark.parametrize(
    "recipe", ["wada/method4", "guibas/dual_gan", "isensee/residual_unet", "schilling/synb0"]
)
def test_the_operations_of_our_recipes_are_allowed(recipe):
    method = recipes.get(recipe, **tiny.small(recipe)).for_shape((32, 32, 1))
    channels = 3 if recipe.startswith("wada") else 1
    for network in method.build_translators((None, None, channels), method.task()).values():
        for endpoint in Served(network).endpoints.values():
            graph = endpoint.get_concrete_function().graph.as_graph_def()
            nodes = [*graph.node]
            for function in graph.library.function:
                nodes += function.node_def
            names = {function.signature.name for function in graph.library.function}
            assert {node.op for node in nodes} - names <= operations.ALLOWED


def test_links_are_not_followed_into_a_copy(good, tmp_path):
    model = shutil.copytree(good, tmp_path / "model")
    (tmp_path / "secret").write_text("secret")
    (model / "variables" / "variables.data-00001-of-00002").symlink_to(tmp_path / "secret")
    with pytest.raises(GanMriError, match="Received a link to .*secret, which would be given"):
        gan_mri.export(model, tmp_path / "copy", format="saved_model")
    assert not (tmp_path / "copy").exists()
    (model / "variables" / "variables.data-00001-of-00002").unlink()
    (model / "more").symlink_to(tmp_path / "secret")
    gan_mri.export(model, tmp_path / "copy", format="saved_model")
    assert not (tmp_path / "copy" / "more").exists()
    Translator(tmp_path / "copy")


def test_a_run_is_guarded_as_its_models_are(tmp_path, monkeypatch):
    model = hostile.save_with_deed(tmp_path / "model", write(tmp_path / "stolen"))
    monkeypatch.setattr(Run, "__init__", lambda run, folder: None)
    monkeypatch.setattr(Run, "exported", lambda run, direction: model)
    monkeypatch.setattr(Run, "task", TWO_DOMAINS, raising=False)
    with pytest.raises(GanMriError, match="only computes"):
        Run("run").translator()
    assert not (tmp_path / "stolen").exists()


def cut(path):
    raw = path.read_bytes()
    path.write_bytes(raw[:10])


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("damage", [cut, lambda path: path.write_bytes(b""), lambda p: p.unlink()])
@pytest.mark.parametrize("name", ["variables.index", "variables.data-00000-of-00001"])
def test_weights_that_are_cut_short_are_told(good, tmp_path, name, damage, old):
    model = shutil.copytree(good, tmp_path / "model")
    damage(model / "variables" / name)
    if old:
        (model / "assets.extra" / "gan_mri_network.json").unlink()
    with pytest.raises(GanMriError, match="model: expected a SavedModel .* loading it failed: "):
        Translator(model)
