"""What discriminators and generators play for, with the gradient penalty where there is one."""

from gan_mri import losses, seeds
from gan_mri.layers import RandomStream


class AdversarialGame:
    """The losses of both sides, from judgements that are made here.

    Parameters
    ----------
    pair : gan_mri.losses.Adversarial
    seed : int
        Of the system, for the points of a gradient penalty. Its pools, noise
        and dropout draw other numbers from the same seed.

    Attributes
    ----------
    random_streams : list of gan_mri.layers.RandomStream
        One where there is a gradient penalty.
    """

    def __init__(self, pair, seed=0):
        self.pair, self.random_streams = pair, []
        if pair.penalty_weight:
            # Below 2**31: replicas differ in the bits above.
            own = seeds.integer(seed, "gradient penalty") % 2**31
            self.random_streams.append(RandomStream(own))

    def discriminator(self, judge, images, *, real, against=None):
        """The loss of a discriminator that is shown images, a scalar.

        Parameters
        ----------
        judge : callable
            The discriminator, see `gan_mri.losses.adversarial`.
        images : tensor (N, *spatial, C)
        real : bool
        against : tensor (N, *spatial, C), optional
            Beside synthetic images, real ones: a gradient penalty is taken between the two.
        """
        loss = self.pair.discriminator(judge(images, training=True), real)
        if real or not self.pair.penalty_weight:
            return loss
        (stream,) = self.random_streams
        penalty = losses.gradient_penalty(judge, against, images, stream.next())
        return loss + self.pair.penalty_weight * penalty

    def generator(self, judgements):
        """The loss of a generator whose images were judged so, a scalar."""
        return self.pair.generator(judgements)
