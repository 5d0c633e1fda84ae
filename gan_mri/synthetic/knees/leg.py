"""The shape of a leg around the knee: outline, cross-section and relief.

Lengths are in mm. z runs up the leg from the middle of the patella, x to the
medial side, y to the front. The relief is a height above a smooth tube, over
(arc, z): arc is the distance around the tube from the middle of its front.
Widths are those of adults, whose knees measure some 38 cm around; the rest
follows surface anatomy as drawing courses teach it (vastus medialis ends lower
and bulges more than lateralis; the patella is a shield with its point down;
fat pads flank its ligament, which ends at the tuberosity of the tibia).
"""

import numpy as np
from scipy.interpolate import CubicSpline

ROUND = 58.0  # mm, radius of the tube on which arc lengths are measured
_REACH = 340  # mm, length of the tables above and below the patella

#: Half widths from the axis: z, medial, lateral.
_OUTLINE = np.array(
    [
        (-340, 34, 34),
        (-240, 46, 45),
        (-170, 59, 54),
        (-125, 62, 57),
        (-85, 57, 54),
        (-50, 53, 51),
        (-15, 57, 55),
        (8, 60, 57),
        (35, 60, 57),
        (70, 66, 62),
        (115, 74, 70),
        (180, 84, 80),
        (340, 100, 96),
    ],
    float,
)


class Leg:
    """One leg; `relief` and the tables of `profiles` are its shape."""

    def __init__(self, rng):
        self.size = float(np.clip(rng.normal(1.0, 0.06), 0.88, 1.14))
        self.fat = rng.beta(2, 3)  # 0: every tendon shows; 1: a smooth leg
        self.muscle = rng.beta(2, 2.2)
        self.thigh = rng.normal(0.0, 0.07) + 0.08 * self.fat
        self.calf = rng.normal(0.0, 0.07)
        self.valgus = np.radians(rng.normal(3.0, 2.5))  # between the axes of thigh and calf
        self.bulge = rng.normal(size=2).tolist()
        self.boxiness = rng.uniform(2.0, 2.5)
        self.flatness = rng.uniform(0.9, 1.05)
        self.patella = dict(
            wide=rng.uniform(20, 24.5),
            high=rng.uniform(21, 26),
            rise=rng.uniform(5.0, 8.0) * (1 - 0.45 * self.fat),
            arc=rng.normal(0, 2.5),
            up=rng.normal(0, 4.0),
            square=rng.uniform(2.2, 3.0),
        )
        self.pads = rng.uniform(1.5, 4.0)
        self.tuberosity = rng.uniform(1.5, 4.5)
        self.shake = rng.normal(
            size=(12, 3)
        ).tolist()  # each bulge has a height and a place of its own

    def profiles(self, turn):
        """Tables along the leg for a leg turned about its axis by `turn` radians, medial side to
        the front.

        Returns
        -------
        z : (n,) array
            Equidistant.
        table : dict of str to (n,) array
            medial, lateral: half widths; middle: x of the axis, and its slope.
        """
        z = np.arange(-_REACH, _REACH + 1.0)
        medial, lateral = CubicSpline(_OUTLINE[:, 0], _OUTLINE[:, 1:], bc_type="natural")(z).T
        up, down = 1 / (1 + np.exp(-(z - 55) / 22)), 1 / (1 + np.exp((z + 75) / 22))
        swell = self.size * (1 + self.thigh * up + self.calf * down)
        # What bulges at the side is seen as outline, from whichever side one looks.
        quarter = np.full_like(z, ROUND * np.pi / 2)
        medial = medial * swell + 0.8 * self.relief(quarter + ROUND * turn, z)
        lateral = lateral * swell + 0.8 * self.relief(-quarter + ROUND * turn, z)
        medial += 1.8 * self.bulge[0] * np.exp(-(((z + 120) / 45) ** 2))
        lateral += 1.8 * self.bulge[1] * np.exp(-(((z - 110) / 60) ** 2))
        # The axes of thigh and calf meet at the knee, in a bend a few cm long.
        middle = -np.tan(self.valgus) * 0.5 * np.cos(turn) * (np.sqrt(z * z + 30.0**2) - 30)
        return z, dict(medial=medial, lateral=lateral, middle=middle)

    def relief(self, arc, z):
        """Height above the tube at points (arc, z), mm."""
        lean, muscle = 1 - 0.65 * self.fat, 0.35 + 0.9 * self.muscle
        height = self._patella(arc, z)
        bulges = (
            # arc, z, half width, half height, rise, tilt of the long axis towards medial
            (44, 66, 19, 30, 7.5 * muscle, 0.35),  # vastus medialis
            (-46, 100, 20, 45, 5.5 * muscle, -0.15),  # vastus lateralis
            (0, 125, 20, 50, 3.5 * muscle, 0.0),  # rectus femoris
            (37, 3, 10, 18, -3.0 * (0.45 + lean), 0.15),  # hollows beside the patella
            (-37, 3, 10, 18, -2.8 * (0.45 + lean), -0.15),
            (0, 40, 15, 11, -3.0 * lean, 0.0),  # above the patella
            (15, -33, 9, 10, self.pads, 0.2),  # fat pads
            (-15, -33, 9, 10, self.pads, -0.2),
            (0, -45, 8, 21, 2.0 * lean, 0.0),  # ligament of the patella
            (1, -62, 10, 12, self.tuberosity * (0.5 + 0.5 * lean), 0.0),
            (66, -12, 17, 24, 3.5, 0.0),  # medial condyle
            (-70, -42, 11, 14, 3.0 * lean, 0.0),  # head of the fibula
        )
        for (u, v, wide, high, rise, tilt), (up, across, along) in zip(bulges, self.shake):
            height = height + _bump(
                arc - (u + 2.0 * across),
                z - (v + 3.0 * along),
                wide,
                high,
                rise * np.exp(0.25 * up),
                tilt,
            )
        # The edge of the tibia, with the muscle beside it.
        shin = 1 / (1 + np.exp(np.clip((z + 85) / 10, -30, 30)))
        edge = 2.4 * np.exp(-(((arc - 6) / 9) ** 2)) + 2.0 * muscle * np.exp(
            -(((arc + 26) / 16) ** 2)
        )
        return height + (lean * shin) * edge

    def _patella(self, arc, z):
        """A shield with rounded rim, its point down, a little dished in the middle."""
        p = self.patella
        v = (z - p["up"]) / p["high"]
        narrow = 1 - 0.28 * np.clip(-v, 0, 1.2) ** 2
        q = (
            np.abs((arc - p["arc"]) / (p["wide"] * narrow)) ** p["square"]
            + np.abs(v) ** p["square"]
        )
        return p["rise"] / (1 + q * q) * (1 - 0.12 * np.exp(-3 * q))


def _bump(u, v, wide, high, rise, tilt):
    if tilt:
        c, s = float(np.cos(tilt)), float(np.sin(tilt))
        u, v = c * u - s * v, s * u + c * v
    return float(rise) * np.exp(-((u * float(1 / wide)) ** 2) - (v * float(1 / high)) ** 2)
