"""``python -m kedge``: the command line where its script is not on the path."""

import sys

from kedge.interfaces.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
