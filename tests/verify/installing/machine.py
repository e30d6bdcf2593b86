"""A machine with nothing of ours on it, made of this one's own root directory under a layer that is thrown away."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "how-to" / "start-a-practice.md"
SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DONE = "--- that was all of this block ---"
# Everything below the layer can be read and nothing of it changed. What a new machine has not is empty.
NEW_ROOT = """
set -e
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
for empty in root tmp run work opt; do [ ! -d "$empty" ] || mount -t tmpfs none "$empty"; done
chmod 1777 tmp
mount -t proc proc proc
mount --rbind /dev dev
cp -r $2 root/
mkdir -p root/.config run/stand-in
[ ! -d "$3" ] || cp -r "$3" root/.config/
for index in /opt/pypi /opt/pypi-more /opt/wheels; do
  [ ! -d "$index" ] || { mkdir -p ".$index"; mount --bind "$index" ".$index"; }
done
install -m 0755 "$4" usr/local/bin/systemctl
echo 127.0.0.1 harbor.example >> etc/hosts
cd root
exec chroot .. /usr/bin/env -i --chdir=/root "PATH=$5" HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive $6 bash -e
"""


def sections() -> dict[str, str]:
    """Return the commands of each section of the page, by its title."""
    found = SECTION.findall(PAGE.read_text("utf-8"))
    return {title: "".join(BLOCK.findall(text)) for title, text in found if BLOCK.search(text)}


@dataclass
class Machine:
    """A shell of root on the machine. `said` is all that it printed."""

    shell: subprocess.Popen[str]
    said: str = ""

    def type(self, commands: str) -> str:
        """Type commands as they stand, wait until they are done, and return what they printed. Fails with it otherwise."""
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        self.shell.stdin.write(f"{commands}\necho '{DONE}'\n")
        self.shell.stdin.flush()
        said = ""
        while (line := self.shell.stdout.readline()) != f"{DONE}\n":
            assert line, f"The shell ended.\n{commands}\n{said[-5000:]}"
            said += line
        self.said += said
        return said


def is_possible() -> bool:
    """Whether this machine lets its root lay such a layer."""
    trying = "mount -t tmpfs none /mnt && mkdir /mnt/u /mnt/w /mnt/r && mount -t overlay o -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/r"
    words = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c", trying]
    return os.geteuid() == 0 and subprocess.run(words, capture_output=True, check=False).returncode == 0


@contextmanager
def new_machine(files: Sequence[Path], directory: Path) -> Iterator[Machine]:
    """Make the machine, with these files in root's directory; with the block everything on it ends and is gone."""
    pip = " ".join(f"{name}={value}" for name, value in os.environ.items() if name.startswith("PIP_"))
    settings = Path.home() / ".config" / "pip"
    stand_in = HERE / "stand_in_systemctl.py"
    apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", NEW_ROOT, "sh"]
    shell = subprocess.Popen(
        [*apart, directory, " ".join(map(str, files)), settings, stand_in, PATH, pip],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    machine = Machine(shell)
    try:
        yield machine
    finally:
        shell.kill()
        shell.communicate()
        shutil.rmtree(directory, ignore_errors=True)
