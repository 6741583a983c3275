"""SoftHSM: PKCS#11 tokens in a folder, for tests; a hardware module differs by its URI alone."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

LIBRARIES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
PIN = "4711"
TOKENS = ("bank", "service", "spare")


def softhsm_library() -> Path | None:
    """Where SoftHSM is, if it is here."""
    if shutil.which("softhsm2-util") is None:
        return None
    return next((Path(path) for path in LIBRARIES if Path(path).exists()), None)


class SoftHsm:
    """Tokens of this test session's own."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.folder, self.library = folder, library
        self.tokens, self._away = folder / "tokens", folder / "away"
        self.pin_file = folder / "pin"
        self.pin_file.write_text(PIN + "\n")
        self.pin_file.chmod(0o600)
        self.tokens.mkdir()
        configuration = folder / "softhsm2.conf"
        configuration.write_text(f"directories.tokendir = {self.tokens}\nlog.level = ERROR\n")
        self.environment = {"SOFTHSM2_CONF": str(configuration)}
        for token in TOKENS:
            flags = ["--init-token", "--free", "--label", token, "--pin", PIN, "--so-pin", PIN]
            subprocess.run(
                ["softhsm2-util", *flags],
                check=True,
                capture_output=True,
                env=os.environ | self.environment,
            )

    def uri(self, token: str, label: str = "", *, pin_file: Path | None = None) -> str:
        path = f"token={token}" + (f";object={quote(label)}" if label else "")
        pin = self.pin_file if pin_file is None else pin_file
        return f"pkcs11:{path}?module-path={self.library}&pin-source=file:{pin}"

    def pull_out(self) -> None:
        """The tokens are gone, as a module whose cable was pulled."""
        self.tokens.rename(self._away)

    def put_back(self) -> None:
        self._away.rename(self.tokens)

    @contextmanager
    def pulled_out(self) -> Iterator[None]:
        self.pull_out()
        try:
            yield
        finally:
            self.put_back()
