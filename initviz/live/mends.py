"""Faults of Panel's scripts, mended on the page that runs them."""

from weakref import WeakSet

from bokeh.document import Document
from bokeh.models import CustomJS

ECHO = """Bokeh => {
  const React = Bokeh.Models.get("panel.models.esm.ReactComponent")
  const view = React?.prototype.default_view?.prototype
  if (!view?.initialize || view.initvizMended) return
  view.initvizMended = true
  const mend = data => {
    if (!data || Object.hasOwn(data, "setv")) return
    const {setv} = data
    let told = []  // by the server, and not shown yet
    data.setv = function (changed, options) {
      for (const [name, value] of Object.entries(changed)) {
        const isNews = this.attributes[name] !== value
        if (options?.sync === false) {
          const news = {name, value}
          const idle = window.requestIdleCallback ?? setTimeout
          if (isNews && told.push(news)) setTimeout(() => idle(() => told = told.filter(each => each !== news)), 300)
        } else if (isNews && told.some(each => each.name === name && each.value === value)) {
          return
        } else {
          told = told.filter(each => each.name !== name)
        }
      }
      setv.call(this, changed, options)
    }
  }
  const {initialize} = view
  view.initialize = function () {
    mend(this.model.data)
    initialize.call(this)
  }
  const {watch} = React.prototype
  React.prototype.watch = function (view, name, changed, isShown) {
    watch.call(this, view, name, changed, isShown)
    if (isShown) changed()
  }
  const models = Bokeh.documents.flatMap(each => [...each._all_models.values()])
  models.filter(model => model instanceof React).forEach(model => mend(model.data))
}"""
"""Has a widget of React say only what its user did, and show what the server says from the start.

On a slow page such a widget (Panel 1.9, 1.10: `react_component.ts`, `useState`) shows a value that the server has put,
is told the next one, and only then says what it has shown: it puts the old value over the new, on the page and on the
server, as if it had been entered. What it says is left out if the server has told it. And it listens a while after it
has read the value that it shows first: it looks again then. Around: none; this is seen only where a page is busy.
"""

_mended: WeakSet[Document] = WeakSet()


def mend_echo(document: Document | None) -> None:
    """Mend the widgets of a served page, those of now and those to come; call it before the page is shown."""
    if document is not None and document not in _mended:
        _mended.add(document)
        document.js_on_event("document_ready", CustomJS(code=f"({ECHO})(Bokeh)"))
