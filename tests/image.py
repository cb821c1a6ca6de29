"""`make image-proof`: the steps of the Dockerfile without Docker, in a folder of their own, down to SIGTERM.

It installs what the image installs, copies what the image copies, makes that read-only, and starts what the image
starts as a user without rights: with an empty environment, which ends with a sentence, and against a playground.
"""

import asyncio
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tests.support.dockerfile import Context, Dockerfile, Step
from tests.support.processes import PATIENCE, slack
from tests.support.world import MAYA, text_of

ROOT = Path(__file__).parents[1]
NOBODY = "nobody"  # who runs it where we are root
PLACES = re.compile(r"(?<![\w./])/(?=(opt|tmp|app|var)\b)")  # what the image has of its own


class ProofError(Exception):
    """What the image would not do."""


@dataclass(frozen=True)
class Image:
    """A folder that stands for the root of the image, and the interpreter that stands for its Python."""

    file: Dockerfile
    root: Path
    python: str

    def inside(self, text: str) -> str:
        """The paths of the image as they are in the folder."""
        return PLACES.sub(f"{self.root}/", text)

    @property
    def app(self) -> Path:
        return Path(self.inside(self.file.last("WORKDIR").rest))

    @property
    def environment(self) -> dict[str, str]:
        """What Docker gives a process: the image's ENV, and the home of its user."""
        given = {name: self.inside(value) for name, value in self.file.environment.items()}
        path = given["PATH"].replace("$PATH", "/usr/local/bin:/usr/bin:/bin")
        return given | {"PATH": path, "HOME": given["RUNG_HOME"]}

    def build(self) -> None:
        """Every step of every stage: packages, folders, the user's home."""
        for number, stage in enumerate(self.file.stages):
            self._copy(number)
            for step in stage:
                if step.name == "RUN":
                    self._run(step)
        read_only(self.app)

    def _copy(self, stage: int) -> None:
        context = Context(ROOT)
        for source, target in self.file.copied(stage):
            if not context.has(source):
                raise ProofError(f"COPY {source}: .dockerignore keeps it out of the build.")
            to = Path(self.inside(target)) if target.startswith("/") else self.app / target
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, to, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                to.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, to)

    def _run(self, step: Step) -> None:
        if step.rest.startswith("useradd"):  # the machine keeps its users; the folder gets the home
            home = Path(self.environment["RUNG_HOME"])
            home.mkdir(parents=True, mode=0o700)
            if os.geteuid() == 0:
                shutil.chown(home, NOBODY)
            return
        command = self.inside(step.rest).replace("python -m venv", f"{self.python} -m venv", 1)
        typer.echo(f"RUN {command}")
        subprocess.run(command, shell=True, check=True, cwd=self.root, env={**os.environ, "PIP_QUIET": "2"})

    def start(self, command: list[str], settings: dict[str, str]) -> subprocess.Popen[str]:
        """One of the image's commands, as its user, with nothing in the environment but the image's and these."""
        program = shutil.which(command[0], path=self.environment["PATH"]) or command[0]
        return subprocess.Popen(
            [program, *command[1:]],
            cwd=self.app,
            env=self.environment | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=NOBODY if os.geteuid() == 0 else None,
            group=pwd.getpwnam(NOBODY).pw_gid if os.geteuid() == 0 else None,
            extra_groups=[] if os.geteuid() == 0 else None,
        )

    def output(self, command: list[str], settings: dict[str, str]) -> tuple[int, str]:
        """Exit code and words of a command that ends."""
        process = self.start(command, settings)
        words, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, words


def read_only(folder: Path) -> None:
    """Nobody may write there, nor put anything beside."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)


def files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


async def prove(image: Image) -> None:
    """Start, answer, stop."""
    run, health = image.file.last("CMD").words, Step("CMD", image.file.last("HEALTHCHECK").rest.partition("CMD ")[2])
    before = files(image.app)
    code, words = image.output(run, {})
    expect(code == 2 and words.startswith("SLACK_BOT_TOKEN is missing") and words.count("\n") == 1, words)
    async with slack("http") as (playground, settings):
        process = image.start(run, settings)
        try:
            await ready(image, process, settings)
            code, words = await asyncio.to_thread(image.output, health.words, settings)
            expect(code == 0, f"HEALTHCHECK: {words}")
            expect((await playground.command(MAYA, "/ladder next")).ok, "/ladder next is not answered")
            expect("Which level are you at now?" in text_of(playground.dm(MAYA)[-1]), "it answers something else")
            process.terminate()
            words, _ = await asyncio.to_thread(process.communicate, timeout=10)
            expect(process.returncode == 0, f"ended with {process.returncode}: {words}")
        finally:
            process.kill()
            image.output([*run[:-1], "postgres", "stop"], {})
    expect(files(image.app) == before, "it wrote into its own folders")


async def ready(image: Image, process: subprocess.Popen[str], settings: dict[str, str]) -> None:
    """Wait until /readyz answers 200; urllib raises for all else."""
    url = f"http://127.0.0.1:{settings['PORT']}/readyz"
    look = ["python", "-c", f"import urllib.request as r; r.build_opener(r.ProxyHandler({{}})).open({url!r})"]
    async with asyncio.timeout(PATIENCE):
        while (await asyncio.to_thread(image.output, look, {}))[0]:
            if process.poll() is not None:
                raise ProofError(f"It ended: {process.communicate()[0]}")
            await asyncio.sleep(0.2)


def expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ProofError(otherwise)


def interpreter(file: Dockerfile, wish: str | None) -> str:
    """A Python that the user without rights can run, if possible of the image's version."""
    wanted = re.sub(r"python:([\d.]+).*", r"python\1", file.stages[-1][0].rest)
    for name in (wish, wanted, "python3", "python3.12", "python3.11"):
        for folder in ("/usr/local/bin", "/usr/bin", *os.environ["PATH"].split(os.pathsep)):
            found = shutil.which(name, path=folder) if name else None
            if found and runs(found):
                return found
    raise ProofError("No Python 3.11 or newer that a user without rights can run: name one with --python.")


def runs(python: str) -> bool:
    """Whether that user can run it, and make environments with it."""
    probe = "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))"
    who = NOBODY if os.geteuid() == 0 else None
    try:
        return subprocess.run([python, "-c", probe], capture_output=True, cwd="/", user=who).returncode == 0
    except OSError:
        return False


def main(
    python: Annotated[str | None, typer.Option(help="The interpreter that stands for the image's.")] = None,
) -> None:
    """Prove the steps of the Dockerfile in a folder of their own."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="rung-image-") as folder:
        Path(folder).chmod(0o755)
        try:
            file = Dockerfile(ROOT / "Dockerfile")
            image = Image(file, Path(folder), interpreter(file, python))
            typer.echo(f"{image.python} stands for {image.file.stages[-1][0].rest}")
            image.build()
            asyncio.run(prove(image))
        except ProofError as error:
            sys.exit(f"{error}")
    typer.echo(f"Built, started, ready, answered and stopped in {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    typer.run(main)
