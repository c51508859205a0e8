"""`make demo`: the whole stack from its built bundles, driven through its public endpoint; exits 0 or 1."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[2])
    try:
        from tests.e2e.steps.run import main

        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:  # while it was loading
        sys.exit(130)
