"""The memory that this process has, as Linux counts it."""

import sys


def resident(peak=False):
    """Bytes of the process that lie in memory; None where the system does not say.

    Parameters
    ----------
    peak : bool
        The most so far, or since `forget_peak`.
    """
    field = "VmHWM" if peak else "VmRSS"
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            for line in status:
                if line.startswith(f"{field}:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return _by_getrusage() if peak else None


def forget_peak():
    """Let the peak begin again at what the process has now; returns whether the system can."""
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")  # proc(5): resets VmHWM
    except OSError:
        return False
    return True


def _by_getrusage():
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
