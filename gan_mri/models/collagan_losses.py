"""CollaGAN's losses, from the images that were made and what the discriminator says of them.

A batch of one target, given by its number among the domains: images of every
domain are real; the target was imputed from the others; the cycles are every
domain imputed again, with the imputed image in the target's place.
"""

import tensorflow as tf

from gan_mri import losses


def discriminator_losses(real, fake, target):
    """The parts of the discriminator's loss.

    Parameters
    ----------
    real : (tensor, tensor)
        Judgements `(K * N, ...)` and logits `(K * N, K)` of the real images of K
        domains, one domain after the other.
    fake : (tensor, tensor)
        The same of the imputed images, then of the cycles, domain after domain:
        `(K + 1) * N`.
    target : scalar tensor of int32

    Returns
    -------
    dict of str to scalar tensor
        "D_real" and "D_fake": mean squared distances of judgements to 1 and to 0;
        "D_class": mean cross-entropy of the logits of real images.
    """
    count = real[1].shape[-1]
    maps, logits = (tf.split(one, count) for one in real)
    # The target's real image stands against two: the imputed one and its cycle.
    weights = 1 + tf.one_hot(target, count, dtype=maps[0].dtype)
    errors = tf.stack([losses.mean_squared_error(1.0, one) for one in maps])
    return {
        "D_real": tf.reduce_sum(weights * errors) / (count + 1),
        "D_fake": losses.mean_squared_error(0.0, fake[0]),
        "D_class": tf.add_n([_cross_entropy(one, k) for k, one in enumerate(logits)]) / count,
    }


def adversarial_losses(fake, target):
    """What the generator is told by the discriminator, for each domain.

    Parameters
    ----------
    fake, target
        As for `discriminator_losses`.

    Returns
    -------
    dict of str to list of scalar tensor
        "adversarial": mean squared distance of the judgements of the domain's
        cycle to 1; "class": cross-entropy of its logits. Of the target, those of
        the imputed image are added.
    """
    count = fake[1].shape[-1]
    maps, logits = (tf.split(one, count + 1) for one in fake)
    imputed = losses.mean_squared_error(1.0, maps[0]), _cross_entropy(logits[0], target)
    found = {"adversarial": [], "class": []}
    for k in range(count):
        cycle = losses.mean_squared_error(1.0, maps[k + 1]), _cross_entropy(logits[k + 1], k)
        for values, of_cycle, of_imputed in zip(found.values(), cycle, imputed):
            values.append(of_cycle + where(tf.equal(target, k), of_imputed))
    return found


def structural_loss(truth, image):
    """`-log((1 + SSIM) / 2)`, a scalar, 0 for equal images.

    Images are in [-1, 1], of at least 11 pixels along every axis, see
    `gan_mri.losses.structural_dissimilarity`; the SSIM is the mean over a batch.
    """
    return -tf.math.log(1 - losses.structural_dissimilarity(truth, image) / 2)


def where(condition, value):
    """The value where a scalar condition holds, else 0."""
    return tf.where(condition, value, tf.zeros_like(value))


def _cross_entropy(logits, contrast):
    """Mean cross-entropy of logits `(N, K)` against one contrast's number."""
    labels = tf.fill(tf.shape(logits)[:1], contrast)
    return tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    )
