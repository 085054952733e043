"""Files that whoever sees a page gives to it: they reach the server in parts, into a folder that goes with the page."""

import base64
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
from initviz.wording import quoted, several

NAME = "initviz upload"
"""Of what a page and its server tell one another of files by."""
CHOSEN = "initviz-upload"
"""The event of a page that has files in its detail."""
PART = 2**21
"""Bytes of a message, as text a third more."""
MOST_FILES, LONGEST_NAME = 200, 200
"""Files of a choice, and bytes of the end of a name that is kept."""
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
      heard = () => {
        if (model.tags[1] === batch) heard.then?.(model.tags.slice(1))  // not to what was chosen before
      }
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
        if (own !== batch) return  // something else was chosen meanwhile, whose answer is waited for
      } catch (error) {
        if (own !== batch) return
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


def largest() -> int:
    """Most bytes that are taken at a time."""
    return _largest


def follow_uploads(document: Document | None) -> None:
    """Have a served page send the files that are chosen; call it before the page is shown."""
    if document is not None:
        words = ", ".join(map(json.dumps, (NAME, CHOSEN, PART)))
        document.js_on_event("document_ready", CustomJS(code=f"({SEND})(Bokeh, {words})"))


class UploadError(ValueError):
    """Files that are not taken; the message says why, for who chose them."""


NOT_OURS = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)
"""What is raised over messages that `SEND` does not write."""


class Uploads:
    """Takes files from the page that shows its `layout`, which shows nothing, one choice at a time.

    Args:
        taken: told the path of what has arrived: the file, or a folder with several; and whom to tell, once that is
            known, whether it is of use. If so the folder before goes.
        told: told how far it is, in words; an empty text once it is over.
        refused: told why nothing is taken.
    """

    def __init__(
        self,
        taken: Callable[[Path, Callable[[bool], object]], object],
        told: Callable[[str], object],
        refused: Callable[[str], object],
    ):
        self.layout = pn.widgets.TextInput(visible=False, tags=[NAME])
        self.layout.param.watch(lambda event: update_page(partial(self._hear, event.new)), "value")
        self._taken, self._told, self._refused = taken, told, refused
        self._folder: TemporaryDirectory | None = None
        self._kept: TemporaryDirectory | None = None
        self._whole: TemporaryDirectory | None = None
        self._in_hand: list[TemporaryDirectory] = []
        self._is_closed = False
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
                    raise UploadError(
                        f"the browser must be able to read the file, got {quoted(rest)}. Choose it again."
                    )
        except UploadError as refusal:
            self._end(str(refusal))
        except OSError as failure:
            self._end(
                f"files must find room on the server, got {failure.strerror}. Choose others, or tell who runs it."
            )
        except NOT_OURS:
            self._end("files must arrive as this page sends them, got something else. Choose them again.")
        if self._whole is not None:
            folder, self._whole = self._whole, None
            self._hand_over(folder)

    def _begin(self, batch: int, files: list[dict]) -> None:
        self._batch = batch
        self._discard()
        sizes = [int(file["size"]) for file in files]
        names = [_safe(file["name"]) for file in files]
        if min(sizes, default=0) < 0:
            raise ValueError("no size")
        if sum(sizes) > _largest:
            raise UploadError(
                f"files must have at most {_megabytes(_largest)} here, got {_megabytes(sum(sizes))}. "
                "Choose a smaller one, or run initviz audit FILE where it is."
            )
        if not 0 < len(files) <= MOST_FILES or len(set(names)) < len(names):
            raise UploadError(f"choose up to {MOST_FILES} files of different names, got {len(files)}. Choose others.")
        self._folder = TemporaryDirectory(prefix="initviz-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name) / several(len(names), "file")  # which is what several are called
        folder.mkdir()
        self._files, self._sizes = [folder / name for name in names], sizes
        for file in self._files:
            file.touch()
        self._go_on()

    def _take(self, place: str, start: str, part: str) -> None:
        file = self._files[int(place)]
        if file.stat().st_size != int(start):
            return  # once more what was there
        with file.open("ab") as there:
            there.write(base64.b64decode(part, validate=True))
        if file.stat().st_size > self._sizes[int(place)]:
            raise UploadError(f"{file.name} must have {self._sizes[int(place)]:,} bytes, got more. Choose it again.")
        self._go_on()

    def _go_on(self) -> None:
        """Ask for the next part, or be done."""
        arrived = [file.stat().st_size for file in self._files]
        missing = [place for place, size in enumerate(self._sizes) if arrived[place] < size]
        if missing:
            self._told(f"{_megabytes(sum(arrived))} of {_megabytes(sum(self._sizes))} have arrived.")
            self.layout.tags = [NAME, self._batch, missing[0], arrived[missing[0]]]
            return
        self._whole, self._folder = self._folder, None
        self._end("")

    def _hand_over(self, folder: TemporaryDirectory) -> None:
        """Give what has arrived to who takes it."""
        self._in_hand.append(folder)
        self._taken(self._files[0] if len(self._files) == 1 else self._files[0].parent, partial(self._is_known, folder))

    def _is_known(self, folder: TemporaryDirectory, is_of_use: bool) -> None:
        """Remove the one before, or this one if it is of no use."""
        self._in_hand.remove(folder)
        if is_of_use and not self._is_closed:
            folder, self._kept = self._kept, folder
        if folder is not None:
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
        """Remove what was taken, and what is being read."""
        self._is_closed = True
        self._discard()
        kept, self._kept = self._kept, None
        for folder in (*self._in_hand, *([kept] if kept else [])):
            with suppress(OSError):
                folder.cleanup()


def _safe(name: str) -> str:
    """The last part of a name, which leads nowhere else."""
    own = name.replace("\\", "/").rpartition("/")[2].lstrip(".")
    own = "".join(each for each in own if each.isprintable())
    return own.encode()[-LONGEST_NAME:].decode(errors="ignore").lstrip(".") or "model"


def _megabytes(size: float) -> str:
    """A number of bytes as text.

    >>> _megabytes(999.9e6), _megabytes(10), _megabytes(2**31)
    ('999.9 MB', '10 bytes', '2.147 GB')
    """
    unit, name = next((each for each in UNITS if size >= each[0]), (1, "bytes"))
    return f"{size / unit:.4g} {name}"


UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
