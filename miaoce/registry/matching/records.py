"""Records to be compared, in columns: one array an attribute, one place a record (pure).

A token is an opaque 64-bit number that can only be asked whether it equals another; 0 says nothing is known. A bare roll
makes tokens by hashing, the register takes them from keyed digests made inside the vault, so that the comparison is the
same and sees no document number, phone, address or guardian's name in clear text. Days are counted from 1970-01-01.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from miaoce.registry.matching.characters import Characters

Tokens = NDArray[np.uint64]
Counts = NDArray[np.int32]
Days = NDArray[np.int32]
Numbers = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

UNKNOWN_DAY = -100_000


@dataclass(frozen=True, slots=True)
class Names:
    """Children's names without spaces, dots and brackets, in simplified forms."""

    characters: "Characters"
    written: NDArray[np.uint16]  # one row a name: the numbers of its characters, 0 beyond its end
    length: NDArray[np.int64]
    surname: NDArray[np.int64]  # how many characters the surname has; 0 for names that have none (艾力·买买提)
    whole: Tokens
    sounds: Tokens
    jumbled: Tokens  # the same characters in any order
    bearers: Counts  # how many records have a name of this sound


@dataclass(frozen=True, slots=True)
class Documents:
    """Children's own documents. Parts are only known of 18-character numbers (GB 11643)."""

    whole: Tokens
    region: Tokens
    birth: Tokens
    order: Tokens
    digits: Tokens  # the same digits in any order
    near: Tokens  # two columns; numbers handed out one after the other share one
    is_sound: Flags  # the check character is right
    born: Days  # the day inside the number
    sex: Numbers  # what the order says, 0 where nothing


@dataclass(frozen=True, slots=True)
class Guardians:
    """Up to two guardians a record, as two columns; `blanked` has a third axis of three tokens."""

    name: Tokens
    sounds: Tokens
    blanked: Tokens  # the name with its first, second, third character left open; only of names of three and more
    surname: NDArray[np.uint16]
    bearers: Counts  # how many records name a guardian so
    role: Numbers  # 0 unknown, 1 father, 2 mother, 3 to 6 the grandparents
    document: Tokens
    phone: Tokens
    phone_head: Tokens
    phone_tail: Tokens
    phone_users: Counts  # how many records hold this phone
    phone_homes: Counts  # and how many differently named guardians answer it


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the child lives, as written: style of writing and the names of the levels above the street fall away."""

    exact: Tokens
    figures: Tokens
    street: Tokens
    residents: Counts  # how many records have exactly this address


@dataclass(frozen=True, slots=True)
class Stays:
    """Which kindergarten wrote the record, and from when to when the child attended."""

    kindergarten: Tokens
    entered: Days
    left: Days


@dataclass(frozen=True, slots=True)
class Records:
    """Some records. `lunar` is the lunar date of the birth date, read as though it were a solar one."""

    size: int
    names: Names
    sex: Numbers
    born: Days
    lunar: Days
    documents: Documents
    guardians: Guardians
    addresses: Addresses
    stays: Stays
    region: NDArray[np.int32]  # household registration, six digits; 0 unknown
    ethnicity: NDArray[np.int32]  # 0 unknown
