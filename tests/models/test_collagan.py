"""CollaGAN: the update against NumPy and by hand, and what it promises of targets and inputs."""

import numpy as np
import pytest
import tensorflow as tf
import tiny
from skimage.metrics import structural_similarity

from gan_mri import recipes
from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.models.collagan import CollaGAN
from gan_mri.models.collagan_losses import structural_loss
from gan_mri.networks.inputs import call_by_name
from gan_mri.tasks import Task

DOMAINS = ("T1w", "T2w", "FLAIR")
SHAPE = (13, 16, 1)
SMALL = {
    "filters": 3,
    "branch_filters": 2,
    "levels": 1,
    "discriminator_filters": 2,
    "discriminator_dropout": 0.0,
}
#: A rate at which an update is visible.
RATE = 1e-3


def system(shape=SHAPE, *, domains=DOMAINS, dtype="float64", seed=3, **settings):
    settings = {**SMALL, "learning_rate": RATE, **settings}
    return recipes.build(
        "lee/collagan", shape, contrasts=domains, dtype=dtype, seed=seed, **settings
    )


def batch(shape=SHAPE, *, domains=DOMAINS, number=2, seed=0, dtype="float64"):
    return {
        domain: tiny.images(number, *shape, seed=100 * seed + k, dtype=dtype)
        for k, domain in enumerate(domains)
    }


def step(model, images):
    return {name: float(value) for name, value in model.train_step(images).items()}


def missing_of(results, domains=DOMAINS):
    (target,) = [domain for domain in domains if results[f"cycle_{domain}"] == 0]
    return target


def imputed(model, images, target):
    """The generator called by hand: zeros, which are -1 here, and the planes of the target."""
    shown = [np.full_like(one, -1) if domain == target else one for domain, one in images.items()]
    planes = np.zeros((*shown[0].shape[:-1], len(shown)))
    planes[..., list(images).index(target)] = 1
    return model.generator([*shown, planes], training=True)


def images_of_a_step(model, images, target):
    """The imputed image and the cycles by domain."""
    made = imputed(model, images, target)
    complete = images | {target: np.array(made)}
    return made, {domain: imputed(model, complete, domain) for domain in images}


def cross_entropy(logits, label):
    logits = np.array(logits)
    logits = logits - logits.max(-1, keepdims=True)
    return np.mean(np.log(np.exp(logits).sum(-1)) - logits[:, label])


def ssim(truth, image):
    """Of one image, over the windows within it."""
    return structural_similarity(
        truth[..., 0],
        image[..., 0],
        data_range=2,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )


def expected_terms(model, images, target):
    """Every term by the paper's formulas in NumPy."""
    first, cycles = images_of_a_step(model, images, target)
    judged = {name: model.discriminator(one) for name, one in images.items()}
    of_first = model.discriminator(first)
    values, fake, real = {}, [np.mean(np.square(of_first[0]))], []
    for k, (domain, truth) in enumerate(images.items()):
        image = np.array(cycles[domain])
        maps, logits = model.discriminator(image)
        values[f"adversarial_{domain}"] = np.mean((np.array(maps) - 1) ** 2)
        values[f"class_{domain}"] = cross_entropy(logits, k)
        if domain == target:
            values[f"adversarial_{domain}"] += np.mean((np.array(of_first[0]) - 1) ** 2)
            values[f"class_{domain}"] += cross_entropy(of_first[1], k)
        given = domain != target
        values[f"cycle_{domain}"] = given * np.mean(np.abs(image - truth))
        mean_ssim = np.mean([ssim(*pair) for pair in zip(truth, image)])
        values[f"structure_{domain}"] = given * -np.log((1 + mean_ssim) / 2)
        fake.append(np.mean(np.square(maps)))
        # Beside the imputed image and beside the target's cycle.
        real += [np.mean((np.array(judged[domain][0]) - 1) ** 2)] * (1 if given else 2)
    classes = [cross_entropy(logits, k) for k, (_, logits) in enumerate(judged.values())]
    values |= {"D_real": np.mean(real), "D_fake": np.mean(fake), "D_class": np.mean(classes)}
    weights = {"adversarial": 1, "class": 1, "cycle": 10, "structure": 1}
    values["G_total"] = sum(
        weights[name.partition("_")[0]] * value
        for name, value in values.items()
        if not name.startswith("D_")
    )
    return values


@pytest.mark.parametrize(("domains", "steps"), [(DOMAINS, 2), (("a", "b", "c", "d"), 1)])
def test_losses_are_those_of_numpy(domains, steps):
    model = system(domains=domains)
    for seed in range(steps):
        images = batch(domains=domains, seed=seed)
        before = [network.get_weights() for network in model.networks.values()]
        results = step(model, images)
        target = missing_of(results, domains)
        after = [network.get_weights() for network in model.networks.values()]
        for network, weights in zip(model.networks.values(), before):
            network.set_weights(weights)
        expected = expected_terms(model, images, target)
        for network, weights in zip(model.networks.values(), after):
            network.set_weights(weights)
        assert results.keys() == expected.keys()
        for name, value in expected.items():
            np.testing.assert_allclose(results[name], value, rtol=1e-9, atol=1e-12, err_msg=name)


def first_step(gradient, rate=RATE, beta_1=0.5, beta_2=0.999):
    """What Adam's first step adds."""
    gradient = np.array(gradient)
    m, v = (1 - beta_1) * gradient, (1 - beta_2) * gradient**2
    return -rate * np.sqrt(1 - beta_2) / (1 - beta_1) * m / (np.sqrt(v) + 1e-7)


@pytest.mark.parametrize("class_step", [True, False])
def test_updates_are_adam_at_the_weights_before(class_step):
    """Those of the discriminator twice, the second time for the class alone."""
    model, images = system(class_step=class_step), batch()
    networks = model.networks
    before = tiny.weights(model)
    target = missing_of(step(model, images))
    after = tiny.weights(model)
    for name, network in networks.items():
        network.set_weights(before[name])
    variables = {
        name: tf_variables(network.trainable_variables) for name, network in networks.items()
    }
    with tf.GradientTape(persistent=True) as tape:
        made, cycles = by_tensors(model, images, target)
        D_loss, class_loss, G_loss = losses_by_tensors(model, images, target, made, cycles)
    D, G = variables["discriminator"], variables["generator"]
    moved = {"generator": [first_step(one) for one in tape.gradient(G_loss, G)]}
    both = [first_step(one) for one in tape.gradient(D_loss, D)]
    if class_step:
        alone = tape.gradient(class_loss, D, unconnected_gradients="zero")
        both = [one + first_step(other) for one, other in zip(both, alone, strict=True)]
    moved["discriminator"] = both
    for name in networks:
        for start, change, end in zip(before[name], moved[name], after[name], strict=True):
            np.testing.assert_allclose(end - start, change, rtol=1e-5, atol=1e-9)


def by_tensors(model, images, target):
    def make(shown, wanted):
        inputs = [
            tf.fill(tf.shape(one), tf.constant(-1.0, tf.float64)) if domain == wanted else one
            for domain, one in shown.items()
        ]
        plane = tf.one_hot(list(shown).index(wanted), len(shown), dtype=tf.float64)
        planes = tf.zeros((*inputs[0].shape[:-1], len(shown)), tf.float64) + plane
        return model.generator([*inputs, planes], training=True)

    images = {domain: tf.constant(one) for domain, one in images.items()}
    made = make(images, target)
    return made, {domain: make(images | {target: made}, domain) for domain in images}


def losses_by_tensors(model, images, target, made, cycles):
    """The losses of the code: sums for the generator, means for the discriminator."""

    def entropy(logits, label):
        return -tf.reduce_mean(tf.nn.log_softmax(logits)[:, label])

    judge, names = model.discriminator, list(images)
    number, count = names.index(target), len(names)
    pairs = [(made, images[target], number)]
    pairs += [(cycles[name], images[name], k) for k, name in enumerate(names)]
    D_loss = G_loss = 0.0
    for fake, real, label in pairs:
        maps, logits = judge(fake)
        D_loss += tf.reduce_mean((judge(real)[0] - 1) ** 2) / (count + 1)
        D_loss += tf.reduce_mean(maps**2) / (count + 1)
        G_loss += tf.reduce_mean((maps - 1) ** 2) + entropy(logits, label)
    for name in names:
        if name != target:
            G_loss += 10 * tf.reduce_mean(tf.abs(cycles[name] - images[name]))
            G_loss += structural_loss(images[name], cycles[name])
    class_loss = sum(entropy(judge(images[name])[1], k) for k, name in enumerate(names))
    return D_loss + class_loss / count, class_loss, G_loss


def test_no_term_compares_with_the_missing_image():
    """The generator learns the same, whatever the missing image really is."""
    images = batch()
    target = missing_of(step(system(), images))
    other = images | {target: -images[target]}
    plain, changed = step(system(), images), step(system(), other)
    for name in plain:
        if not name.startswith("D_"):
            assert plain[name] == changed[name], name
    assert plain["D_real"] != changed["D_real"]
    told = {"supervised_weight": 2.0, "image_losses": "l2:3,discriminator_features:4"}
    plain, changed = (step(system(**told), one) for one in (images, other))
    for name in ("supervised", "l2", "discriminator_features"):
        assert plain[f"{name}_{target}"] != changed[f"{name}_{target}"]
        elsewhere = [plain[f"{name}_{domain}"] for domain in DOMAINS if domain != target]
        assert elsewhere == [0, 0]
    made = np.array(imputed(system(), images, target))
    expected = np.mean(np.abs(made - images[target]))
    np.testing.assert_allclose(plain[f"supervised_{target}"], expected, rtol=1e-10)
    expected = np.mean(np.square(made - images[target]))
    np.testing.assert_allclose(plain[f"l2_{target}"], expected, rtol=1e-10)


def test_terms_are_declared_with_their_weights_and_directions():
    model = system(supervised_weight=2.0, image_losses="l1:5")
    results, terms = step(model, batch()), model.terms
    assert results.keys() == terms.keys()
    assert terms["cycle_T2w"] == ("image", 10.0, "T2w")
    assert terms["structure_FLAIR"] == ("image", 1.0, "FLAIR")
    assert terms["adversarial_T1w"] == ("generator", 1.0, "T1w")
    assert terms["class_T1w"] == ("generator", 1.0, "T1w")
    assert terms["supervised_T1w"] == ("image", 2.0, "T1w")
    assert terms["l1_T1w"] == ("image", 5.0, "T1w")
    kinds = {name: term.kind for name, term in terms.items()}
    assert [name for name in kinds if kinds[name] == "discriminator"] == [
        "D_real",
        "D_fake",
        "D_class",
    ]
    total = sum(
        terms[name].weight * value
        for name, value in results.items()
        if kinds[name] in ("generator", "image")
    )
    np.testing.assert_allclose(results["G_total"], total, rtol=1e-12)


def test_targets_come_evenly():
    model = system()
    drawn = np.array([int(model._draw(3)[0]) for _ in range(300)])
    counts = np.bincount(drawn, minlength=3)
    # Five standard deviations of a third of 300.
    assert counts.sum() == 300 and np.all(np.abs(counts - 100) < 5 * np.sqrt(300 * 2 / 9))
    assert np.any(drawn[1:] == drawn[:-1])
    again, other = system(), system(seed=4)
    assert [int(again._draw(3)[0]) for _ in range(300)] == drawn.tolist()
    assert [int(other._draw(3)[0]) for _ in range(300)] != drawn.tolist()


def test_without_input_dropout_the_target_alone_is_missing():
    model = system()
    for _ in range(10):
        target, kept = model._draw(3)
        assert np.array(kept).tolist() == [k != int(target) for k in range(3)]


def test_input_dropout_leaves_one():
    model = system(domains=("a", "b", "c", "d"), input_dropout=0.6)
    shown = []
    for _ in range(300):
        target, kept = model._draw(4)
        assert not kept[int(target)]
        shown.append(int(np.sum(kept)))
    # Of three, each there with probability 0.4: none would be in 0.6^3 of the draws.
    share = np.bincount(shown, minlength=4) / 300
    expected = np.array([0, 3 * 0.4 * 0.36 + 0.216, 3 * 0.16 * 0.6, 0.064])
    np.testing.assert_allclose(share, expected, atol=5 * np.sqrt(0.25 / 300))
    assert share[0] == 0


def test_a_dropped_input_is_background():
    """The first image is made from one; the cycles see all."""
    model, images = system(input_dropout=0.999), batch()
    before = model.generator.get_weights()
    results = step(model, images)
    target = missing_of(results)
    model.generator.set_weights(before)
    model.discriminator.set_weights(system().discriminator.get_weights())
    errors = []
    for shown in DOMAINS:
        if shown == target:
            continue
        few = {
            name: one if name == shown else np.full_like(one, -1) for name, one in images.items()
        }
        complete = images | {target: np.array(imputed(model, few, target))}
        cycle = {name: np.array(imputed(model, complete, name)) for name in DOMAINS}
        errors.append(
            max(
                abs(np.mean(np.abs(cycle[name] - images[name])) - results[f"cycle_{name}"])
                for name in DOMAINS
                if name != target
            )
        )
    assert min(errors) < 1e-12 < max(errors)


def test_translators_are_those_of_the_directions():
    model, images = system(), batch()
    made = model(images)
    assert list(made) == list(DOMAINS)
    for direction in model.task.directions:
        inputs = direction.inputs(images)
        assert direction.target not in inputs and len(inputs) == 2
        translated = call_by_name(model.translators[direction.name], inputs)
        np.testing.assert_array_equal(made[direction.target], translated)
        by_hand = imputed(model, images, direction.target)
        np.testing.assert_allclose(translated, by_hand, rtol=0, atol=1e-13)


def test_state_resumes_the_targets(tmp_path):
    """And dropout, and the steps of three Adams."""
    settings = {"discriminator_dropout": 0.5, "input_dropout": 0.2}
    model, other = system(**settings), system(**settings)
    other.train_step(batch(number=1, seed=99))
    for seed in range(2):
        model.train_step(batch(number=1, seed=seed))
    path = tf.train.Checkpoint(**model.state()).write(str(tmp_path / "state"))
    tf.train.Checkpoint(**other.state()).read(path).assert_existing_objects_matched()
    for seed in range(2, 4):
        images = batch(number=1, seed=seed)
        assert step(model, images) == step(other, images)
    ours, theirs = tiny.weights(model), tiny.weights(other)
    for name in ours:
        for a, b in zip(ours[name], theirs[name], strict=True):
            np.testing.assert_array_equal(a, b)


def test_three_optimizers_take_every_step():
    model = system(structure_weight=0.0)
    for seed in range(2):
        model.train_step(batch(number=1, seed=seed))
    assert list(model.optimizers_by_name) == ["D", "C", "G"]
    assert [int(one.iterations) for one in model.optimizers_by_name.values()] == [2, 2, 2]


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((17, 18, 3), "float32"), ((12, 13, 11, 1), "float32"), ((32, 32, 1), "bfloat16")],
)
def test_three_steps_are_finite(shape, dtype):
    model = system(shape, dtype=dtype, discriminator_dropout=0.5, recompute=len(shape) == 4)
    train = tf.function(model.train_step)
    for seed in range(3):
        images = batch(shape, number=1, seed=seed, dtype="float32")
        results = train({name: tf.constant(one) for name, one in images.items()})
        assert all(value.dtype == tf.float32 for value in results.values())
        assert all(np.isfinite(value) for value in results.values())
    for network in model.networks.values():
        assert all(np.all(np.isfinite(weight)) for weight in network.get_weights())


def test_structural_loss_needs_no_similarity_where_its_weight_is_0():
    """Images too small for its window train without it."""
    model = system((9, 10, 1), structure_weight=0.0)
    results = step(model, batch((9, 10, 1)))
    assert not any(name.startswith("structure") for name in results)
    with pytest.raises(GanMriError, match="ssim: expected images of at least 11 pixels"):
        system((9, 10, 1)).train_step(batch((9, 10, 1)))


def test_a_tuple_in_the_order_of_the_domains():
    images = batch(number=1)
    assert step(system(), images) == step(system(), tuple(images.values()))


def test_a_task_of_another_kind_is_refused():
    model = system()
    for task in (Task.between("A", "B"), Task.each_from_the_others(("a", "b", "c", "d"))):
        with pytest.raises(GanMriError, match="task: expected each of 3 domains from all others"):
            CollaGAN(model.generator, model.discriminator, task)


def test_losses_that_the_system_cannot_compute_are_refused():
    with pytest.raises(GanMriError, match="image_losses.*'self_regularization'"):
        system(image_losses="self_regularization:1")
