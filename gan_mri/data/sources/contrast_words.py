"""What file names say about the contrast, so that the rest says whose image it is.

`T1/IXI002_T1w.nii.gz` and `T2/IXI002_T2w.nii.gz` are one person. A word of a
name is what stands between `_`, `-`, `.` or spaces; a *contrast word* is a
suffix of the Brain Imaging Data Structure, another usual name of a modality,
or begins like the name of the folder.
"""

import os
import re
from bisect import bisect_left

# Suffixes of BIDS (schema 1.9, anat, dwi, func, perf, pet), its entity of contrast agents, and
# what BraTS, SynthRAD, IXI and others call their images.
_KNOWN = frozenset(
    """
    t1w t2w pdw t2starw flair inplanet1 inplanet2 pdt2 angio t2star flash t1rho unit1 mp2rage
    t1map t2map t2starmap r1map r2map r2starmap pdmap mtrmap mtsat mwfmap s0map m0map
    dwi sbref bold cbv asl m0scan pet
    ce t1 t2 pd t1c t1ce t1gd t1post t1n t2f mr mri ct cbct cta mra swi adc fa md qsm b0 spect us
    mask seg dseg label
    """.split()
)

# Of the names of the smaller folder, this share must have their nearest name in the other one.
_ALIKE = 0.9


def without_contrast(folders):
    """Stems without the word that says what contrast they are.

    Parameters
    ----------
    folders : dict of str to list of str
        Name of the folder or contrast to stems of its files.

    Returns
    -------
    list of list of str
        In the same order. From a name goes

        * the name of its folder at the end, unless another folder has the stem;
        * otherwise what all files of the folder share, from a contrast word to
          the end ("_T1w", "_T1w_brain"), or such a word at the beginning
          ("T1_"), where no other folder's files have the same there.

    Examples
    --------
    >>> without_contrast({"T1": ["a_T1w", "b_T1w"], "T2": ["a_T2w", "b_T2w"]})
    [['a', 'b'], ['a', 'b']]
    """
    common = _in_several(folders.values())
    beginnings = [_beginning(name, stems) for name, stems in folders.items()]
    endings = [_ending(name, stems) for name, stems in folders.items()]
    result = []
    for place, (name, stems) in enumerate(folders.items()):
        beginning, ending = beginnings[place], endings[place]
        beginning = beginning if beginnings.count(beginning) == 1 else ""
        ending = ending if endings.count(ending) == 1 else ""
        result.append([])
        for stem in stems:
            of_folder = next((c + name for c in "_-" if stem.endswith(c + name)), "")
            if stem in common:
                rest = stem
            elif of_folder:
                rest = stem.removesuffix(of_folder)
            else:
                rest = stem.removesuffix(ending)
                rest = rest.removeprefix(beginning)
            result[-1].append(rest or stem)
    return result


def alike(first, second):
    """Two names, one of each list, that look like the same subject; None if the lists do not.

    They do where nearly every name of the shorter list has a partner in the
    other with a longer common beginning than with any name of its own list:
    "p01-pre", "p02-pre" against "p01-post", "p02-post", but not photographs
    that are numbered through.

    Parameters
    ----------
    first, second : list of str
        Without a name in common.

    Returns
    -------
    (str, str) or None
    """
    lists = [sorted(set(first)), sorted(set(second))]
    pairs = []
    for name in lists[0]:
        partner, shared = _nearest(name, lists[1])
        own = max(_nearest(name, lists[0])[1], _nearest(partner, lists[1])[1])
        if shared >= 3 and shared > own:
            pairs.append((name, partner))
    enough = _ALIKE * min(map(len, lists))
    return pairs[0] if pairs and len(pairs) >= enough else None


def _in_several(lists):
    seen, several = set(), set()
    for stems in map(set, lists):
        several |= stems & seen
        seen |= stems
    return several


def _is_contrast(word, folder):
    word, folder = word.lower(), folder.lower()
    return word in _KNOWN or (
        min(len(word), len(folder)) >= 2 and (word.startswith(folder) or folder.startswith(word))
    )


def _ending(folder, stems):
    """What all stems share from a contrast word on, with the separator before it."""
    words = [re.split(r"([_\-. ]+)", stem) for stem in stems]  # word, separator, word, ...
    for length in range(min(map(len, words), default=0) - 2, 0, -2):
        ending = words[0][-length - 1 :]
        if _is_contrast(ending[1], folder) and all(w[-length - 1 :] == ending for w in words):
            return "".join(ending)
    return ""


def _beginning(folder, stems):
    """A contrast word that all stems begin with, with the separator after it."""
    words = [re.split(r"([_\-. ]+)", stem, maxsplit=1) for stem in stems]
    if words and all(len(w) == 3 and w[:2] == words[0][:2] for w in words):
        if _is_contrast(words[0][0], folder):
            return "".join(words[0][:2])
    return ""


def _nearest(name, names):
    """The other name in a sorted list with the longest common beginning, and how long it is."""
    place = bisect_left(names, name)
    after = place + 1 if names[place : place + 1] == [name] else place
    near = [names[i] for i in (place - 1, after) if 0 <= i < len(names)]
    shared = [(len(os.path.commonprefix([name, other])), other) for other in near]
    length, other = max(shared, default=(0, None))
    return other, length
