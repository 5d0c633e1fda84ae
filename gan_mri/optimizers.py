"""Adam with one step counter for several networks, as the 2018 code ran it."""

import tensorflow as tf


class Adam(tf.Module):
    """Adam whose step counter and learning rate are shared by groups of variables.

    In Keras 2.1 one Adam object could serve several compiled models: each had
    moments of its own, but the counter t of the bias correction was common.
    GAN-MRI trains both discriminators with one such object and the generators
    with another, so that its early steps differ from those of private
    counters by up to sqrt(2). A *group* here is what a compiled model was
    there: a list of variables with moments of its own.

        m = beta_1 m + (1 - beta_1) g
        v = beta_2 v + (1 - beta_2) g^2
        w = w - rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon)

    (Kingma and Ba 2015, the form before section 2.1, with epsilon outside of
    the root and not rescaled.) Each update is one fused operation, several
    times faster on a CPU than the same formula operation by operation.
    Gradients are summed over the replicas of the present `tf.distribute`
    strategy. Create it, and its groups, under the strategy's scope.

    Parameters
    ----------
    learning_rate : float
    beta_1, beta_2, epsilon : float
    dtype : str
        "float32" or "float64", that of the variables.
    loss_scaling : bool
        For float16: gradients of a loss multiplied by `scale_loss` are divided
        again, steps with a gradient that is not finite are left out and the
        scale is halved; after 2000 good steps it is doubled.
    """

    def __init__(
        self,
        learning_rate,
        *,
        beta_1=0.5,
        beta_2=0.999,
        epsilon=1e-7,
        dtype="float32",
        loss_scaling=False,
        name="adam",
    ):
        super().__init__(name=name)
        self.initial_learning_rate = learning_rate
        self.learning_rate = _counter(learning_rate, dtype, "learning_rate")
        self.iterations = _counter(0, "int64", "iterations")
        self.moments = {}
        self._variables = {}
        self._constants = [tf.constant(value, dtype) for value in (beta_1, beta_2, epsilon)]
        self.loss_scale = _counter(2.0**15, "float32", "loss_scale") if loss_scaling else None
        self.good_steps = _counter(0, "int64", "good_steps") if loss_scaling else None

    def add_group(self, name, variables):
        """Give a list of `tf.Variable`s moments of their own under `name`."""
        self._variables[name] = list(variables)
        self.moments[name] = [
            tf.Variable(tf.zeros(variable.shape, variable.dtype), trainable=False)
            for _ in range(2)
            for variable in variables
        ]

    def variables_of(self, name):
        """The variables of a group, in the order `apply` takes gradients."""
        return self._variables[name]

    def scale_loss(self, loss):
        """Multiply a loss by the present scale before its gradient is taken."""
        if self.loss_scale is None:
            return loss
        return loss * tf.cast(self.loss_scale, loss.dtype)

    def apply(self, name, gradients, when=True):
        """One step of a group.

        Parameters
        ----------
        name : str
        gradients : list of tensor
            One for each variable of the group.
        when : bool or scalar bool tensor
            Where false, nothing changes: neither variables, nor moments, nor
            the counter. A mask and not a branch, because replicas may not
            talk to each other inside a branch.
        """
        gradients = _sum_over_replicas(gradients)
        when = tf.convert_to_tensor(when)
        if self.loss_scale is not None:
            gradients, when = self._unscale(gradients, when)
        self.iterations.assign_add(tf.cast(when, tf.int64))
        beta_1, beta_2, epsilon = self._constants
        dtype = beta_1.dtype
        step = tf.cast(tf.maximum(tf.convert_to_tensor(self.iterations), 1), dtype)
        rate = tf.where(when, tf.convert_to_tensor(self.learning_rate), 0)
        # With betas of 1 and a rate of 0 the formula returns what it was given.
        keep_1, keep_2 = tf.where(when, beta_1, 1), tf.where(when, beta_2, 1)
        power_1, power_2 = tf.pow(beta_1, step), tf.pow(beta_2, step)
        variables = self._variables[name]
        first, second = (
            self.moments[name][: len(variables)],
            self.moments[name][len(variables) :],
        )
        for variable, m, v, gradient in zip(variables, first, second, gradients):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=m.handle,
                v=v.handle,
                beta1_power=power_1,
                beta2_power=power_2,
                lr=rate,
                beta1=keep_1,
                beta2=keep_2,
                epsilon=epsilon,
                grad=gradient,
            )

    def _unscale(self, gradients, when):
        scale = tf.convert_to_tensor(self.loss_scale)
        finite = tf.reduce_all(
            [tf.reduce_all(tf.math.is_finite(gradient)) for gradient in gradients]
        )
        gradients = [
            tf.where(finite, gradient / tf.cast(scale, gradient.dtype), 0) for gradient in gradients
        ]
        good = tf.where(finite, tf.convert_to_tensor(self.good_steps) + 1, 0)
        double = good >= 2000
        scale = tf.where(finite, tf.where(double, 2 * scale, scale), scale / 2)
        self.loss_scale.assign(tf.maximum(scale, 1.0))
        self.good_steps.assign(tf.where(double, tf.zeros_like(good), good))
        return gradients, tf.logical_and(when, finite)


def _counter(value, dtype, name):
    # Every replica writes the same value, so the first one's stands for all.
    return tf.Variable(
        value,
        dtype=dtype,
        name=name,
        trainable=False,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )


def _sum_over_replicas(gradients):
    replicas = tf.distribute.get_replica_context()
    if replicas is None or replicas.num_replicas_in_sync == 1:
        return gradients
    return replicas.all_reduce(tf.distribute.ReduceOp.SUM, gradients)
