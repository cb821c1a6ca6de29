"""The folder of the embedded Postgres: what lies in it, and how its server is launched.

`data` is the cluster, `run` the socket (no TCP), then `server.log`, the access rules, two locks and, where needed,
`bin-<version>`. As root the server runs as nobody, who owns what it must write.
"""

import hashlib
import os
import pwd
import shlex
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from db.embedded.binaries import ADVICE, EmbeddedError, find_binaries, run_as

SUPERUSER = "rung"
PORT = 5432
_SOCKET = f".s.PGSQL.{PORT}"
_LONGEST_SOCKET_PATH = 103  # sun_path: 108 bytes on Linux, 104 on macOS, with the final NUL
_LARGEST_LOG = 1_000_000  # bytes
_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "log_min_messages": "log",  # above error: a failed statement may quote what a person wrote
    "log_checkpoints": "off",
}


@dataclass(frozen=True)
class Cluster:
    """A home and the account that runs its server."""

    home: Path
    account: pwd.struct_passwd

    @classmethod
    def of(cls, home: Path) -> Self:
        """The cluster of `home` for the current user. Raises EmbeddedError."""
        try:
            account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        except KeyError as error:
            raise EmbeddedError(
                f"PostgreSQL needs an account in /etc/passwd to run as ({error.args[0]}): "
                f"run Rung as a user that has one, or {ADVICE}."
            ) from None
        return cls(home.expanduser().resolve(), account)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def hba(self) -> Path:
        return self.home / "pg_hba.conf"

    @property
    def ident(self) -> Path:
        return self.home / "pg_ident.conf"

    @property
    def sockets(self) -> Path:
        inside = self.home / "run"
        # To libpq a comma separates hosts.
        if len(os.fsencode(inside / _SOCKET)) <= _LONGEST_SOCKET_PATH and "," not in str(inside):
            return inside
        return Path(f"/tmp/rung-{self.account.pw_uid}-{hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]}")

    def make_home(self) -> None:
        """Make the folder, or refuse one whose data another account owns."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            self.home.chmod(self.home.stat().st_mode | 0o011)
        if self.data.exists() and self.data.stat().st_uid != self.account.pw_uid:
            raise EmbeddedError(
                f"{self.data} belongs to uid {self.data.stat().st_uid}, but the server would run as "
                f"{self.account.pw_name}: run Rung as before, set RUNG_HOME to another folder, or {ADVICE}."
            )

    def give(self, path: Path) -> None:
        """Hand `path` to the server's account."""
        os.chown(path, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)

    def log_tail(self, start: int = 0) -> str:
        """The last lines that the server wrote after byte `start`."""
        return _last_lines(self.log.read_bytes()[start:].decode(errors="replace"))


def launch(cluster: Cluster, server_lock: int) -> None:
    """Start a server which inherits `server_lock`, on new data where there is none. Raises EmbeddedError.

    The caller holds that lock, so no process of an earlier server is left.
    """
    if os.geteuid() == 0:
        _check_way(cluster)
    for leftover in cluster.home.glob(".new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    binaries, major = find_binaries(cluster.account, cluster.home)
    if not cluster.data.exists():
        _init(cluster, binaries, major)
    _check_version(cluster, major)
    _make_socket_folder(cluster)
    _write_access(cluster)
    _make_log(cluster)
    for stale in (cluster.data / "postmaster.pid", cluster.sockets / f"{_SOCKET}.lock"):
        stale.unlink(missing_ok=True)  # its pid may by now be another process's
    _run_server(cluster, binaries, server_lock)


def shut_down(cluster: Cluster) -> None:
    """End the server's sessions and stop it, as its own account: the pid in its data folder is that account's word."""
    binaries, _ = find_binaries(cluster.account, cluster.home)
    run_as(cluster.account, binaries / "pg_ctl", "stop", "--mode=fast", "--timeout=20", f"--pgdata={cluster.data}")


def _check_way(cluster: Cluster) -> None:
    for folder in (*reversed(cluster.home.parents), cluster.home):
        if run_as(cluster.account, "test", "-x", folder).returncode:
            raise EmbeddedError(
                f"The account {cluster.account.pw_name}, which runs the embedded Postgres for root, may not enter "
                f"{folder}: set RUNG_HOME to another folder, open this one (chmod o+x '{folder}'), or {ADVICE}."
            )


def _init(cluster: Cluster, binaries: Path, major: int) -> None:
    """Make the data under another name first, so that what a killed initdb leaves is never taken for data."""
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=cluster.home))
    cluster.give(fresh)
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]  # asks nothing of the system
    locale = builtin if major >= 17 else ["--locale=C.UTF-8"]
    options = [f"--username={SUPERUSER}", "--auth=peer", "--encoding=UTF8", "--no-instructions", *locale]
    result = run_as(cluster.account, binaries / "initdb", f"--pgdata={fresh}", *options)
    if result.returncode:
        raise EmbeddedError(f"initdb failed in {cluster.home}: {_last_lines(result.stderr)}")
    fresh.rename(cluster.data)
    folder = os.open(cluster.home, os.O_RDONLY)
    os.fsync(folder)  # else a power cut could bring back the old name, which the next launch removes
    os.close(folder)


def _check_version(cluster: Cluster, major: int) -> None:
    written_by = (cluster.data / "PG_VERSION").read_text().strip()
    if written_by != str(major):
        raise EmbeddedError(
            f"{cluster.data} was written by PostgreSQL {written_by}, but the binaries found are PostgreSQL {major}: "
            f"bring back those of {written_by} to dump it, set RUNG_HOME to another folder, or {ADVICE}."
        )


def _make_socket_folder(cluster: Cluster) -> None:
    with suppress(FileExistsError):
        cluster.sockets.mkdir(mode=0o700)
    found = cluster.sockets.lstat()
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not private or found.st_uid not in (os.geteuid(), cluster.account.pw_uid):
        raise EmbeddedError(
            f"{cluster.sockets} should be a private folder of {cluster.account.pw_name}: "
            f"remove it, set RUNG_HOME to another folder, or {ADVICE}."
        )
    cluster.give(cluster.sockets)


def _write_access(cluster: Cluster) -> None:
    users = {cluster.account.pw_name, pwd.getpwuid(os.geteuid()).pw_name}
    rules = {
        cluster.hba: f"local all all peer map={SUPERUSER}\n",
        cluster.ident: "".join(f'{SUPERUSER} "{user}" {SUPERUSER}\n' for user in sorted(users)),
    }
    for path, text in rules.items():
        path.write_text(text)
        path.chmod(0o644)


def _make_log(cluster: Cluster) -> None:
    if cluster.log.exists() and cluster.log.stat().st_size > _LARGEST_LOG:
        cluster.log.replace(cluster.log.with_suffix(".log.1"))
    cluster.log.touch(mode=0o600)
    cluster.give(cluster.log)


def _run_server(cluster: Cluster, binaries: Path, server_lock: int) -> None:
    """pg_ctl gives the server a session of its own and none of our streams."""
    settings = _SETTINGS | {
        "unix_socket_directories": f'"{cluster.sockets}"',
        "hba_file": str(cluster.hba),
        "ident_file": str(cluster.ident),
    }
    options = shlex.join(f"--{name}={value}" for name, value in settings.items())
    before = cluster.log.stat().st_size
    result = run_as(
        cluster.account,
        *(binaries / "pg_ctl", "start", "--wait", "--timeout=60", f"--options={options}"),
        *(f"--pgdata={cluster.data}", f"--log={cluster.log}"),
        keep=server_lock,
    )
    if result.returncode:
        raise EmbeddedError(
            f"The embedded Postgres does not start; {cluster.log} ends with: {cluster.log_tail(before)}"
        )


def _last_lines(text: str) -> str:
    return " | ".join(text.strip().splitlines()[-5:])
