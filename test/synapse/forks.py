"""
Loads Synapse once. For each line of its input, {"folder", "config", "log"} in JSON, it forks a process that is a Synapse
with that configuration, and prints its process id. When its input ends it ends every Synapse, removes their folders,
and ends itself. It is the leader of a process group.
"""

import ctypes
import json
import os
import shutil
import signal
import sys

from twisted.internet.main import installReactor

# Of Synapse's own launcher for tests: a reactor that was made before a fork does not work after it.
from synapse.app.complement_fork_proxied_reactor import ProxiedReactor

reactor = ProxiedReactor()
installReactor(reactor)

import synapse.app.homeserver  # noqa: E402

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def become_synapse(folder: str, config: str, log: str) -> None:
    # Also when this program is killed.
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(folder)
    # Modules that a test gives it.
    sys.path.append(folder)
    from twisted.internet.epollreactor import EPollReactor

    reactor._install_real_reactor(EPollReactor())
    sys.argv = ["homeserver", "-c", config]
    synapse.app.homeserver.main()


# The kernel buries those that have ended.
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
folders = []
for line in sys.stdin:
    order = json.loads(line)
    folders.append(order["folder"])
    pid = os.fork()
    if pid == 0:
        try:
            become_synapse(**order)
        finally:
            os._exit(1)
    print(pid, flush=True)

signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.killpg(0, signal.SIGTERM)
for folder in folders:
    shutil.rmtree(folder, ignore_errors=True)
