"""Small GDSII and OASIS files written record by record, for what no common writer writes."""

import struct
import zlib

MAGIC = b"%SEMI-OASIS\r\n"


def uint(value):
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def sint(value):
    return uint(-value << 1 | 1 if value < 0 else value << 1)


def string(content):
    return uint(len(content)) + content.encode("ascii")


def g_delta(dx, dy):
    return uint(abs(dx) << 2 | (dx < 0) << 1 | 1) + sint(dy)


def oasis(body, *, scheme=0, before=b"", flag=0):
    """A file of one cell C with these records; the offsets of tables are all 0."""
    head = MAGIC + b"\x01" + string("1.0") + b"\x00" + uint(1000)
    tables = bytes(12)
    head += b"\x00" + tables if flag == 0 else b"\x01"
    content = head + before + b"\x0e" + string("C") + body
    end = b"\x02" + (b"" if flag == 0 else tables)
    size = 256 - len(end) - (5 if scheme else 1) - 2
    whole = content + end + uint(size | 0x80)[:2] + bytes(size)
    whole += bytes([scheme])
    if scheme == 1:
        whole += struct.pack("<I", zlib.crc32(whole))
    elif scheme == 2:
        whole += struct.pack("<I", sum(whole) & 0xFFFFFFFF)
    return whole


def cblock(body):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(body) + packer.flush()
    return b"\x22" + uint(0) + uint(len(body)) + uint(len(packed)) + packed


def record(code, kind, content=b""):
    """A GDSII record."""
    return struct.pack(">HBB", 4 + len(content), code, kind) + content


def shorts(*values):
    return struct.pack(f">{len(values)}h", *values)


def longs(*values):
    return struct.pack(f">{len(values)}i", *values)


def real(value):
    """A GDSII real."""
    if not value:
        return bytes(8)
    sign, exponent, value = (0x80 if value < 0 else 0), 64, abs(value)
    while value >= 1:
        value, exponent = value / 16, exponent + 1
    while value < 1 / 16:
        value, exponent = value * 16, exponent - 1
    return bytes([sign | exponent]) + round(value * 2**56).to_bytes(7, "big")


LAYER, DATATYPE, WIDTH, XY, ENDEL = 0x0D, 0x0E, 0x0F, 0x10, 0x11


def element(code, *parts):
    return record(code, 0) + b"".join(parts) + record(ENDEL, 0)


def on_layer(layer, kind=0, code=DATATYPE):
    return record(LAYER, 2, shorts(layer)) + record(code, 2, shorts(kind))


def box(layer, x0, y0, x1, y1):
    """A BOX, which is not a BOUNDARY."""
    return element(0x2D, on_layer(layer, 0, 0x2E), record(XY, 3, longs(x0, y0, x1, y0, x1, y1, x0, y1, x0, y0)))


def node(layer, x, y):
    return element(0x15, on_layer(layer, 0, 0x2A), record(XY, 3, longs(x, y)))


def text(layer, x, y):
    return element(0x0C, on_layer(layer, 0, 0x16), record(XY, 3, longs(x, y)), record(0x19, 6, b"ab"))


def path(layer, kind, width, *points, ends=()):
    parts = [on_layer(layer), record(0x21, 2, shorts(kind)), record(WIDTH, 3, longs(width))]
    parts += [record(code, 3, longs(value)) for code, value in zip((0x30, 0x31), ends, strict=False)]
    return element(0x09, *parts, record(XY, 3, longs(*points)))


def boundary(layer, *points):
    return element(0x08, on_layer(layer), record(XY, 3, longs(*points, *points[:2])))


def sref(name, x, y, *transform):
    name += "\0" * (len(name) % 2)
    return element(0x0A, record(0x12, 6, name.encode()), *transform, record(XY, 3, longs(x, y)))


def aref(name, columns, rows, *points, transform=()):
    name += "\0" * (len(name) % 2)
    counts = record(0x13, 2, shorts(columns, rows))
    return element(0x0B, record(0x12, 6, name.encode()), *transform, counts, record(XY, 3, longs(*points)))


def transform(*, mirrored=False, magnification=None, angle=None, absolute=0):
    parts = record(0x1A, 1, struct.pack(">H", (0x8000 if mirrored else 0) | absolute))
    parts += b"" if magnification is None else record(0x1B, 5, real(magnification))
    return parts + (b"" if angle is None else record(0x1C, 5, real(angle)))


def structure(name, *elements):
    name += "\0" * (len(name) % 2)
    return record(0x05, 2, shorts(*[0] * 12)) + record(0x06, 6, name.encode()) + b"".join(elements) + record(7, 0)


def gdsii(*structures, unit=1e-3, metres=1e-9):
    head = record(0, 2, shorts(600)) + record(1, 2, shorts(*[0] * 12)) + record(2, 6, b"LIB\0")
    return head + record(3, 5, real(unit) + real(metres)) + b"".join(structures) + record(4, 0)


def spliced(content, name, *elements):
    """A GDSII file in which a structure has more elements."""
    wanted = name.encode() + b"\0" * (len(name) % 2)
    start = content.index(record(0x06, 6, wanted)) + 4 + len(wanted)
    return content[:start] + b"".join(elements) + content[start:]
