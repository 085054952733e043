"""Numbers recorded before this code was written, and which of them a run has compared with."""

import json
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"


class Recorded(dict):
    """Entries by id, which remembers the ones that were asked for."""

    def __init__(self, entries):
        super().__init__({entry["id"]: entry for entry in entries})
        self.compared: set[str] = set()

    def __getitem__(self, name: str) -> dict:
        self.compared.add(name)
        return super().__getitem__(name)

    @property
    def report(self) -> str:
        """How many of the entries with a tolerance were compared with."""
        known = {name for name, entry in self.items() if entry["tolerance"] is not None}
        return f"recorded numbers: {len(self.compared & known)} of {len(known)} with a tolerance compared"


NUMBERS = Recorded(json.loads((GOLDEN / "reference_numbers.json").read_text())["entries"])
EXAMPLES = json.loads((GOLDEN / "reference_examples.json").read_text())
