"""Runs cloud-init's four stages in one process.

Each stage as a process of its own loads Python and all of cloud-init's modules again, which is most of the
time that a guest without hardware acceleration takes to boot.
"""

import os
import socket
import subprocess
import sys


def notify_ready():
    """Tells systemd that units ordered after this one may start."""
    address = os.environ.pop("NOTIFY_SOCKET", None)
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(b"READY=1", address)


def has_seed():
    look = ["blkid", "-t", "LABEL=cidata"]
    return subprocess.run(look, stdout=subprocess.DEVNULL, check=False).returncode == 0


def wait_for_seed():
    """A seed on a virtio disk is there already; others need a driver, which udev is loading."""
    if has_seed():
        return True
    subprocess.run(["udevadm", "settle", "--timeout=30"], check=False)
    return has_seed()


# A machine that started as a fork has none in a reboot of its own. It is what it was: without a seed, cloud-init would take it for a
# new machine, and give it an address by DHCP.
if not wait_for_seed():
    print("no seed: the machine stays what it is")
    notify_ready()
    sys.exit(0)

# Without it cloud-init skips the check of the seed against its schema: loading the checker alone takes 4 s.
sys.modules["jsonschema"] = None

import yaml  # noqa: E402

# libyaml's parser, not the one in Python; cloud-init takes whichever has this name.
yaml.SafeLoader = yaml.CSafeLoader

from cloudinit.cmd import main  # noqa: E402
from cloudinit.sources import DataSourceNoCloud  # noqa: E402


def stage(*arguments):
    return main.main(["cloud-init", *arguments])


# The seed is a disk: nothing in it has to wait for a network.
DataSourceNoCloud.DataSourceNoCloud.dsmode = "local"

failed = stage("init", "--local")
notify_ready()
# Packages and users' commands may want the network.
subprocess.run(["systemctl", "start", "network-online.target"], check=False)
failed += stage("modules", "--mode=config")
failed += stage("modules", "--mode=final")
sys.exit(1 if failed else 0)
