"""Mended faults of Panel's scripts, each on a page that is as slow as it takes to see the fault."""

import pytest
from driver import Driver

TELL = """async ([label, values, wait]) => {
  const models = [...Bokeh.documents[0]._all_models.values()]
  const widget = models.map(model => model.data).find(data => data?.attributes?.label === label)
  const said = []
  Bokeh.documents[0].on_change(event => {
    if (event.sync !== false && event.model === widget) said.push(`${event.attr} ${event.value}`)
  })
  const after = time => new Promise(then => setTimeout(then, time))
  for (const value of values) {
    widget.setv({value, value_input: value}, {sync: false})  // as a change by the server arrives
    await after(wait)
  }
  await after(1000)
  return {said, value: widget.value, value_input: widget.value_input}
}"""


@pytest.fixture
def slow(app):
    """A fresh page of the explorer whose scripts run at a tenth of their speed."""
    driver = Driver(app.page)
    driver.shows()
    session = app.page.context.new_cdp_session(app.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 10})
    yield driver
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})


def test_a_widget_says_nothing_but_what_its_user_did(slow):
    for wait in (5, 10, 20):  # ms: which of them shows it depends on the machine
        values = [f"{size}, 256" for size in range(300, 330)]
        found = slow.page.evaluate(TELL, ["shape", values, wait])
        assert found == {"said": [], "value": "329, 256", "value_input": "329, 256"}
    slow.type("shape", "64, 32")
    slow.study.shape = (64, 32)
    slow.shows()


def test_what_a_user_chooses_again_is_said(slow):
    said = slow.page.evaluate("""async () => {
      const models = [...Bokeh.documents[0]._all_models.values()]
      const widget = models.map(model => model.data).find(data => data?.attributes?.label === "shape")
      const said = []
      Bokeh.documents[0].on_change(event => event.sync !== false && event.model === widget && said.push(event.value))
      widget.setv({value: "3, 3"}, {sync: false})  // by the server, and before it is shown by the user, to and fro
      widget.setv({value: "4, 4"})
      widget.setv({value: "3, 3"})
      await new Promise(then => setTimeout(then, 1000))
      return said
    }""")
    assert said == ["4, 4", "3, 3"]
