"""Files that whoever sees a page gives to it: they reach the server in parts, into a folder that goes with the page."""

import base64
import binascii
import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import panel as pn
from bokeh.document import Document
from bokeh.models import CustomJS

from initviz.live.updates import update_page
from initviz.wording import quoted

NAME = "initviz upload"
"""Of what a page and its server tell one another of files by."""
CHOSEN = "initviz-upload"
"""The event of a page that has files in its detail."""
PART = 2**21
"""Bytes of a message, as text a third more."""
MOST_FILES, LONGEST_NAME = 200, 200
SEND = """(Bokeh, name, chosen, size) => {
  const models = () => [...Bokeh.documents[0]._all_models.values()]
  const carrier = () => models().find(({tags}) => tags?.[0] === name)
  const text = blob => new Promise((then, refuse) => {
    const reader = new FileReader()
    reader.onload = () => then(reader.result.slice(reader.result.indexOf(",") + 1))
    reader.onerror = () => refuse(reader.error)
    reader.readAsDataURL(blob)
  })
  let batch = 0, heard = null
  document.addEventListener(chosen, async ({detail}) => {
    const model = carrier(), files = [...detail], own = ++batch
    if (!model || !files.length) return
    if (!heard) {
      heard = () => heard.then?.(model.tags.slice(1))
      model.properties.tags.change.connect(() => heard())
    }
    const asked = message => new Promise(then => {
      heard.then = then
      model.value = message
    })
    const about = files.map(({name, size}) => ({name, size}))
    let answer = await asked(`${own} begin ${JSON.stringify(about)}`)
    while (own === batch && answer[0] === own && answer[1] >= 0) {
      const [, place, start] = answer
      let part
      try {
        part = await text(files[place].slice(start, start + size))
      } catch (error) {
        answer = await asked(`${own} unread ${error.message}`)
        continue
      }
      answer = await asked(`${own} part ${place} ${start} ${part}`)
    }
  })
}"""
"""Sends files in parts, each once the one before has arrived. Panel's own ways (1.9, 1.10) send a file in one message,
which Bokeh refuses from 20 MB on, or load a library on every page."""
CHOOSE = (
    "<style>input {font: inherit; width: 18rem}</style><label>%s "
    f"<input type='file' multiple onchange=\"document.dispatchEvent(new CustomEvent('{CHOSEN}', "
    "{detail: [...this.files]})); this.value = ''\"></label>"
)
"""A field that takes files, with its label."""

_largest = 2**31


def limit_uploads(largest: int) -> None:
    """Have pages of this process take no more bytes at a time."""
    global _largest
    _largest = largest


def follow_uploads(document: Document | None) -> None:
    """Have a served page send the files that are chosen; call it before the page is shown."""
    if document is not None:
        words = ", ".join(map(json.dumps, (NAME, CHOSEN, PART)))
        document.js_on_event("document_ready", CustomJS(code=f"({SEND})(Bokeh, {words})"))


class Uploads:
    """Takes files from the page that shows its `layout`, which shows nothing, one choice at a time.

    Args:
        taken: told the path of what has arrived: the file, or a folder with several.
        told: told how far it is, in words; an empty text once it is over.
        refused: told why nothing is taken.
    """

    def __init__(
        self,
        taken: Callable[[Path], object],
        told: Callable[[str], object],
        refused: Callable[[str], object],
    ):
        self.layout = pn.widgets.TextInput(visible=False, tags=[NAME])
        self.layout.param.watch(lambda event: update_page(partial(self._hear, event.new)), "value")
        self._taken, self._told, self._refused = taken, told, refused
        self._folder: TemporaryDirectory | None = None
        self._kept: list[TemporaryDirectory] = []
        self._batch, self._files, self._sizes = 0, [], []

    def _hear(self, message: str) -> None:
        number, _, rest = message.partition(" ")
        kind, _, rest = rest.partition(" ")
        try:
            if kind == "begin":
                self._begin(int(number), json.loads(rest))
            elif int(number) == self._batch and self._folder is not None:
                if kind == "part":
                    self._take(*rest.split(" ", 2))
                else:
                    raise ValueError(f"the browser must be able to read the file, got {quoted(rest)}. Choose it again.")
        except (ValueError, OSError, KeyError, TypeError, binascii.Error) as refusal:
            self._end(str(refusal))

    def _begin(self, batch: int, files: list[dict]) -> None:
        self._batch = batch
        self._discard()
        sizes = [int(file["size"]) for file in files]
        names = [_safe(file["name"]) for file in files]
        if sum(sizes) > _largest:
            raise ValueError(
                f"files must have at most {_megabytes(_largest)} here, got {_megabytes(sum(sizes))}. "
                "Choose a smaller one, or run initviz audit FILE where it is."
            )
        if not 0 < len(files) <= MOST_FILES or len(set(names)) < len(names):
            raise ValueError(f"choose up to {MOST_FILES} files of different names, got {len(files)}. Choose others.")
        self._folder = TemporaryDirectory(prefix="initviz-", ignore_cleanup_errors=True)
        self._files, self._sizes = [Path(self._folder.name) / name for name in names], sizes
        for file in self._files:
            file.touch()
        self._go_on(0)

    def _take(self, place: str, start: str, part: str) -> None:
        file = self._files[int(place)]
        if file.stat().st_size != int(start):
            return  # once more what was there
        with file.open("ab") as there:
            there.write(base64.b64decode(part, validate=True))
        if file.stat().st_size > self._sizes[int(place)]:
            raise ValueError(f"{file.name} must have {self._sizes[int(place)]:,} bytes, got more. Choose it again.")
        self._go_on(int(place))

    def _go_on(self, place: int) -> None:
        """Ask for the next part, or be done."""
        while place < len(self._files) and self._files[place].stat().st_size >= self._sizes[place]:
            place += 1
        if place < len(self._files):
            arrived = sum(self._sizes[:place]) + self._files[place].stat().st_size
            self._told(f"{_megabytes(arrived)} of {_megabytes(sum(self._sizes))} have arrived.")
            self.layout.tags = [NAME, self._batch, place, self._files[place].stat().st_size]
            return
        assert self._folder is not None
        path = self._files[0] if len(self._files) == 1 else Path(self._folder.name)
        before, self._kept, self._folder = self._kept, [self._folder], None
        self._end("")
        self._taken(path)
        for folder in before:  # which nobody reads any more
            folder.cleanup()

    def _end(self, refusal: str) -> None:
        self._discard()
        self._told("")
        self.layout.tags = [NAME, self._batch, -1, 0]
        if refusal:
            self._refused(refusal)

    def _discard(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def close(self) -> None:
        """Remove what was taken."""
        self._discard()
        for folder in self._kept:
            with suppress(OSError):
                folder.cleanup()
        self._kept = []


def _safe(name: str) -> str:
    """The last part of a name, which leads nowhere else."""
    own = name.replace("\\", "/").rpartition("/")[2].lstrip(".")
    own = "".join(each for each in own if each.isprintable())[-LONGEST_NAME:]
    return own or "model"


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.3g} MB" if size < 1e9 else f"{size / 1e9:.3g} GB"
