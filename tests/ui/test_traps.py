"""Layers in a real browser: the ten traps with their verdicts and corrected calls, and sizes that cannot be."""

import re

import pytest
from driver import Driver
from playwright.sync_api import expect

from initviz.layers import LAYERS
from initviz.views.text import CODE, FOREIGN


@pytest.fixture
def explorer(app):
    """A driver of a fresh page that shows the default study."""
    driver = Driver(app.page)
    driver.open("in this layer")  # whose words are looked at from now on
    driver.open("this draw")
    driver.shows()
    return driver


def choose_layer(explorer, name):
    """Choose a kind of layer, and follow it in the headless study."""
    explorer.choose("layer", re.escape(LAYERS[name].title))
    explorer.study.layer = explorer.study.layer_of(name)
    explorer.shows()


def set_size(explorer, name, value, text):
    """Type a size of the layer."""
    explorer.type(name, text)
    setattr(explorer.study.layer, name, value)
    explorer.shows()


TRAPS = [  # initializer, layer, sizes typed, what is too small, the corrected call
    ("glorot_uniform", "Conv", {"groups": 4}, "1.732 times too small",
     "variance_scaling(scale=3.0, mode='fan_avg', distribution='uniform')"),
    ("glorot_uniform", "DepthwiseConv", {}, "5.701 times too small",
     "variance_scaling(scale=32.5, mode='fan_avg', distribution='uniform')"),
    ("he_normal", "ConvTranspose", {}, "2 times too small",
     "variance_scaling(scale=8.0, mode='fan_in', distribution='truncated_normal')"),
    ("he_normal", "AttentionProjection", {}, "2.828 times too small", "he_normal(in_axis=0, out_axis=(1, 2))"),
    ("glorot_uniform", "AttentionProjection", {}, "6 times too small", "glorot_uniform(in_axis=0, out_axis=(1, 2))"),
    ("glorot_uniform", "AttentionOutput", {}, "2.121 times too small", "glorot_uniform(in_axis=(0, 1))"),
    ("he_normal", "Experts", {}, "2 times too small", "he_normal(batch_axis=0)"),
    ("lecun_normal", "Stack", {}, "3.464 times too small", "lecun_normal(batch_axis=0)"),
    ("lecun_normal", "Embedding", {}, "31.62 times too small", "lecun_normal(in_axis=(), batch_axis=0)"),
    ("lecun_normal", "Einsum", {}, "2.828 times too small", "lecun_normal(in_axis=0, out_axis=(1, 2))"),
]  # fmt: skip


RULES = ["true fans", "jax, this kernel", "flax layer", "PyTorch", "Keras"]


@pytest.mark.slow(keeps=0)
def test_the_ten_traps_are_named_and_mended(explorer):
    for initializer, layer, sizes, verdict, call in TRAPS:
        if explorer.study.function != initializer:
            explorer.choose("initializer", initializer)
            explorer.study.function = initializer
        if type(explorer.study.layer).__name__ != layer:
            choose_layer(explorer, layer)
        for name, value in sizes.items():
            set_size(explorer, name, value, str(value))
        explorer.shows()
        explorer.open("in this layer")
        note = explorer.page.get_by_role("note")
        expect(note).to_contain_text(verdict)
        expect(note.locator("code").first).to_have_text(call)
        expect(explorer.page.get_by_role("button", name="copy the corrected call")).to_be_visible()
        rules = explorer.page.get_by_role("table", name="Fans by different rules").get_by_role("row")
        expect(rules.get_by_role("rowheader")).to_have_text(
            ["true fans", "jax, this kernel", "flax layer", "PyTorch", "Keras"]
        )
        explorer.open("this draw")


@pytest.mark.slow(keeps=0)
def test_the_corrected_call_is_copied(explorer, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    choose_layer(explorer, "Experts")
    explorer.open("in this layer")
    explorer.page.get_by_role("button", name="copy the corrected call").click()
    expect(explorer.page.get_by_role("button", name="copy the corrected call")).to_have_text("copied")
    assert explorer.page.evaluate("navigator.clipboard.readText()") == "he_normal(batch_axis=0)"
    explorer.page.evaluate("""async () => {  // as on a page that is neither on https nor on localhost
      window.clipboard = navigator.clipboard
      await window.clipboard.writeText("")
      Object.defineProperty(navigator, "clipboard", {value: undefined, configurable: true})
    }""")
    button = explorer.page.get_by_role("button", name="copy the corrected call")
    expect(button).to_have_text("copy")
    button.click()
    expect(button).to_have_text("copied")
    assert explorer.page.evaluate("window.clipboard.readText()") == "he_normal(batch_axis=0)"


IMPOSSIBLE = [
    ("Conv", "groups", "3",
     "groups must divide the inputs and the outputs, got 3 groups for 64 and 128. Choose a divisor of 64."),
    ("Conv", "kernel_size", "3, 0",
     "kernel_size must be 1 to 3 whole numbers of at least 1, got (3, 0). Type for instance 3, 3."),
    ("AttentionProjection", "heads", "0", "heads must be a whole number of at least 1, got 0. Type for instance 8."),
    ("AttentionProjection", "heads", "many",
     "heads must be a whole number of at least 1, got 'many'. Type for instance 8."),
    ("Einsum", "equation", "btd,dhk->btq",
     "einsum output must come from the inputs or the kernel, got q in 'btd,dhk->btq'. "
     "Write for instance btd,dhk->bthk."),
    ("Einsum", "sizes", "d=512, h=8",
     "einsum 'btd,dhk->bthk' must have a size for d, h, k, got none for k. Add k=64."),
]  # fmt: skip


@pytest.mark.slow(keeps=0)
def test_impossible_layers_keep_the_last_good_view(explorer):
    for layer, name, text, message in IMPOSSIBLE:
        if type(explorer.study.layer).__name__ != layer:
            choose_layer(explorer, layer)
        good = explorer.expected()
        explorer.type(name, text)
        expect(explorer.alert).to_have_text(message)
        explorer.holds(explorer.study.answer())
        assert good["texts"] == explorer.expected()["texts"]
        value = getattr(explorer.study.layer, name)
        shown = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        explorer.type(name, shown)
        explorer.shows()


def test_a_shape_typed_leaves_the_layer(explorer):
    choose_layer(explorer, "Dense")
    explorer.type("shape", "30, 40")
    explorer.study.shape = (30, 40)
    explorer.shows()
    expect(explorer.combobox("layer")).to_have_text("raw shape")
    expect(explorer.slider("size of axis 0")).to_be_visible()
    explorer.open("in this layer")
    expect(explorer.page.get_by_text("Choose a layer to see what it really sums")).to_be_visible()


@pytest.mark.slow(keeps=0)
def test_code_for_other_frameworks_is_folded_away_until_asked_for(explorer):
    page = explorer.page
    explorer.open("in this layer")
    for folded in page.locator(".MuiCollapse-hidden").all():
        expect(folded).to_have_css("display", "none")  # else its buttons could be reached, unseen, by keyboard
    for title in (CODE, FOREIGN):
        page.get_by_role("button", name=title).click()
        expect(page.get_by_role("table", name=title)).to_be_visible()
    expect(page.get_by_role("table", name=CODE).get_by_role("row")).to_have_count(4)
    expect(page.get_by_role("table", name=CODE)).to_contain_text("jax.nn.initializers.he_normal()")
    explorer.type("in_axis", "0")
    explorer.study.initializer.in_axis = 0
    explorer.holds()
    expect(page.get_by_role("table", name=CODE)).to_contain_text("jax.nn.initializers.he_normal(in_axis=0)")
