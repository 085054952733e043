"""`python -m initviz` is `initviz`."""

import sys

from initviz.command.main import main

if __name__ == "__main__":
    sys.exit(main())
