"""Decides whether a text is a Chinese number plate (机动车号牌), and of which kind.

GA 36-2018: province, a letter for the issuing office, then five characters, or six on the green
plates of new-energy vehicles: small ones bear the power letter first, large ones last. Letters I
and O are not used. The same standard has the plates of embassies and consulates, driving schools,
trailers, the police, and vehicles from Hong Kong and Macau. Plates of other issuers, which it does
not describe, are taken as they are in use: fire and rescue (应急, since 2018), the armed police
(WJ) and the army, both of the forms of 2012.

Leaves out: temporary plates, which a vehicle bears until its own is issued; and whether the office
exists.
"""

import re
import unicodedata
from typing import Final, Literal, NamedTuple

from fleet.registry.errors import PlateMalformed

PROVINCES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
SPECIAL_ENDINGS: Final = "学挂警港澳领"
"""Driving school, trailer, police, the cross-border plates of Hong Kong and Macau, consulate."""
_OFFICE: Final = "A-HJ-NP-Z"
_CHARACTER: Final = "A-HJ-NP-Z0-9"
_POWER: Final = "A-HJK"
"""A–E battery electric (D came first), F, G, H, J, K other new energy; GA 36-2018."""

PlateKind = Literal[
    "ordinary", "small_nev", "large_nev", "embassy", "rescue", "armed_police", "army"
]
_SHAPES: Final[tuple[tuple[PlateKind, re.Pattern[str]], ...]] = (
    (
        "ordinary",
        re.compile(f"[{PROVINCES}][{_OFFICE}][{_CHARACTER}]{{4}}[{_CHARACTER}{SPECIAL_ENDINGS}]"),
    ),
    (
        "small_nev",
        re.compile(f"[{PROVINCES}][{_OFFICE}][{_POWER}][{_CHARACTER}][0-9]{{4}}"),
    ),
    ("large_nev", re.compile(f"[{PROVINCES}][{_OFFICE}][0-9]{{5}}[{_POWER}]")),
    # Three digits of the state, three of the vehicle; the character first on older ones.
    ("embassy", re.compile("使[0-9]{6}|[0-9]{6}使")),
    # Of police, courts and prosecution at the level of a province the office is O.
    ("ordinary", re.compile(f"[{PROVINCES}]O[{_CHARACTER}]{{4}}警")),
    # X fire and rescue, S forest fires.
    ("rescue", re.compile(f"[{PROVINCES}][XS][{_CHARACTER}]{{4}}应急")),
    # The last may name the arm of the force.
    ("armed_police", re.compile(f"WJ[{PROVINCES}]?[0-9]{{4}}[0-9TDSHBXJ]")),
    ("army", re.compile("[A-HJ-NP-Z]{2}[0-9]{5}")),
)
_SEPARATORS: Final = re.compile(r"[\s\-_.·•‧∙・●]+")


class Plate(NamedTuple):
    """A plate as stored, without the dot, and its kind."""

    text: str
    kind: PlateKind


def normalise_plate(text: str) -> str:
    """The text as stored: half-width capitals, no dot after the office letter.

    >>> normalise_plate("粤ｂ·d12345")
    '粤BD12345'
    """
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def parse_plate(text: str) -> Plate:
    """The plate that a person or a file wrote.

    Raises:
        PlateMalformed: it has the form of no plate.
    """
    plate = normalise_plate(text)
    for kind, shape in _SHAPES:
        if shape.fullmatch(plate):
            return Plate(plate, kind)
    raise PlateMalformed(f"{text!r} is not a Chinese number plate", plate=text)
