"""Bytes and seconds in words."""


def gib(count):
    """Bytes as people say them.

    Examples
    --------
    >>> gib(3 * 2**29), gib(5 * 2**20), gib(300)
    ('1.50 GiB', '5.0 MiB', '0.3 KiB')
    """
    for unit, size, digits in (("GiB", 2**30, 2), ("MiB", 2**20, 1)):
        if count >= size or (unit == "GiB" and count >= 100 * 2**20):
            return f"{count / size:.{digits}f} {unit}"
    return f"{count / 2**10:.1f} KiB"


def duration(seconds):
    """A time as people say it.

    Examples
    --------
    >>> duration(0.25), duration(90), duration(5000), duration(200000)
    ('0.25 s', '90 s', '1 h 23 min', '2 d 8 h')
    """
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"
