"""Faults of Panel's scripts, mended on the page that runs them. Around: none is needed, the faults are there again."""

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

MENUS = """() => {
  const open = keys => event => {
    const [menu] = event.composedPath()
    const is = (name, value) => menu.getAttribute?.(name) === value
    if (!is("role", "combobox") || menu.tagName === "INPUT" || is("aria-expanded", "true")) return
    if (is("aria-disabled", "true") || !keys.concat(" ").includes(event.key)) return
    event.preventDefault()
    event.stopPropagation()
    if (keys.includes(event.key)) menu.click()
  }
  document.addEventListener("keydown", open(["Enter", "ArrowUp", "ArrowDown"]), true)
  document.addEventListener("keyup", open([" "]), true)  // which would choose the first option of an open menu
}"""
"""Opens menus by keyboard: those of panel-material-ui (0.16: `Select.jsx`) open by a click alone.

Around: none, a menu is opened with a mouse.
"""

TOOLBARS = """() => {
  const steps = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1}
  document.addEventListener("keydown", event => {
    const [button] = event.composedPath()
    const bar = button.getRootNode?.().host
    if (!bar?.classList.contains("bk-Toolbar")) return
    const all = [...bar.shadowRoot.querySelectorAll("[tabindex]")]
    if (event.key === "Tab") all.forEach(each => { each.tabIndex = each === button ? 0 : -1 })
    if (!steps[event.key]) return
    event.preventDefault()
    all.at((all.indexOf(button) + steps[event.key]) % all.length).focus()
  }, true)
}"""
"""Makes the toolbar of a plot one stop of the tab key, in which arrow keys go on: Bokeh's (3.9, 3.10) has one for each
button, which stand between a plot and the next control. Around: those stops."""

MODELS = """(Bokeh, pause) => {
  const page = Bokeh.documents[0]
  const inQuiet = window.requestIdleCallback ?? (look => setTimeout(look))  // Safari (18) has none
  let unreached = new Set()  // at the last look
  setInterval(() => inQuiet(() => {
    if (!page.all_roots) return
    const reached = new Set(page.all_roots.flatMap(root => [...root.references()]))
    const gone = [...page._all_models.values()].filter(model => !reached.has(model))
    for (const model of gone.filter(model => unreached.has(model))) {
      model.detach_document()
      page._all_models.delete(model.id)
    }
    unreached = new Set(gone)
  }, {timeout: pause}), pause)
}"""
"""Lets go of models that a page has no more, and with them of their views: some 100 of each initializer chosen.

Bokeh's (3.9, 3.10: `document.ts`, issue 15289) does so only 30 seconds after the last message: a page that is in use,
or shows how far work is, keeps all of them. Here they go once two looks have missed them: a message on its way may
still name what one look misses. Around: that wait.
"""
PAUSE = 10_000
"""Milliseconds between two such looks."""

STILL = """() => {
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) return
  const still = new CSSStyleSheet()
  still.replaceSync(`*, ::before, ::after {
      transition-duration: 0s !important; transition-delay: 0s !important; scroll-behavior: auto !important;
      animation-duration: 1ms !important; animation-delay: 0s !important; animation-iteration-count: 1 !important
    }
    .MuiTouchRipple-root {display: none !important}`)
  const calm = root => {
    root.adoptedStyleSheets.push(still)
    for (const {shadowRoot} of root.querySelectorAll("*")) if (shadowRoot) calm(shadowRoot)
  }
  const {attachShadow} = Element.prototype
  Element.prototype.attachShadow = function (options) {
    const root = attachShadow.call(this, options)
    root.adoptedStyleSheets.push(still)
    return root
  }
  calm(document)
}"""
"""Lets nothing on a page move by itself where its user has told the system so: Material's parts (9) do, all the same.

Around: they move.
"""

SHEETS = """Bokeh => {
  const Sheet = Bokeh.Models.get("InlineStyleSheet")
  const sheet = Sheet ? Object.getPrototypeOf(new Sheet({css: ""}).underlying()) : {}
  const {_update} = sheet
  if (!_update || sheet.initvizMended) return
  sheet.initvizMended = true
  const said = css => css.replace(/[\\d.]+px/g, length => parseFloat(length).toFixed(1))  // less is not seen
  sheet._update = function (css) {
    if (said(css) !== said(this.css)) _update.call(this, css)
  }
}"""
"""Sets a style sheet only where it says something else.

At every paint Bokeh (3.9, 3.10: `renderer.ts`, `update_position`) sets that of each part of a plot to what it says
already, and then reads colors from it: a browser works out the style of the page anew some twenty times for one
new answer, half of the time that its plots take to paint. Around: that time.
"""

OUTPUTS = """Bokeh => {
  const Manager = Bokeh.Models["panel.models.comm_manager.CommManager"]
  if (Manager.initvizMended) return
  Manager.initvizMended = true
  const {initialize, msg_handler, _document_changed, detach_document} = Manager.prototype
  const name = ({model, attr}) => `${model?.id} ${attr}`
  const meet = manager => {  // a comm of the kernel of now: none of a later one may be told
    manager.initvizComm ??= manager.ns?.kernels?.[manager.plot_id]?.connectToComm("hv-extension-comm")
  }
  const hear = (manager, message) => {
    manager.initvizChanged = new Set()
    try {
      msg_handler.call(manager, message)
    } catch (error) {
      console.error(error)
    } finally {
      manager.initvizChanged = null
    }
  }
  Manager.prototype.msg_handler = function (message) {
    meet(this)
    const waiting = this.initvizWaiting ??= {messages: [], since: Date.now(), isOver: false}
    const tell = () => {
      const view = Bokeh.index[this.plot_id]  // there long before what is in it
      const built = view?.has_finished ? view.has_finished() : this.ns.plot_index[this.plot_id]
      if (built || (view && Date.now() - waiting.since > 10_000)) {  // what is out of sight may never finish
        while (waiting.messages.length) hear(this, waiting.messages.shift())
      } else if (!this.document || Date.now() - waiting.since > 60_000) {
        waiting.isOver = true
        waiting.messages.length = 0
      } else {
        setTimeout(tell, 10)
      }
    }
    if (!waiting.isOver && waiting.messages.push(message) == 1) tell()
  }
  Manager.prototype._document_changed = function (event) {
    meet(this)
    if (this.initvizChanged) {
      if (event.sync !== false) this.initvizChanged.add(name(event))
      else if (!this.initvizChanged.has(name(event))) return
    }
    if (this.debounce > %(debounce)d) this.setv({debounce: %(debounce)d}, {silent: true})
    _document_changed.call(this, event)
  }
  Manager.prototype.initialize = function () {
    initialize.call(this)
    meet(this)
  }
  const leave = manager => {
    if (!manager.initvizComm) return
    try {
      manager.initvizComm.open()
      manager.initvizComm.send({event_type: "delete", id: manager.plot_id})
    } catch (error) {
      console.debug("the kernel of this output is gone", error)
    }
  }
  Manager.prototype.detach_document = function () {
    detach_document.call(this)
    setTimeout(() => {  // a cell that is moved is built anew in another place
      if (!this.ns.shared_views.get(this.plot_id)?.some(each => each.document)) leave(this)
    }, 2000)
  }
  const all = () => Bokeh.documents.flatMap(each => each.roots()).filter(root => root instanceof Manager)
  all().forEach(meet)
  window.addEventListener("pagehide", event => event.persisted || all().forEach(leave))
}"""
"""Mends four faults of Panel (1.9, 1.10: `comm_manager.ts`) and of JupyterLab's part of it (pyviz_comms 3.0.6).

What the kernel sends while an output is being built waits until it is. Panel drops it, a part of a message at a time,
and takes the rest of that message for the start of the next: the output is deaf then. What the kernel has changed is
not told to it again, which keeps it busy for half a second after each picture. What a user changes is told at once, not
50 ms later. And the kernel is told of outputs that are cleared, and of all when the page is left or loaded anew, or it
keeps them, and their work, for ever.
"""

_mended: WeakSet[Document] = WeakSet()


def mend_echo(document: Document | None) -> None:
    """Mend the widgets of a served page, those of now and those to come; call it before the page is shown."""
    if document is not None and document not in _mended:
        _mended.add(document)
        mends = (f"({ECHO})(Bokeh)", f"({MENUS})()", f"({TOOLBARS})()", f"({STILL})()", f"({SHEETS})(Bokeh)",
                 f"({MODELS})(Bokeh, {PAUSE})")  # fmt: skip
        document.js_on_event("document_ready", CustomJS(code=";\n".join(mends)))
