"""Files of a user that a journal names by path and SHA-256, brought back for a replay."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path, PurePath

from kedge.domain.errors import JournalError
from kedge.ledger.journal.contents import Contents

Named = tuple[tuple[str, str], ...]


class UserFiles:
    """Brings files to a folder of its own, where they lie to one another as they did.

    A file that was kept with the journal is taken from there. One that was not must lie where
    the configuration said, and be the same to the last byte.

    Args:
        kept: what was kept with the journal.
        folder: that relative paths start from.
        into: an empty folder for copies, which live as long as what is made of them.
    """

    def __init__(self, kept: Contents, folder: Path, into: Path) -> None:
        self._kept, self._folder, self._into = kept, folder, into

    def __call__(self, files: Named) -> Mapping[str, Path]:
        """Where each file lies now, by its configured path.

        Raises:
            JournalError: one is missing, or is not what it was.
        """
        root = self._into / sha256(repr(files).encode()).hexdigest()[:16]
        return {path: self._bring(root, path, digest) for path, digest in files}

    def _bring(self, root: Path, path: str, digest: str) -> Path:
        content = self._content(path, digest)
        parts = ["up" if part == ".." else part for part in PurePath(path).parts]
        target = root.joinpath(*(part.strip("/\\:") or "top" for part in parts))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return target

    def _content(self, path: str, digest: str) -> bytes:
        if digest in self._kept.names():
            return self._kept.get(digest)
        place = self._folder / Path(path).expanduser()
        remedy = f"bring the file with SHA-256 {digest[:12]}... back to where it was"
        try:
            content = place.read_bytes()
        except OSError as error:
            raise JournalError(
                f"a file that the journal's decisions rest on is missing: {error.strerror}",
                path,
                remedy,
            ) from error
        found = sha256(content).hexdigest()
        if found != digest:
            raise JournalError(
                f"a file that the journal's decisions rest on has changed: SHA-256 is "
                f"{found[:12]}..., {digest[:12]}... was recorded",
                path,
                remedy,
            )
        return content
