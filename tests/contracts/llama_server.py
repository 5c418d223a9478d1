"""llama.cpp's own server in a process by itself: says where it listens, ends when nobody holds its standard input."""

import sys
from importlib import import_module
from typing import Any

LISTENS = "listens: "


def main() -> None:
    """Serve the model file that is named, two slots of 4,096 tokens, on loopback."""
    llama: Any = import_module("xllamacpp")
    params = llama.CommonParams()
    params.model.path = sys.argv[1]
    params.n_ctx, params.n_parallel, params.cpuparams.n_threads, params.verbosity = 8192, 2, 2, -1
    server = llama.Server(params)
    sys.stdout.write(f"\n{LISTENS}{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
