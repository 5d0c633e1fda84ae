"""Memory, time and disk of a training or a translation, told before it starts."""
