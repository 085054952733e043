"""Keys of the page, and how it presents: what the browser does by itself."""

from bokeh.document import Document
from bokeh.models import CustomJS

from initviz.views.copying import IN_BAR

PRESENT = (
    f"{IN_BAR}<button type='button' title='settings away, large text and plots: key F' "
    "onclick=\"document.dispatchEvent(new Event('initviz-present'))\">present</button>"
)
"""The button beside *share*."""

_SHARE, _PRESENTED = "--initviz-share-of-screen", "52vh"
SHARE_OF_SCREEN = f"var({_SHARE}, 36vh)"
"""How much of the screen a plot takes, in terms of style: more where it is presented."""

KEYS = r"""(Bokeh, share, presented) => {
  const models = () => [...Bokeh.documents[0]._all_models.values()]
  const page = models().find(({data}) => data?.attributes && "sidebar_open" in data.attributes)
  const find = (root, words) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.tagName === "BUTTON" && each.textContent.trim() === words) return each
      const inside = each.shadowRoot && find(each.shadowRoot, words)
      if (inside) return inside
    }
  }
  let before = null  // whether the settings were there before it was presented
  const present = () => {
    const isOver = before !== null
    const there = page?.data.attributes.sidebar_open
    page?.data.setv({sidebar_open: isOver ? before : false})
    before = isOver ? null : there
    const {style} = document.documentElement
    style.fontSize = isOver ? "" : "18px"
    style.setProperty(share, isOver ? "" : presented)
    grow()
  }
  const sized = ["text_font_size", "axis_label_text_font_size", "major_label_text_font_size", "label_text_font_size"]
  const grow = () => {  // what is written in plots, of those too that come while it is presented
    const times = window.initvizTimes = before === null ? 1 : 1.4
    for (const model of models()) {
      if (model.type === "Title") continue  // which sees to its own lines
      for (const name of sized) {
        const held = model.attributes?.[name]
        const size = held?.value ?? held  // of words at points it may be a value for all of them
        if (typeof size !== "string") continue
        model.initvizSizes ??= {}
        const own = model.initvizSizes[name] ??= size
        const wanted = own.replace(/^[\d.]+/, digits => digits * times)
        if (size !== wanted) model.setv({[name]: held === size ? wanted : {...held, value: wanted}}, {sync: false})
      }
    }
  }
  document.addEventListener("click", () => before !== null && setTimeout(grow, 500))
  document.addEventListener("initviz-present", present)
  const typed = "input, textarea, select, [contenteditable], [role=combobox], [role=option], [role=menuitem]"
  document.addEventListener("keydown", event => {
    const [target] = event.composedPath()
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches?.(typed)) return
    const key = event.key.toLowerCase()
    if (key === "n") find(document, "new sample")?.click()
    if (key === "f" && !event.repeat) present()
  })
}"""
"""N draws a new sample and F presents, outside of fields."""


def follow_keys(document: Document | None) -> None:
    """Have a served page follow its keys; call it before the page is shown."""
    if document is not None:
        document.js_on_event("document_ready", CustomJS(code=f"({KEYS})(Bokeh, '{_SHARE}', '{_PRESENTED}')"))
