"""Bitmaps, as Arrow has them (one bit per row, the lowest first), and masks: a byte per row, 0 or 1."""

from __future__ import annotations

_BITS = [bytes((byte >> bit) & 1 for bit in range(8)) for byte in range(256)]
# Anything but 0 and 1 becomes a letter, which is no digit of a number.
_DIGITS = b"01" + b"x" * 254


def unpack(bitmap: bytes, rows: int) -> bytes:
    """The mask of a bitmap."""
    return b"".join(map(_BITS.__getitem__, bitmap))[:rows]


def pack(mask: bytes) -> bytes:
    """The bitmap of a mask.

    Raises `ValueError` where a byte is neither 0 nor 1.
    """
    if not mask:
        return b""
    return int(mask[::-1].translate(_DIGITS), 2).to_bytes((len(mask) + 7) // 8, "little")


def both(one: bytes | None, other: bytes | None) -> bytes | None:
    """The rows that are set in two masks; None stands for a mask in which all are."""
    if one is None or other is None:
        return other if one is None else one
    common = int.from_bytes(one, "little") & int.from_bytes(other, "little")
    return common.to_bytes(len(one), "little")
