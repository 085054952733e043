"""The command line: `initviz` opens the explorer; `initviz show`, `fans` and `check` print."""
