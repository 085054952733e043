"""Drives the explorer as a user does, and waits until it shows exactly what a headless study answers."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from differences import differences
from playwright.sync_api import Locator, Page, TimeoutError, expect

from initviz.answers.answer import Answer
from initviz.explorer.rooms import ROOMS
from initviz.study import Study
from initviz.study.study import LAYER
from initviz.views.fans import fans
from initviz.views.histogram import histogram
from initviz.views.picture import Picture
from initviz.views.spectrum import spectrum
from initviz.views.story import found, headline, story
from initviz.views.text import advice, arithmetic, flattening, judgement, legend, ranks_table
from initviz.widgets.networks import FOLDED as NETWORK_FOLDED
from initviz.wording import plain, short

PATIENCE = 180_000  # ms until anything asked for has to be there, beside work that takes every core, too

# What the page's models hold: of each figure its title, its axes' and its legend's words and the data of its glyphs, of
# each HTML pane its text.
READ = """() => {
  const models = [...Bokeh.documents[0]._all_models.values()]
  const plain = html => new DOMParser().parseFromString(html, "text/html").documentElement.textContent
  const columns = renderer => Object.fromEntries(
    Object.entries(renderer.data_source.data).map(([name, values]) => [name, Array.from(values)]))
  const figure = f => ({
    title: f.title.text.replaceAll("\\n", " "),
    labels: [...f.below, ...f.left].map(axis => axis.axis_label),
    legend: f.center.filter(m => m.type === "Legend").flatMap(legend => legend.items.map(item => item.label.value)),
    columns: f.renderers.map(columns),
  })
  return {
    ...Object.fromEntries(models.filter(m => m.type === "Figure").map(f => [f.name, figure(f)])),
    texts: models.filter(m => m.type === "panel.models.markup.HTML").map(m => plain(plain(m.text))),
  }
}"""
SHOWS = f"""expected => {{
  if (!window.Bokeh?.documents.length) return false
  const found = ({READ})()
  const same = (a, b) => a === b || Array.isArray(a) && Array.isArray(b) && a.length === b.length
    && a.every((value, i) => same(value, b[i]))
  return expected.texts.every(text => found.texts.includes(text)) && Object.keys(expected).every(name =>
    name === "texts" || found[name]
    && ["title", "labels", "legend"].every(key => same(expected[name][key], found[name][key]))
    && found[name].columns.length === expected[name].columns.length
    && expected[name].columns.every((columns, i) =>
      Object.entries(columns).every(([key, values]) => same(values, found[name].columns[i][key]))))
}}"""
PLAIN = """html => new DOMParser().parseFromString(html, "text/html").documentElement.textContent"""


WEIGHTS = """() => Bokeh.documents.flatMap(document => [...document._all_models.values()])
  .filter(model => model.type === "Figure" && model.name === "weights")
  .map(figure => [figure.title.text.replaceAll("\\n", " "), figure.y_range.end])"""


DIMMED = """([element, dimmed]) => {
  let opacity = 1
  for (; element; element = element.parentElement ?? element.getRootNode().host) {
    opacity *= getComputedStyle(element).opacity
  }
  return dimmed === opacity < 0.9
}"""


def shows_weights(page: Page, study: Study) -> None:
    """Wait until the one histogram in a notebook is that of a study."""
    shown = histogram(study.answer())
    page.wait_for_function(
        f"expected => JSON.stringify(({WEIGHTS})()) === JSON.stringify(expected)",
        arg=[[shown.title, shown.ylim[1]]],
        timeout=PATIENCE,
    )


def named(label: str) -> re.Pattern:
    """A control's accessible name: its label, then its description if it has one."""
    return re.compile(f"^{label}( |$)")


def figure(picture: Picture) -> dict[str, Any]:
    """What a picture must look like to `READ`: the data that HoloViews would draw."""
    columns = [{name: np.asarray(values).tolist() for name, values in source.items()} for source in picture.sources]
    labels = [picture.xlabel, picture.ylabel]
    return {"title": picture.title, "labels": labels, "legend": list(picture.legend), "columns": columns}


def layer_title(result: Answer) -> str:
    """The name of the layer, empty for a raw shape."""
    kind = result.question.layer.kind
    return kind.title if kind.sums else ""


def title(result: Answer) -> str:
    """The first heading of the page."""
    question, plan = result.question, result.plan
    shape = " × ".join(f"{size:,}" for size in plan.shape)
    layer = f"{layer_title(result)}, " if layer_title(result) else ""
    own = question.initializer.function
    alias = f"{question.function} = " * (question.function != own)
    drawn = [f"seed {question.seed}", question.device]
    drawn += [question.generator] * (question.generator != "threefry2x32")
    drawn += ["not partitionable"] * (not question.partitionable)
    return " · ".join([f"{alias}{short(plan.initializer)}", f"{layer}{shape}", str(plan.dtype), *drawn])


def notes(result: Answer) -> list[str]:
    """What the page has to say about a result besides its numbers."""
    said = (result.notice, flattening(result.unfolding), result.no_spectrum)
    return [*result.plan.warnings, *filter(None, said)]


FOLDED = dict.fromkeys(("in_axis", "out_axis", "batch_axis", "column_axis", "dtype", "device"), "advanced") | (
    dict.fromkeys(NETWORK_FOLDED, "more settings")
)
"""Controls that are folded away at first, and the headings that open them."""


@dataclass
class Driver:
    """A page on the explorer beside a headless study, which a test changes in step with the widgets."""

    page: Page
    study: Study = field(default_factory=Study)
    weights_as: str = "density"
    spectrum_as: str = "density"
    advised: bool = False
    """Whether the room of the layer has been open: it is there from then on."""

    def unfold(self, label: str) -> None:
        """Open what is folded away, if a control of this label is there."""
        if label in FOLDED:
            fold = self.page.get_by_role("button", name=FOLDED[label])
            if fold.get_attribute("aria-expanded") != "true":
                fold.click()
            expect(fold).to_have_attribute("aria-expanded", "true")

    def combobox(self, label: str) -> Locator:
        """A select."""
        self.unfold(label)
        return self.page.get_by_role("combobox", name=named(label))

    def textbox(self, label: str) -> Locator:
        """A field to type into."""
        self.unfold(label)
        return self.page.get_by_role("textbox", name=named(label))

    def slider(self, label: str) -> Locator:
        """A slider."""
        return self.page.get_by_role("slider", name=named(label))

    @property
    def alert(self) -> Locator:
        """The message about what cannot be used."""
        return self.page.get_by_role("alert")

    @property
    def status(self) -> Locator:
        """The notes on what is shown."""
        return self.page.get_by_role("status")

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a select; aliases are listed with what they stand for."""
        self.combobox(label).click()
        for _ in range(5):  # beside another suite a menu was seen to stay open after a click, with nothing chosen
            self.page.locator("li").filter(has_text=re.compile(rf"^{option}( \(alias of \w+\))?$")).click()
            with suppress(TimeoutError):
                self.page.get_by_role("listbox").wait_for(state="detached", timeout=10_000)
                return

    def type(self, label: str, text: str) -> None:
        """Replace the text of a field and press Enter."""
        self.textbox(label).fill(text)
        self.textbox(label).press("Enter")

    def press(self, label: str, *keys: str) -> None:
        """Press keys on a slider."""
        self.slider(label).focus()
        for key in keys:
            self.page.keyboard.press(key)

    def number(self, label: str) -> Locator:
        """The field beside a slider."""
        self.unfold(label)
        return self.page.get_by_role("textbox", name=named(label))

    def type_number(self, label: str, text: str) -> None:
        """Type a number beside a slider."""
        self.number(label).fill(text)
        self.number(label).press("Enter")

    def expected(self, result: Answer | None = None) -> dict[str, Any]:
        """What the page must show, made from the headless answer."""
        result = result or self.study.answer()
        pictures = (
            histogram(result, kind=self.weights_as),
            spectrum(result, kind=self.spectrum_as),
            fans(result.plan.shape, result.plan.roles),
        )
        htmls = [
            headline(result),
            found(result),
            story(result),
            legend(result),
            *([advice(result.advice)] if self.advised else []),
            arithmetic(result.plan),
            judgement(result),
            ranks_table(result.ranks),
        ]
        texts = [self.plain(html) for html in htmls]
        return {picture.name: figure(picture) for picture in pictures} | {"texts": texts}

    def open(self, view: str) -> None:
        """Open a view, by its title, in its room."""
        room = next(room for room, views in ROOMS.items() if view in views.values())
        for tab in dict.fromkeys((room, view)):
            self.page.get_by_role("tab", name=tab, exact=True).click()
        self.advised |= view == ROOMS["Layer"][LAYER]

    def looks(self, probe, view) -> Any:
        """Wait until the open tab shows what a probe answers of the study's draw. Return that answer."""
        found = probe.answer(self.study.answer())
        pictures, html = view(found)
        self.waits({picture.name: figure(picture) for picture in pictures} | {"texts": [self.plain(html)]})
        return found

    def plain(self, html: str) -> str:
        """The text of HTML, as a reader sees it."""
        return self.page.evaluate(PLAIN, html)

    def waits_until_dimmed(self, dimmed: bool = True) -> None:
        """Wait until plots and heading are dimmed, as what is not of the settings is, or are not."""
        for shown in (self.page.locator(".bk-Figure").first, self.page.get_by_role("heading", level=1)):
            self.page.wait_for_function(DIMMED, arg=[shown.element_handle(), dimmed])

    def still_shows(self) -> bool:
        """Whether the page shows the study's answer, right now."""
        return self.page.evaluate(SHOWS, self.expected())

    def holds(self, result: Answer | None = None) -> dict[str, Any]:
        """Wait until the page's figures and texts hold the study's answer. Return all of it."""
        expected = self.expected(result)
        self.waits(expected)
        return expected

    def waits(self, expected: dict[str, Any]) -> None:
        """Wait until the page's figures and texts are these, or say what differs."""
        try:
            self.page.wait_for_function(SHOWS, arg=expected, timeout=PATIENCE, polling=50)
        except TimeoutError:
            found = [f"alert: {text}" for text in self.alert.all_inner_texts()]
            found += [*differences(self.page.evaluate(READ), expected)] or ["nothing any more"]
            pytest.fail(
                f"the page shows something else after {PATIENCE / 1000:g} s:\n" + "\n".join(found), pytrace=False
            )

    def shows(self) -> dict[str, Any]:
        """Wait until the page holds the answer, and a reader sees it: heading, formulas, table, notes, no message."""
        result = self.study.answer()
        expected = self.holds(result)
        rows = self.page.get_by_role("table", name="Expected against observed").get_by_role("row")
        expect(rows.get_by_role("rowheader")).to_have_text([check.name for check in result.checks])
        expect(rows.locator("td:nth-of-type(1)")).to_have_text([plain(check.expected) for check in result.checks])
        expect(rows.locator("td:nth-of-type(2)")).to_have_text([plain(check.observed) for check in result.checks])
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title(result))
        expect(self.page.locator("ol li mjx-container")).to_have_count(len(result.plan.steps))
        expect(self.alert).to_have_count(0)
        said = notes(result)
        expect(self.status.locator("p")).to_have_text(said) if said else expect(self.status).to_have_count(0)
        return expected
