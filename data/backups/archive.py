"""The file of a backup: a ZIP with its parts and a manifest that says what they are, written whole or not at all."""

import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1 << 20
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, ValueError, OSError)


class BackupError(Exception):
    """A backup cannot be made, read or restored; the message says why and what to do."""


@dataclass
class Manifest:
    """What a backup holds.

    Attributes
    ----------
    kind
        ``sqlite`` or ``postgresql``.
    schema
        Version of the tables.
    anchor
        REVISION:HASH of the chain.
    counts, columns
        By table: how many rows, and which columns in which order.
    region, region_sha256
        Name of the region pack and a fingerprint of its files; the pack itself is not in the backup.
    parts
        By name: SHA-256 and length in bytes of the content.
    """

    kind: str
    schema: str
    revision: int
    anchor: str | None
    counts: dict[str, int]
    region: str
    region_sha256: str
    made_at: str
    columns: dict[str, list[str]] = field(default_factory=dict)
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    format: int = FORMAT


class Archive:
    """A backup that is being written."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.parts: dict[str, dict[str, Any]] = {}

    def write(self, name: str, content: Iterator[bytes]) -> None:
        """Write a part."""
        digest, length = sha256(), 0
        with self._file.open(name, "w", force_zip64=True) as part:
            for piece in content:
                digest.update(piece)
                length += len(piece)
                part.write(piece)
        self.parts[name] = {"sha256": digest.hexdigest(), "bytes": length}

    def close(self, manifest: Manifest) -> None:
        """Write the manifest, last."""
        manifest.parts = self.parts
        self._file.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=2))


@contextmanager
def creating(path: Path) -> Iterator[Archive]:
    """Give an archive that gets its name when everything stands on the disk, and leaves nothing behind otherwise.

    Raises
    ------
    BackupError
        There is such a file, or no folder for it, or the disk is full.
    """
    if path.exists():
        raise BackupError(f"{path} is there already; name another file, or move it away.")
    if not path.parent.is_dir():
        raise BackupError(f"There is no folder {path.parent}; make it or name another one.")
    part = partial_of(path)
    try:
        with part.open("wb") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
                yield Archive(file)
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    except OSError as error:
        raise BackupError(
            f"{path} could not be written: {error.strerror or error}. Nothing was left behind."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def partial_of(path: Path) -> Path:
    """Name what stands there while it is written; one that was left by a kill is overwritten the next time."""
    return path.with_name(f".{path.name}.part")


def sync_folder(folder: Path) -> None:
    """Make a new name durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def opening(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Give an archive and its manifest; raises BackupError for what is none, or a damaged one."""
    if not path.is_file():
        raise BackupError(f"There is no backup {path}.")
    try:
        file = zipfile.ZipFile(path)
    except DAMAGED as error:
        raise BackupError(f"{path} is no backup, or its end is missing ({error}); take another one.") from error
    with file:
        try:
            manifest = Manifest(**json.loads(file.read(MANIFEST)))
        except (*DAMAGED, TypeError) as error:
            raise BackupError(
                f"{path}: the part {MANIFEST} is damaged ({error!r:.100}); take another backup."
            ) from error
        if manifest.format != FORMAT:
            raise BackupError(f"{path} is of format {manifest.format}; this program reads {FORMAT}.")
        yield file, manifest


def check_parts(file: zipfile.ZipFile, manifest: Manifest) -> None:
    """Read every part and compare it with the manifest; raises BackupError that names the part."""
    for name in manifest.parts:
        for _ in reading_part(file, manifest, name):
            pass


def reading_part(file: zipfile.ZipFile, manifest: Manifest, name: str) -> Iterator[bytes]:
    """Give the content of a part piece by piece; raises BackupError at the end when it is not what was written."""
    digest = sha256()
    try:
        with file.open(name) as part:
            while piece := part.read(CHUNK):
                digest.update(piece)
                yield piece
    except DAMAGED as error:
        raise BackupError(f"The part {name} is damaged ({error!r:.100}); take another backup.") from error
    if digest.hexdigest() != manifest.parts[name]["sha256"]:
        raise BackupError(f"The part {name} is damaged: its SHA-256 is not that of the manifest; take another backup.")


def extract(file: zipfile.ZipFile, manifest: Manifest, name: str, to: IO[bytes]) -> None:
    """Write a part into a file."""
    for piece in reading_part(file, manifest, name):
        to.write(piece)


def fingerprint(folder: Path) -> str:
    """Give a fingerprint of all files below a folder."""
    digest = sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()
