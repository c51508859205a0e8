"""The nursery: a process that has loaded what every Python function needs, and forks a worker in
milliseconds.

Run as `python -m thestack.development.nursery DESCRIPTOR`. The descriptor is a socket; each request on it is
one line of JSON, `{"handler", "root", "variables"}`, which brings two descriptors: the socket that the worker
takes its events from, and where its output goes. The answer is the worker's process id, in a line.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
from typing import Any

_LARGEST = 1 << 16
_PRELOADED = (
    "ariadne",
    "aws_lambda_powertools.metrics",
    "aws_lambda_powertools.utilities.data_classes.sqs_event",
    "jwt",
    "thestack.adapters.aws.bus",
    "thestack.adapters.aws.deliveries",
    "thestack.adapters.aws.identity",
    "thestack.adapters.aws.mailer",
    "thestack.adapters.aws.profiles",
    "thestack.adapters.aws.queue",
    "thestack.entry.settings",
    "thestack.entry.wiring",
    "thestack.development.survey",
    "thestack.development.worker",
    "thestack.runtime.consume",
    "thestack.runtime.graphql",
    "thestack.runtime.relay",
)
"""Nothing that reads a function's variables when it is imported, and nothing of a service."""


def main(descriptor: int) -> None:
    """Fork workers until nobody can ask for more."""
    for name in _PRELOADED:
        importlib.import_module(name)
    gc.freeze()  # what is loaded stays shared with the workers
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the end of a worker's socket tells of its death
    with socket.socket(fileno=descriptor) as asked:
        while True:
            line, descriptors, _, _ = socket.recv_fds(asked, _LARGEST, 2)
            if not line:
                return
            child = os.fork()
            if child == 0:
                asked.close()
                _become(json.loads(line), *descriptors)
            for each in descriptors:
                os.close(each)
            asked.sendall(f"{child}\n".encode())


def _become(asked: dict[str, Any], talk: int, output: int) -> None:
    """Go on as a worker, and never come back."""
    from thestack.development.worker import work

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for standard in (1, 2):
        os.dup2(output, standard)
    os.close(output)
    os.environ.clear()
    os.environ.update(asked["variables"])
    sys.path.insert(0, asked["root"])
    sys.dont_write_bytecode = True
    sys.pycache_prefix = os.devnull  # byte code of the same second and size would pass for the edited file's
    try:
        with socket.socket(fileno=talk) as events:
            work(asked["handler"], events)
    finally:
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
