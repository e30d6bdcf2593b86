#!/usr/bin/python3
"""What `systemctl` does, where no systemd runs: starts what a unit says, as whom and in the file system that it says.

Certificates come from Caddy itself: nobody outside can see the machine that this is for.
"""

import configparser
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

UNITS = Path("/etc/systemd/system")
STATE = Path("/run/stand-in")
LOCAL_CERTIFICATES = "{\n\tlocal_certs\n\tskip_install_trust\n}\n"
PATIENCE = 120
# ProtectSystem=strict, ProtectHome and PrivateTmp: what follows "--" is run where only the directories before it can be written.
CONFINED = """
set -e
while [ "$1" != -- ]; do mount --bind "$1" "$1"; shift; done
shift
mount -o remount,bind,ro /
mount -t tmpfs none /tmp
mount -t tmpfs -o ro none /root
exec "$@"
"""


class Unit(dict[str, str]):
    def __init__(self, name: str) -> None:
        self.name = name if "." in name else f"{name}.service"
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their capitals
        parser.read(UNITS / self.name)
        super().__init__(parser["Service"] if parser.has_section("Service") else {})
        self.pid_file = STATE / f"{self.name}.pid"

    def environment(self) -> dict[str, str]:
        lines = Path(self["EnvironmentFile"]).read_text().splitlines()
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            **dict(word.split("=", 1) for line in lines for word in shlex.split(line)),
        }

    def command(self) -> list[str]:
        user = self["User"]
        state = [f"/var/lib/{self['StateDirectory']}"] if "StateDirectory" in self else []
        writable = [*state, *self.get("ReadWritePaths", "").split()]
        for directory in state:
            Path(directory).mkdir(exist_ok=True)
            shutil.chown(directory, user, user)
        confined = (
            ["unshare", "--mount", "sh", "-c", CONFINED, "sh", *writable, "--"]
            if self.get("ProtectSystem")
            else []
        )
        less = [
            "setpriv",
            f"--reuid={user}",
            f"--regid={user}",
            "--init-groups",
            "--no-new-privs",
            "--inh-caps=-all",
            "--bounding-set=-all",
        ]
        return [*confined, *less, *shlex.split(self["ExecStart"])]

    def start(self) -> None:
        if self["Type"] == "oneshot":
            subprocess.run(self.command(), env=self.environment(), check=True)
            return
        told = STATE / f"{self.name}.notify"
        told.unlink(missing_ok=True)
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard,
            (STATE / f"{self.name}.log").open("ab") as log,
        ):
            heard.bind(str(told))
            shutil.chown(told, self["User"])
            environment = self.environment() | {"NOTIFY_SOCKET": str(told)}
            process = subprocess.Popen(
                self.command(),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            self.pid_file.write_text(str(process.pid))
            heard.settimeout(1)
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until and process.poll() is None:
                try:
                    if "READY=1" in heard.recv(4096).decode().split("\n"):
                        return
                except TimeoutError:
                    continue
        sys.exit((STATE / f"{self.name}.log").read_text()[-3000:])

    def stop(self) -> None:
        if self.pid_file.exists():
            ended(int(self.pid_file.read_text()))
            self.pid_file.unlink()


def ended(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
        while Path(f"/proc/{pid}/cmdline").read_bytes():
            time.sleep(0.05)
    except (ProcessLookupError, FileNotFoundError):
        pass


def start_caddy() -> None:
    config = STATE / "Caddyfile"
    config.write_text(LOCAL_CERTIFICATES + Path("/etc/caddy/Caddyfile").read_text())
    with (STATE / "caddy.log").open("ab") as log:
        process = subprocess.Popen(
            ["caddy", "run", "--adapter", "caddyfile", "--config", config],
            env=os.environ | {"HOME": "/var/lib/caddy"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (STATE / "caddy.pid").write_text(str(process.pid))
    authority = Path("/var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt")
    until = time.monotonic() + PATIENCE
    while not authority.exists() and time.monotonic() < until:
        time.sleep(0.1)
    shutil.copy(authority, "/usr/local/share/ca-certificates/stand-in.crt")
    subprocess.run(
        ["update-ca-certificates"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", 443)).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("Caddy does not listen.")


def main(words: list[str]) -> None:
    STATE.mkdir(exist_ok=True)
    verb, *names = [word for word in words if word != "--now"]
    if verb == "daemon-reload":
        ours = sorted(map(str, UNITS.glob("raincheck*")))
        said = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *ours], capture_output=True, text=True
        )
        faults = [line for line in said.stderr.splitlines() if "raincheck" in line]
        if faults:
            sys.exit("\n".join(faults))
        return
    [name] = names
    if name == "caddy":
        ended(int((STATE / "caddy.pid").read_text())) if verb == "stop" else start_caddy()
    elif name == "nginx":
        subprocess.run(["nginx"], check=True)
    elif name.endswith(".timer"):
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(UNITS / name)
        subprocess.run(
            ["systemd-analyze", "calendar", parser["Timer"]["OnCalendar"]],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        assert (UNITS / name.replace(".timer", ".service")).exists()
    elif verb == "stop":
        Unit(name).stop()
    else:
        Unit(name).start()


if __name__ == "__main__":
    main(sys.argv[1:])
