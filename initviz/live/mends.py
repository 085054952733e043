"""Faults of Panel's scripts, mended on the page that runs them."""

from weakref import WeakSet

from bokeh.document import Document
from bokeh.models import CustomJS

ECHO = """
const React = Bokeh.Models.get("panel.models.esm.ReactComponent")
const mend = data => {
  if (!data || Object.hasOwn(data, "setv")) return
  const {setv} = data
  const told = []
  data.setv = function (changed, options) {
    for (const [name, value] of Object.entries(changed)) {
      const isNews = this.attributes[name] !== value
      const at = told.findIndex(each => each.name === name && each.value === value)
      if (options?.sync === false) {  // from the server
        if (isNews) {
          const news = {name, value}
          told.push(news)
          setTimeout(() => told.includes(news) && told.splice(told.indexOf(news), 1), 300)
        }
      } else if (!isNews) {
        told.splice(0, told.length, ...told.filter(each => each.name !== name))  // all shown
      } else if (at >= 0) {
        told.splice(at, 1)
        this.properties[name].change.emit()
        return
      }
    }
    setv.call(this, changed, options)
  }
}
const view = React?.prototype.default_view?.prototype
if (!view?.initialize) return
const {initialize} = view
view.initialize = function () {
  mend(this.model.data)
  initialize.call(this)
}
const models = Bokeh.documents.flatMap(each => [...each._all_models.values()])
models.filter(model => model instanceof React).forEach(model => mend(model.data))
"""
"""Has a widget of React say only what its user did.

On a slow page such a widget (Panel 1.9, 1.10: `react_component.ts`, `useState`) shows a value that the server has put,
is told the next one, and only then says what it has shown: it puts the old value over the new, on the page and on the
server, as if it had been entered. What it says is left out if the server has told it, and it shows what holds. Around:
none; what is put back is seen only where a page is busy.
"""

_mended: WeakSet[Document] = WeakSet()


def mend_echo(document: Document | None) -> None:
    """Mend the widgets of a served page, once it is shown."""
    if document is not None and document not in _mended:
        _mended.add(document)
        document.js_on_event("document_ready", CustomJS(code=ECHO))
