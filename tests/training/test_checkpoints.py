import json
import os
import shutil

import numpy as np
import pytest
import tensorflow as tf
import tiny

from gan_mri.errors import GanMriError
from gan_mri.training import checkpoints as checkpoints_module
from gan_mri.training.checkpoints import Checkpoints


class Part(tf.Module):
    """Something that training changes."""

    def __init__(self, shape=(3,)):
        super().__init__()
        self.value = tf.Variable(tf.zeros(shape))


class Model:
    """What `Checkpoints` needs of a model."""

    def __init__(self, shape=(3,)):
        self.part = Part(shape)

    def state(self):
        return {"part": self.part}


def saved(folder, *steps, best=()):
    """A model and its checkpoints after saving its value, the step, at every step."""
    model = Model()
    checkpoints = Checkpoints(folder, model)
    for step in steps:
        model.part.value.assign([step, step + 0.5, -step])
        checkpoints.save({"step": step, "sums": {"D": step / 3}}, best=step in best)
    return model, checkpoints


def folders(path):
    return sorted(entry.name for entry in path.iterdir() if entry.is_dir())


def test_a_checkpoint_comes_back_into_another_model(tmp_path):
    saved(tmp_path, 7)
    model = Model()
    state = Checkpoints(tmp_path, model).restore()
    assert state == {"step": 7, "sums": {"D": 7 / 3}}
    np.testing.assert_array_equal(model.part.value.numpy(), [7, 7.5, -7])


def test_several_of_the_last_are_kept(tmp_path):
    """And those that are no more, where a run goes on and keeps fewer."""
    model = Model()
    checkpoints = Checkpoints(tmp_path, model, keep=3)
    for step in (1, 2, 3, 4, 5):
        checkpoints.save({"step": step, "sums": {}}, best=step == 1)
    assert folders(tmp_path) == [f"step-0000000{step}" for step in (1, 3, 4, 5)]
    assert checkpoints.index() == {
        "last": "step-00000005",
        "kept": ["step-00000004", "step-00000003"],
        "best": "step-00000001",
    }
    # The same step again, as after an epoch that was measured later.
    checkpoints.save({"step": 5, "sums": {}})
    assert checkpoints.index()["kept"] == ["step-00000004", "step-00000003"]
    fewer = Checkpoints(tmp_path, model, keep=1)
    assert fewer.restore()["step"] == 5
    fewer.save({"step": 6, "sums": {}})
    assert folders(tmp_path) == ["step-00000001", "step-00000006"]
    assert fewer.index() == {"last": "step-00000006", "best": "step-00000001"}


def test_only_the_last_and_the_best_are_kept(tmp_path):
    model, checkpoints = saved(tmp_path, 1, 2, 3, 4, best=(2,))
    assert folders(tmp_path) == ["step-00000002", "step-00000004"]
    assert checkpoints.index() == {"last": "step-00000004", "best": "step-00000002"}
    assert checkpoints.restore("best")["step"] == 2
    assert model.part.value.numpy()[0] == 2
    assert checkpoints.restore("last")["step"] == 4
    assert model.part.value.numpy()[0] == 4


def test_one_folder_may_be_both(tmp_path):
    _, checkpoints = saved(tmp_path, 1, 2, best=(1, 2))
    assert folders(tmp_path) == ["step-00000002"]
    assert checkpoints.index() == {"last": "step-00000002", "best": "step-00000002"}


def test_nothing_saved(tmp_path):
    checkpoints = Checkpoints(tmp_path / "checkpoints", Model())
    assert checkpoints.index() == {}
    for which in ("last", "best"):
        with pytest.raises(GanMriError, match=f"checkpoints holds no {which} checkpoint"):
            checkpoints.restore(which)
    assert list(tmp_path.iterdir()) == []


def fail(*arguments, **keywords):
    raise OSError("crash, on purpose")


@pytest.mark.parametrize("moment", ["variables", "state", "rename", "index"])
def test_a_crash_leaves_the_previous_checkpoint(tmp_path, monkeypatch, moment):
    model, checkpoints = saved(tmp_path, 1, 2, best=(1,))
    with monkeypatch.context() as patch:
        if moment == "variables":
            patch.setattr(checkpoints, "_checkpoint", type("Broken", (), {"write": fail}))
        elif moment == "rename":
            patch.setattr(os, "replace", fail)
        else:
            real = checkpoints_module.write_json
            broken = {"state": "state.json", "index": "index.json"}[moment]
            patch.setattr(
                checkpoints_module,
                "write_json",
                lambda path, content: (fail if path.name == broken else real)(path, content),
            )
        with pytest.raises((OSError, GanMriError), match="on purpose"):
            checkpoints.save({"step": 3, "sums": {}}, best=True)
    again = Model()
    after = Checkpoints(tmp_path, again)
    assert after.index() == {"last": "step-00000002", "best": "step-00000001"}
    assert after.restore()["step"] == 2
    np.testing.assert_array_equal(again.part.value.numpy(), [2, 2.5, -2])
    # The next one clears up, also where the folder of the same step was left over.
    after.save({"step": 3, "sums": {}})
    assert folders(tmp_path) == ["step-00000001", "step-00000003"]
    assert after.restore()["step"] == 3


def test_who_does_not_write_leaves_nothing(tmp_path):
    Checkpoints(tmp_path / "run" / "checkpoints", Model(), writes=False).save({"step": 1})
    assert list(tmp_path.iterdir()) == []


def change(path, function):
    path.write_bytes(function(path.read_bytes()))


def inverted(data):
    return bytes(255 - byte for byte in data)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: shutil.rmtree(folder),
        lambda folder: (folder / "variables.index").write_bytes(b"not an index"),
        lambda folder: change(folder / "variables.data-00000-of-00001", lambda data: b""),
        lambda folder: change(folder / "variables.data-00000-of-00001", lambda data: data[:9]),
        lambda folder: change(folder / "variables.data-00000-of-00001", inverted),
        lambda folder: (folder / "state.json").unlink(),
        lambda folder: (folder / "state.json").write_text("{"),
    ],
    ids=["no folder", "index", "no data", "half the data", "other data", "no state", "state"],
)
def test_a_damaged_checkpoint_is_named(tmp_path, damage):
    saved(tmp_path, 5)
    damage(tmp_path / "step-00000005")
    with pytest.raises(GanMriError, match="step-00000005"):
        Checkpoints(tmp_path, Model()).restore()


def test_a_checkpoint_of_another_shape_is_named(tmp_path):
    saved(tmp_path, 5)
    with pytest.raises(GanMriError, match="step-00000005 does not fit this model"):
        Checkpoints(tmp_path, Model((4,))).restore()


def test_a_checkpoint_of_another_system_is_named(tmp_path):
    Checkpoints(tmp_path, tiny.cyclegan()).save({"step": 1, "sums": {}})
    for other in ({"filters": 3}, {"residual_blocks": 2}, {"pool_size": 3}):
        with pytest.raises(GanMriError, match="checkpoint of another recipe or other settings"):
            Checkpoints(tmp_path, tiny.cyclegan(**other)).restore()


def test_two_steps_and_two_more_are_four(tmp_path):
    """Bit for bit: weights, moments, counters, power iterations and pools.

    In bfloat16 here; test_session.py has float32, through everything.
    """

    def start():
        model = tiny.cyclegan(
            (20, 20, 1),
            dtype="bfloat16",
            residual_blocks=0,
            pool_size=2,
            identity_modulus=2,
            spectral_normalization=True,
        )
        return model, tf.function(model.train_step)

    def advance(step_function, steps):
        for step in steps:
            A, B = tiny.pair(1, 20, 20, 1, seed=step, dtype="float32")
            losses = step_function((tf.constant(A), tf.constant(B)))
        return {name: float(value) for name, value in losses.items()}

    whole, step_function = start()
    advance(step_function, range(2))
    Checkpoints(tmp_path / "half", whole).save({"step": 2, "sums": {}})
    losses = advance(step_function, range(2, 4))
    Checkpoints(tmp_path / "whole", whole).save({"step": 4})

    resumed, step_function = start()
    assert Checkpoints(tmp_path / "half", resumed).restore() == {"step": 2, "sums": {}}
    assert advance(step_function, range(2, 4)) == losses
    Checkpoints(tmp_path / "again", resumed).save({"step": 4})
    one, other = (
        tf.train.load_checkpoint(str(tmp_path / name / "step-00000004" / "variables"))
        for name in ("whole", "again")
    )
    names = [name for name in one.get_variable_to_shape_map() if "OBJECT_GRAPH" not in name]
    assert {name.split("/")[0] for name in names} == set(whole.state())
    for name in names:
        np.testing.assert_array_equal(one.get_tensor(name), other.get_tensor(name), err_msg=name)


@pytest.mark.parametrize(
    "file, content, words",
    [
        ("index.json", {"last": "../other"}, 'last is "../other"'),
        ("index.json", {"last": "step-00000007", "kept": "all"}, "kept is"),
        ("index.json", [], "a JSON list"),
        ("step-00000007/state.json", {"step": -7, "sums": {}}, "step is -7"),
        ("step-00000007/state.json", {"step": 7}, "sums is missing"),
        ("step-00000007/state.json", {"step": 7, "sums": {"D": "much"}}, "sums.D is"),
    ],
)
def test_files_of_another_structure_are_refused(tmp_path, file, content, words):
    saved(tmp_path, 7)
    (tmp_path / file).write_text(json.dumps(content))
    with pytest.raises(GanMriError) as caught:
        Checkpoints(tmp_path, Model()).restore()
    assert str(caught.value).startswith(f"{tmp_path / file}: expected ")
    assert words in str(caught.value)
