"""Notebooks run in a fresh kernel of the interpreter that runs the tests, whatever kernels this machine knows."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from ipykernel.kernelspec import write_kernel_spec
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient

KERNEL = "this-interpreter"


class Attended(NotebookClient):
    """Runs cells as a page does, at which somebody sits."""

    async def async_start_new_kernel_client(self):
        client = await super().async_start_new_kernel_client()
        client.allow_stdin = True
        return client


def execute(
    notebook: nbformat.NotebookNode, folder: Path, client: type[NotebookClient] = Attended
) -> list[nbformat.NotebookNode]:
    """Run all cells in this folder; those with code, with their outputs."""
    with TemporaryDirectory() as kernels:
        write_kernel_spec(Path(kernels) / KERNEL)
        run = client(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
        run.create_kernel_manager()
        run.km.kernel_spec_manager = KernelSpecManager(kernel_dirs=[kernels])
        run.km.kernel_name = KERNEL
        assert run.km.kernel_spec.argv[0] == sys.executable
        run.execute()
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def execute_cells(*sources: str, folder: Path, client: type[NotebookClient] = Attended) -> list[nbformat.NotebookNode]:
    """Run a notebook of these cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return execute(nbformat.v4.new_notebook(cells=cells), folder, client)
