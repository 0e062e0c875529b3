"""Numbers, strings and lists of OASIS (SEMI P39), read from bytes; a CBLOCK is read as if it lay there unpacked."""

import struct
import zlib
from typing import Final

from layoutgen.foreign.content import MOST_COORDINATE, Damaged, TooLarge

MOST_UNPACKED: Final = 512 * 1024 * 1024
_MOST_BITS_OF_NUMBER: Final = 7 * 256
_MOST_NUMBER: Final = 2**64
_EIGHT_WAYS: Final = ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1))


class Stream:
    """A place in a file, or in a CBLOCK of it; offsets in messages are always those of the file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.unpacked = 0
        self._outer: tuple[bytes, int] | None = None
        self._block = 0

    @property
    def in_block(self) -> bool:
        return self._outer is not None

    @property
    def offset(self) -> int:
        """Where we are in the file; inside a CBLOCK where that begins."""
        return self._block if self.in_block else self.at

    def damage(self, what: str) -> Damaged:
        inside = f" in a CBLOCK, {self.at} bytes into it" if self.in_block else ""
        return Damaged(what + inside, self.offset)

    def at_end_of_block(self) -> bool:
        """Whether a CBLOCK ends here; if so, the file goes on after it."""
        if self._outer is None or self.at < len(self.data):
            return False
        (self.data, self.at), self._outer = self._outer, None
        return True

    def enter_block(self, start: int) -> None:
        """Unpack the CBLOCK whose numbers follow; ``start`` is where its record begins."""
        if self.in_block:
            raise self.damage("has a CBLOCK in a CBLOCK")
        kind, size, packed = self.uint(), self.uint(), self.uint()
        if kind != 0:
            raise Damaged(f"has a CBLOCK of compression {kind}", start)
        if packed > len(self.data) - self.at:
            raise Damaged(f"ends in a CBLOCK of {packed} bytes", start)
        self.unpacked += size
        if self.unpacked > MOST_UNPACKED:
            raise TooLarge(f"unpacks to more than {MOST_UNPACKED >> 20} MiB")
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = inflate.decompress(self.data[self.at : self.at + packed], size + 1)
        except zlib.error as error:
            raise Damaged("has a CBLOCK that does not unpack", start) from error
        if len(content) != size or not inflate.eof or inflate.unused_data:
            raise Damaged(f"has a CBLOCK that does not unpack to the {size} bytes that it states", start)
        self._outer, self._block = (self.data, self.at + packed), start
        self.data, self.at = content, 0

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise self.damage("ends within a record")
        self.at += 1
        return self.data[self.at - 1]

    def uint(self) -> int:
        data, at = self.data, self.at
        value = shift = 0
        try:
            while True:
                byte = data[at]
                at += 1
                if byte < 0x80:
                    value |= byte << shift
                    break
                # a number may be padded with empty bytes: KLayout fills END so
                value |= (byte & 0x7F) << shift
                shift += 7
                if shift > _MOST_BITS_OF_NUMBER:
                    raise self.damage("has a number of more than 256 bytes")
        except IndexError:
            raise self.damage("ends within a number") from None
        if value >= _MOST_NUMBER:
            raise self.damage(f"has a number of {value.bit_length()} bits")
        self.at = at
        return value

    def sint(self) -> int:
        value = self.uint()
        return self.length(-(value >> 1) if value & 1 else value >> 1)

    def unsigned(self) -> int:
        """A length that is not negative."""
        return self.length(self.uint())

    def length(self, value: int) -> int:
        if abs(value) > MOST_COORDINATE:
            raise self.damage(f"has a length of {value}")
        return value

    def counted(self, least_bytes: int = 1) -> int:
        """How many things follow, each of so many bytes at least."""
        count = self.uint()
        if count * least_bytes > len(self.data) - self.at:
            raise self.damage(f"counts {count} values, more than there are bytes")
        return count

    def real(self, kind: int | None = None) -> float:
        kind = self.uint() if kind is None else kind
        if kind in {0, 1, 2, 3}:
            value = float(self.uint())
            if kind >= 2:
                value = self._over(1.0, value)
            return -value if kind & 1 else value
        if kind in {4, 5}:
            top, below = float(self.uint()), float(self.uint())
            value = self._over(top, below)
            return -value if kind & 1 else value
        if kind in {6, 7}:
            form, size = ("<f", 4) if kind == 6 else ("<d", 8)
            content = self.raw(size)
            value = float(struct.unpack(form, content)[0])
            if value - value != 0:  # infinite, or not a number
                raise self.damage("has a real that is no number")
            return value
        raise self.damage(f"has a real of the unknown type {kind}")

    def _over(self, top: float, below: float) -> float:
        if below == 0:
            raise self.damage("divides by zero in a real")
        return top / below

    def raw(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise self.damage(f"ends within a string of {size} bytes")
        self.at += size
        return self.data[self.at - size : self.at]

    def string(self) -> bytes:
        return self.raw(self.uint())

    def name(self) -> str:
        """An n-string: printable, without blanks, not empty."""
        content = self.string()
        if not content or not all(0x21 <= byte <= 0x7E for byte in content):
            raise self.damage(f"has {_shown(content)} for a name")
        return content.decode("ascii")

    def text(self) -> str:
        """An a-string: printable."""
        content = self.string()
        if not all(0x20 <= byte <= 0x7E for byte in content):
            raise self.damage(f"has {_shown(content)} for a text")
        return content.decode("ascii")

    def interval(self) -> tuple[int, int]:
        kind = self.uint()
        most = 2**63 - 1
        match kind:
            case 0:
                return 0, most
            case 1:
                return 0, self.uint()
            case 2:
                return self.uint(), most
            case 3:
                value = self.uint()
                return value, value
            case 4:
                return self.uint(), self.uint()
        raise self.damage(f"has an interval of the unknown type {kind}")

    def two_delta(self) -> tuple[int, int]:
        value = self.uint()
        dx, dy = _EIGHT_WAYS[value & 3]
        size = self.length(value >> 2)
        return dx * size, dy * size

    def three_delta(self) -> tuple[int, int]:
        value = self.uint()
        dx, dy = _EIGHT_WAYS[value & 7]
        size = self.length(value >> 3)
        return dx * size, dy * size

    def g_delta(self) -> tuple[int, int]:
        value = self.uint()
        if value & 1:
            size = self.length(value >> 2)
            return (-size if value & 2 else size), self.sint()
        dx, dy = _EIGHT_WAYS[value >> 1 & 7]
        size = self.length(value >> 4)
        return dx * size, dy * size

    def point_list(self, *, polygon: bool) -> list[int]:
        """Points from (0, 0), x and y in turn, the first one included."""
        kind, count = self.uint(), self.counted()
        x = y = dx = dy = 0
        points = [0, 0]
        if kind in {0, 1}:
            if polygon and (count % 2 or count < 2):
                raise self.damage(f"has a polygon of {count} steps along x and y in turn")
            along_y = kind == 1
            for _ in range(count):
                step = self.sint()
                x, y = (x, y + step) if along_y else (x + step, y)
                along_y = not along_y
                points += (x, y)
            if polygon:
                points += (0, y) if kind == 0 else (x, 0)
        elif kind in {2, 3, 4, 5}:
            read = {2: self.two_delta, 3: self.three_delta}.get(kind, self.g_delta)
            for _ in range(count):
                step_x, step_y = read()
                dx, dy = (dx + step_x, dy + step_y) if kind == 5 else (step_x, step_y)
                x, y = x + dx, y + dy
                points += (x, y)
        else:
            raise self.damage(f"has a point list of the unknown type {kind}")
        if max(*points, -min(points)) > MOST_COORDINATE:
            raise self.damage("has a point list that leads too far")
        if polygon and len(points) < 6:
            raise self.damage(f"has a polygon of {len(points) // 2} points")
        return points


def _shown(content: bytes) -> str:
    return repr(content[:24].decode("latin-1")) + (" ..." if len(content) > 24 else "")
