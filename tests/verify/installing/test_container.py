"""The image of `deploy/` is built where nothing is but Debian, and what `compose.yaml` says of it is run: a manager comes in."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.app.operations.test_packages import clone, wheel  # noqa: F401  fixtures
from tests.verify.installing.machine import Machine, is_possible, new_machine
from tests.verify.installing.new_practice import LINK, Person, words
from tests.verify.installing.visitor import Visitor, found

BUILDERS = "buildah mmdebstrap python3-yaml caddy curl"
THIS_MACHINES = [
    "/opt/pypi",
    "/opt/pypi-more",
    "/opt/wheels",
    "/etc/ssl/certs",
    "/etc/pip.conf",
    "/root/.config/pip",
]
"""Where this machine's packages come from, which the build has to see, too."""
# Layers are copied, not laid over each other: the machine itself is such a layer, and none is laid over one.
STORAGE = """
mkdir -p /etc/containers
printf '[storage]\ndriver = "vfs"\nrunroot = "/run/containers"\ngraphroot = "/var/lib/containers"\n' > /etc/containers/storage.conf
export BUILDAH_ISOLATION=chroot
"""
# What the Containerfile begins with, made of Debian's own packages: nobody here fetches images.
BASE = """
mmdebstrap --quiet --variant=apt --mode=root --include=python3,python3-venv,python3-pip,ca-certificates bookworm base.tar
buildah from --name base scratch
buildah add --quiet base base.tar /
buildah run base -- sh -c 'ln -s python3 /usr/bin/python; rm /usr/lib/python3*/EXTERNALLY-MANAGED' < /dev/null
buildah commit --quiet base docker.io/library/python:3.11-slim-bookworm
"""
SETTINGS = """
cat > deploy/raincheck.env <<'END'
BASE_URL=https://harbor.example
EMAIL_FROM=front@harbor.example
TRUSTED_PROXIES=1
END
install --directory --mode=0700 deploy/secrets
python3 -c 'import secrets; print(secrets.token_urlsafe(48))' > deploy/secrets/secret-key
echo smtp://127.0.0.1:9 > deploy/secrets/email-url
chmod 0444 deploy/secrets/*
"""
READY = """
for second in $(seq 90); do {health} < /dev/null 2> /dev/null && break; sleep 1; done
{health} < /dev/null
"""


@pytest.fixture
def machine(wheel: Path, clone: Path) -> Iterator[Machine]:  # noqa: F811
    """A machine with the builders, and in it the sources with the pages' styles bundled, as they are after `make assets`."""
    if not is_possible():
        pytest.skip("Nobody here may lay a layer over the root directory (overlay), so no image is built.")
    have = ["apt-get", "install", "--simulate", "--quiet", *BUILDERS.split()]
    if subprocess.run(have, capture_output=True, check=False).returncode != 0:
        pytest.skip(
            "No builder of images can be had here (buildah and mmdebstrap of Debian), so none is built."
        )
    (clone / "node_modules").unlink(missing_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="raincheck-image-", dir="/tmp"))
    with new_machine([clone], directory) as machine:
        machine.type(f"apt-get update\napt-get install --yes --no-install-recommends {BUILDERS}\ncd clone")
        yield machine
    shutil.rmtree(directory, ignore_errors=True)


def test_the_image_is_built_and_serves_as_the_compose_file_says(machine: Machine) -> None:
    machine.type(STORAGE + BASE + SETTINGS)
    mounts = " ".join(f"--volume {path}:{path}:ro" for path in THIS_MACHINES if Path(path).exists())
    machine.type(
        f"buildah build --quiet --pull=never --format docker {mounts} --file deploy/Containerfile --tag raincheck ."
    )
    compose = as_read(machine)
    image = json.loads(machine.type("buildah inspect --type image raincheck"))["Docker"]["config"]
    looked_at(compose, image)

    run = f"buildah run {asked_for(compose)} $(cat container) --"
    machine.type(
        "buildah from raincheck > container\nmkdir records\n"
        "chown $(buildah run $(cat container) -- id -u < /dev/null) records"
    )
    machine.type(f"({run} {shlex.join(image['Cmd'])} < /dev/null > served.log 2>&1 &)")
    health = shlex.join(compose["services"]["raincheck"]["healthcheck"]["test"][1:])
    machine.type(READY.format(health=f"{run} {health}"))
    machine.type(
        "echo 127.0.0.1 raincheck >> /etc/hosts\n"
        "(printf '{\\n local_certs\\n skip_install_trust\\n}\\n'; cat deploy/Caddyfile) > Caddyfile\n"
        "(DOMAIN=harbor.example caddy run --adapter caddyfile --config Caddyfile < /dev/null > caddy.log 2>&1 &)\n"
        "for second in $(seq 60); do curl --insecure --silent --fail --output live.json https://harbor.example/health/live && break; sleep 1; done"
    )
    assert "There is no practice yet" in words(Visitor().read("/"))
    who = "--practice 'Harbor Counseling' --zone America/New_York --manager-name 'Ada Lovelace' --manager-email ada@harbor.example"
    said = machine.type(f"{run} raincheck setup {who} < /dev/null")
    assert Person("Ada Lovelace", "ada@harbor.example").comes_in(found(LINK, said)).path == "/home/"
    stays = machine.type(
        f"{run} sh -c 'id -un; ls -d /source /usr/bin/node /usr/bin/gcc 2>/dev/null || true' < /dev/null"
    )
    assert stays.split() == ["raincheck"]


def as_read(machine: Machine) -> dict[str, Any]:
    """Return the compose file as a program reads it."""
    read = "import json, yaml; print(json.dumps(yaml.safe_load(open('deploy/compose.yaml'))))"
    compose: dict[str, Any] = json.loads(machine.type(f'python3 -c "{read}"'))
    return compose


def looked_at(compose: dict[str, Any], image: dict[str, Any]) -> None:
    """Raincheck has no right it does not need, writes only where its records are, and keeps its secrets in files."""
    service = compose["services"]["raincheck"]
    assert sorted(compose["services"]) == ["caddy", "raincheck"]
    assert [name for name, one in compose["services"].items() if one.get("privileged")] == []
    assert (service["cap_drop"], service["security_opt"], service["read_only"]) == (
        ["ALL"],
        ["no-new-privileges:true"],
        True,
    )
    assert "ports" not in service  # only the proxy is reached from outside
    assert (image["User"], list(image["Volumes"])) == ("raincheck", ["/var/lib/raincheck"])
    assert service["volumes"] == ["records:/var/lib/raincheck"]
    assert sorted(compose["volumes"]) == ["certificates", "records"]
    in_files = {
        f"{name.upper().replace('-', '_')}_FILE": f"/run/secrets/{name}" for name in service["secrets"]
    }
    assert service["environment"] == in_files
    assert {name: one["file"] for name, one in compose["secrets"].items()} == {
        name: f"secrets/{name}" for name in service["secrets"]
    }
    assert service["healthcheck"]["test"] == image["Healthcheck"]["Test"]


def asked_for(compose: dict[str, Any]) -> str:
    """Return what the compose file wants of a container, as options of the builder's own way to run one."""
    service, here = compose["services"]["raincheck"], "/root/clone/deploy"
    secrets = [
        f"--volume {here}/{compose['secrets'][name]['file']}:/run/secrets/{name}:ro"
        for name in service["secrets"]
    ]
    settings = [f"--env {name}={value}" for name, value in service["environment"].items()]
    return " ".join(
        ["--cap-drop all", *secrets, *settings, f"$(sed 's/^/--env /' {here}/{service['env_file']})"]
    )
