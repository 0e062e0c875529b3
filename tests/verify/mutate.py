"""Small changes of files that somebody makes on purpose: one value, row, element or byte, by a seeded hand."""

import copy
import hashlib
import json
import re

ODD = [None, True, False, 0, -1, 1e300, 10**40, "", "x", "../x", "\0", [], {}, [[]], {"a": None}, "NaN", -0.0, 1.5]


def places(content, path=()):
    """Key paths of everything in a JSON document."""
    yield path
    items = (
        content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    )
    for key, value in items:
        yield from places(value, (*path, key))


def json_mutant(document, dice):
    """A document with one change."""
    made = copy.deepcopy(document)
    path = dice.choice([path for path in places(made) if path])
    around = made
    for key in path[:-1]:
        around = around[key]
    key = path[-1]
    value = around[key]
    kind = dice.choice(["odd", "near", "drop", "twice", "other"])
    if kind == "near" and isinstance(value, bool | int | float):
        around[key] = (not value) if isinstance(value, bool) else value + dice.choice([-1, 1, 1e-6, value or 1])
    elif kind == "near" and isinstance(value, str):
        at = dice.randrange(len(value) + 1)
        around[key] = value[:at] + dice.choice(["x", " ", "0", ""]) + value[at + 1 :]
    elif kind == "drop":
        del around[key]
    elif kind == "twice" and isinstance(around, list):
        around.insert(key, copy.deepcopy(value))
    elif kind == "twice":
        around[f"{key}_"] = copy.deepcopy(value)
    elif kind == "other" and isinstance(around, dict) and len(around) > 1:
        around[key] = copy.deepcopy(around[dice.choice([other for other in around if other != key])])
    else:
        around[key] = dice.choice(ODD)
    return made


def text_mutant(text, dice):
    """A text with one line changed, dropped, given twice or swapped; or one of its numbers or words."""
    lines = text.split("\n")
    at = dice.randrange(len(lines))
    kind = dice.choice(["drop", "twice", "swap", "number", "letter", "cut", "bytes"])
    if kind == "drop":
        del lines[at]
    elif kind == "twice":
        lines.insert(at, lines[at])
    elif kind == "swap":
        other = dice.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == "number" and (found := list(re.finditer(r"\d+", lines[at]))):
        one = dice.choice(found)
        lines[at] = lines[at][: one.start()] + str(int(one[0]) + dice.choice([-1, 1, 10])) + lines[at][one.end() :]
    elif kind == "letter" and lines[at]:
        place = dice.randrange(len(lines[at]))
        lines[at] = lines[at][:place] + dice.choice('x1 ,<&"\0é') + lines[at][place + 1 :]
    elif kind == "cut":
        lines = lines[:at]
    else:
        lines.insert(
            at, dice.choice(["\ufeff", "\r", "#", "<!--x-->", '<!DOCTYPE a [<!ENTITY b "c">]>', "1" * 5000])
        )
    return "\n".join(lines)


def binary_mutant(content, dice):
    """Bytes with one changed, some left out, or some more."""
    at = dice.randrange(len(content))
    kind = dice.choice(["flip", "cut", "drop", "more", "zero"])
    if kind == "flip":
        return content[:at] + bytes([content[at] ^ (1 << dice.randrange(8))]) + content[at + 1 :]
    if kind == "cut":
        return content[:at]
    if kind == "drop":
        return content[:at] + content[at + dice.randrange(1, 9) :]
    if kind == "more":
        return content[:at] + dice.randbytes(dice.randrange(1, 9)) + content[at:]
    return content[:at] + bytes(4) + content[at + 4 :]


def mutant(name, content, dice):
    """A file changed by a hand that knows its format, or does not."""
    if name.endswith(".json") and dice.random() < 0.8:
        made = json_mutant(json.loads(content), dice)
        return (json.dumps(made, indent=2, ensure_ascii=False) + "\n").encode(errors="surrogatepass")
    if name.endswith((".gds", ".oas", ".pdf", ".step", ".glb")) or dice.random() < 0.1:
        return binary_mutant(content, dice)
    return text_mutant(content.decode(), dice).encode()


def listed_again(files):
    """The files of a design folder with a manifest that fits them."""
    manifest = json.loads(files["MANIFEST.json"])
    manifest["files"] = [
        {"path": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in sorted(files.items())
        if name != "MANIFEST.json"
    ]
    return files | {"MANIFEST.json": (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()}
