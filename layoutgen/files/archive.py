"""Zip archives: packed alike on every machine, and read again without trusting them.

Nothing is compressed, as compressors differ. An archive is taken only where packing its files again gives the same
bytes, so that no bit of it can have changed, and nothing stands where a reader would not see it.
"""

import hashlib
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import IO

from layoutgen.errors import PackageError, Problem

SUMS = "SHA256SUMS"
_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_REMEDY = "ask for the archive again; where it was packed again on purpose, unpack it and verify the folder"
_DAMAGED = (zipfile.BadZipFile, EOFError, ValueError, OSError, NotImplementedError, RuntimeError)


def with_sums(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files in order of their names, and SHA256SUMS of them all as ``sha256sum -c`` reads it."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())]
    return {**dict(sorted(files.items())), SUMS: "".join(lines).encode()}


def zip_bytes(files: Mapping[str, bytes], folder: str) -> bytes:
    """Files as a zip archive below one folder, their checksums last; the same files give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files, key=lambda name: (name == SUMS, name)):
            archive.writestr(_entry(folder, name), files[name])
    return stream.getvalue()


def write_zip(stream: IO[bytes], files: Mapping[str, Iterable[bytes]], folder: str) -> None:
    """Write what ``zip_bytes(with_sums(files), folder)`` gives, with files that come in pieces.

    Memory does not grow with the files. None may pass 2 GiB.
    """
    lines = []
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, pieces in sorted(files.items()):
            digest = hashlib.sha256()
            with archive.open(_entry(folder, name), "w") as file:
                for piece in pieces:
                    digest.update(piece)
                    file.write(piece)
            lines.append(f"{digest.hexdigest()}  {name}\n")
        archive.writestr(_entry(folder, SUMS), "".join(lines))


def pieces_of(lines: Iterable[str], count: int = 4096) -> Iterator[bytes]:
    """Lines of text as UTF-8, each ended, some thousands in a piece."""
    kept: list[str] = []
    for line in lines:
        kept.append(line)
        if len(kept) == count:
            yield "\n".join([*kept, ""]).encode()
            kept.clear()
    if kept:
        yield "\n".join([*kept, ""]).encode()


def _entry(folder: str, name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(f"{folder}/{name}", _DATE)
    entry.external_attr, entry.create_system = 0o644 << 16, _UNIX
    return entry


def read_archive(content: bytes, where: str) -> dict[str, bytes]:
    """The files of an archive, by name below its one folder.

    Raises:
        PackageError: it is damaged, or not as :func:`zip_bytes` packs.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            problem = _wrong(entries, len(content))
            if problem:
                raise PackageError(Problem(problem, where, remedy=_REMEDY))
            files = {entry.filename.split("/", 1)[1]: archive.read(entry) for entry in entries}
    except _DAMAGED as error:
        raise PackageError(Problem(f"is a damaged zip archive: {error}", where, remedy=_REMEDY)) from error
    if zip_bytes(files, entries[0].filename.split("/", 1)[0]) != content:
        raise PackageError(Problem("is not packed as layoutgen packs, or was altered", where, remedy=_REMEDY))
    return files


def _wrong(entries: list[zipfile.ZipInfo], size: int) -> str:
    """What is wrong with the table of contents, empty where nothing is; nothing is unpacked for it."""
    names = [entry.filename for entry in entries]
    odd = [name for name in names if not _plain(name)]
    if odd:
        return f"holds a file of the name {odd[0][:80]!r}, which could leave its folder"
    if len({name.split("/", 1)[0] for name in names}) != 1:
        return "does not hold exactly one folder"
    if _meet(names):
        return "holds two files of one name"
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        return "is compressed, which layoutgen does not do"
    if sum(entry.file_size for entry in entries) > size:
        return "states files that are larger than it is itself"
    return ""


def _meet(names: list[str]) -> bool:
    """Whether two names are one on some disk: A is a there, a letter and its accent one, a file no folder."""
    alike = {unicodedata.normalize("NFKC", name).casefold() for name in names}
    folders = {name[:end] for name in alike for end, letter in enumerate(name) if letter == "/"}
    return len(alike) != len(names) or not alike.isdisjoint(folders)


def _plain(name: str) -> bool:
    parts = name.split("/")
    inside = len(parts) >= 2 and all(part and part not in {".", ".."} and part[-1] not in ". " for part in parts)
    return inside and not set(name) & set("\\:") and name.isprintable()
