"""`python -m initviz` is `initviz`."""

from initviz.command.main import run

if __name__ == "__main__":
    run()
