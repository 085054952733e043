"""What is written as TOML reads back as the same recipe, and what cannot be read is refused by name."""

import random
import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initviz.models.recipe import Recipe, Rule
from initviz.models.toml import from_toml, to_toml

FULL = Recipe(
    "mine",
    (
        Rule("**/c_proj/{kernel,weight}", "normal(0.02/√(2·layers))", 'as "the paper" says\n\\ so'),
        Rule("**/bias", "zeros"),
    ),
    source="Radford et al. 2019",
    note="tab\t, control \x7f, and 層",
    quantities={"layers": 12, "gain": 1e-05},
    general=True,
)


@pytest.mark.parametrize("recipe", [FULL, Recipe.of({"**": "zeros"}), Recipe.of({})])
def test_a_recipe_reads_back_as_itself(recipe):
    assert from_toml(to_toml(recipe)) == recipe
    assert to_toml(from_toml(to_toml(recipe))) == to_toml(recipe)


@given(st.text(max_size=50).filter(lambda text: text.isprintable() or text.isascii()))
def test_any_note_reads_back(note):
    written = to_toml(Recipe("a", (Rule("**", "zeros", note),), source=note))
    assert from_toml(written) == Recipe("a", (Rule("**", "zeros", note),), source=note)


def test_people_may_write_comments_and_tables():
    text = """
    # ours
    [quantities]
    layers = 4
    [rules]
    "**/w" = "normal(0.02/√layers)"  # half of 0.02
    [rules."**/b"]
    law = "zeros"
    note = "as always"
    """
    assert from_toml(text).rules[1] == Rule("**/b", "zeros", "as always")


EXAMPLE = 'Write for instance: [rules], and below it "**/bias" = "zeros".'
REFUSED = [
    ("rules = ", f"a recipe must be TOML, got 'rules = ': Invalid value (at end of document). {EXAMPLE}"),
    ("", f"rules must be a table of tensors and laws, got None. {EXAMPLE}"),
    ("rules = 3", f"rules must be a table of tensors and laws, got 3. {EXAMPLE}"),
    ('"**/bias" = "zeros"', "rules must stand below [rules], got '**/bias' without it. "
     'Write for instance: [rules], and below it "**/bias" = "zeros".'),
    ("[rule]", "the settings of a recipe are name, source, note, general, quantities, rules, got 'rule'. Did you mean "
     "rules?"),
    ("[rules]\n'**' = 3", f"law of rule '**' must be a text, got 3. {EXAMPLE}"),
    ("[rules]\n'**' = {}", f"law of rule '**' must be a text, got None. {EXAMPLE}"),
    ("[rules]\n'**' = {law = 'zeros', notes = ''}", "the settings of rule '**' are law, note, got 'notes'. Did you "
     "mean note?"),
    ("[rules]\n'**' = 'zero'", "'**' = 'zero': a law must have the name of an initializer, got 'zero'. Did you "
     "mean zeros?"),
    ("[quantities]\nlayers = inf\n[rules]", "quantities must be numbers by name, got 'layers' = inf. Write for "
     "instance layers = 12."),
    ("general = 1\n[rules]", f"general must be true or false, got 1. {EXAMPLE}"),
    ("#" * 200_001, f"a recipe must be a text of at most 200,000 characters, got 200,001 characters. {EXAMPLE}"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=lambda text: text[:30])
def test_what_cannot_be_read_is_refused(text, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        from_toml(text)


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 5000, "[" + "a." * 50_000 + "a]", "a = " + "9" * 5000, "\x00", "'" * 3]
)
def test_hostile_files_are_refused(text):
    with pytest.raises(ValueError, match=r"^(a recipe must be TOML|the settings of a recipe)"):
        from_toml(text)


def test_a_recipe_with_bytes_changed_is_read_or_refused():
    choose, written = random.Random(0), to_toml(FULL)
    for _ in range(300):
        at = choose.randrange(len(written))
        text = written[:at] + choose.choice("\x00\n\"'=[]{}λ") + written[at + choose.randint(0, 3) :]
        try:
            assert isinstance(from_toml(text), Recipe)
        except tomllib.TOMLDecodeError:
            pytest.fail("a message of ours is expected")
        except ValueError:
            pass


def test_a_note_of_several_lines_is_written_in_as_many():
    note = 'first "one"\n\n  """ \\ last'
    written = to_toml(Recipe("a", (Rule("**", "zeros"),), note=note))
    assert 'note = """\nfirst \\"one\\"\n\n' in written
    assert from_toml(written).note == note
