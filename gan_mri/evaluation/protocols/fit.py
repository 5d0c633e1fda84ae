"""Which directions a protocol can measure, asked before anything is translated."""

from gan_mri.errors import GanMriError
from gan_mri.evaluation.assembly import Assembly
from gan_mri.evaluation.cases import Cases


def fitting_cases(protocol, data, run):
    """The test images of the directions that a protocol fits.

    Parameters
    ----------
    protocol : gan_mri.evaluation.protocols.protocol.Protocol
    data : gan_mri.data.TranslationData
    run : gan_mri.runs.run.Run

    Returns
    -------
    (gan_mri.evaluation.cases.Cases, list of str)
        And what was left out, in words.

    Raises
    ------
    GanMriError
        If it fits none.
    """
    geometry = run.view.geometry
    cases = Cases(data, geometry, run.task)
    assembly, why = Assembly(cases), {}
    for name in cases.ways:
        if name in cases.unpaired:
            why[name] = "no true image of the same subject and slice to compare with"
            continue
        reasons = map(protocol.unfit, assembly.targets(name))
        reason = next(filter(None, reasons), None)
        if reason is not None:
            why[name] = reason
    if len(why) == len(cases.ways):
        received = "; ".join(f"{cases.ways[name]}: {reason}" for name, reason in why.items())
        raise GanMriError(
            f"{run.folder}: the protocol {protocol.name} needs {protocol.needs}, with a true image "
            f"of the test part for every translation. Received: {received}. Choose another "
            "protocol, or none."
        )
    left_out = [
        f"{cases.ways[name]} is left out of the protocol {protocol.name}, which needs "
        f"{protocol.needs}. Received: {reason}."
        for name, reason in why.items()
    ]
    fitting = [name for name in cases.ways if name not in why]
    return Cases(data, geometry, run.task, only=fitting), left_out
