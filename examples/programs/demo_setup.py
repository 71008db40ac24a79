#!/usr/bin/env python3
"""Loads the sample shop into a running server: products, people, events, models, campaigns.

    trine serve --import-dir examples/shop &
    python3 examples/programs/demo_setup.py

May be run repeatedly: existing resources are kept.
"""

import time

import shop


def main():
    args = shop.arguments(__doc__.splitlines()[0]).parse_args()
    server = shop.Server(args.endpoint)
    started = time.monotonic()
    shop.prepare(server, args.import_dir, say=lambda text: print(f"  {text}", flush=True))
    print(f"The sample shop is loaded into {server.endpoint} ({time.monotonic() - started:.1f} s).")
    return 0


if __name__ == "__main__":
    shop.run(main)
