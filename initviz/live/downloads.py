"""Files for whoever sees a page, made when asked for: they reach the browser in parts, and are kept nowhere."""

import json
from collections import deque
from functools import partial

import panel as pn
from bokeh.document import Document
from bokeh.models import CustomJS

from initviz.live.updates import update_page

NAME = "initviz download"
"""Of what a page and its server tell one another of files by."""
PART = 2**21
"""Most bytes of a message: what others are told meanwhile waits no longer than for one."""
SAVE = """(Bokeh, name) => {
  const carrier = [...Bokeh.documents[0]._all_models.values()].find(({tags}) => tags?.[0] === name)
  if (!carrier) return
  let parts = []
  const asPng = async (svg, scale = 3) => {  // a picture as dense as a screen of today
    const image = new Image()
    image.src = URL.createObjectURL(svg)
    await image.decode()
    const canvas = document.createElement("canvas")
    canvas.width = scale * image.width
    canvas.height = scale * image.height
    const pen = canvas.getContext("2d")
    pen.fillStyle = "#ffffff"
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.drawImage(image, 0, 0, canvas.width, canvas.height)
    URL.revokeObjectURL(image.src)
    return await new Promise(then => canvas.toBlob(then))
  }
  const save = async (blob, file) => {
    const isPng = blob.type.startsWith("image/svg") && file.endsWith(".png")
    const href = URL.createObjectURL(isPng ? await asPng(blob) : blob)
    Object.assign(document.createElement("a"), {href, download: file}).click()
    setTimeout(() => URL.revokeObjectURL(href), 60_000)  // the browser may read it later than the click
  }
  carrier.properties.tags.change.connect(() => {
    const [, number, file, type, place, count, part] = carrier.tags
    if (file === undefined) return
    if (!place) parts = []
    parts.push(part)
    if (place + 1 === count) {
      save(new Blob(parts, {type}), file)
      parts = []
    }
    carrier.value = `${number} ${place}`
  })
}"""
"""Puts the parts of a file together, and saves it under its name. Panel's own way (1.9, 1.10: `FileDownload`) needs a
button for each file, and keeps what was downloaded last, once more as text, in the page and on the server."""
TYPES = {
    "py": "text/x-python", "json": "application/json", "csv": "text/csv", "html": "text/html", "npz": "application/zip",
    "toml": "application/toml",
    "svg": "image/svg+xml", "png": "image/svg+xml",  # which the browser draws
}  # fmt: skip
"""Of contents, by the ends of names."""


def follow_downloads(document: Document | None) -> None:
    """Have a served page save what it is sent; call it before the page is shown."""
    if document is not None:
        document.js_on_event("document_ready", CustomJS(code=f"({SAVE})(Bokeh, {json.dumps(NAME)})"))


class Downloads:
    """Sends files to the page that shows its `layout`, which shows nothing."""

    def __init__(self):
        self.layout = pn.widgets.TextInput(visible=False, tags=[NAME])
        self.layout.param.watch(lambda event: update_page(partial(self._arrived, event.new)), "value")
        self._parts: deque[tuple[str, list]] = deque()
        self._number = 0

    def send(self, file: str, content: bytes) -> None:
        """Have the browser save a file of this name; call it inside `update_page`.

        A name that ends in png is for an SVG, which the browser turns into such an image.
        """
        is_idle, count = not self._parts, max(-(-len(content) // PART), 1)
        self._number += 1
        kind = TYPES[file.rpartition(".")[2]]
        for place in range(count):
            part = [self._number, file, kind, place, count, content[place * PART : (place + 1) * PART]]
            self._parts.append((f"{self._number} {place}", part))
        if is_idle:
            self._tell()

    @property
    def waiting(self) -> int:
        """How many files the browser does not have yet."""
        return len({part[0] for _, part in self._parts})

    def _tell(self) -> None:
        self.layout.tags = [NAME, *(self._parts[0][1] if self._parts else [])]

    def _arrived(self, part: str) -> None:
        """The browser has a part: send the next one, or forget the last."""
        if self._parts and self._parts[0][0] == part:
            self._parts.popleft()
            self._tell()
