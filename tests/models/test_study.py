"""What is asked about a model: every setting changes the question, an example brings its recipe, and yours stays."""

import numpy as np
import pytest
from oracles import refused

from initviz.models import Recipe, known_recipes
from initviz.models.examples import EXAMPLES
from initviz.models.study import NONE, OWN, RULES, ModelQuestion, ModelStudy, answer_model, usual

FIRST, *OTHERS = EXAMPLES
SMALL = "flax layers that share a key"
MINE = {"kernel": np.zeros((3, 2)), "bias": np.zeros(2)}
NAMES = "example, recipe, rules, alpha"


@pytest.fixture
def study():
    """A study of the smallest example."""
    return ModelStudy(example=SMALL)


def test_it_opens_with_the_first_example_by_its_own_recipe():
    study = ModelStudy()
    assert study.question == ModelQuestion(FIRST, None, EXAMPLES[FIRST].recipe, "", 0.01)
    assert (study.question.name, len(study.question.tensors)) == (FIRST, len(EXAMPLES[FIRST].shapes))


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_brings_its_recipe(title):
    study = ModelStudy(recipe=NONE)
    study.example = next(each for each in EXAMPLES if each != title)
    study.example = title
    assert study.recipe == usual(title) == EXAMPLES[title].recipe
    assert ModelStudy(example=title).question == study.question
    assert ModelStudy(example=title, recipe=NONE).recipe == NONE


CHANGES = {
    "example": lambda study: setattr(study, "example", FIRST),
    "recipe": lambda study: setattr(study, "recipe", "torch"),
    "no recipe": lambda study: setattr(study, "recipe", NONE),
    "rules": lambda study: study.param.update(recipe=RULES, rules='"**" = "zeros"'),
    "alpha": lambda study: setattr(study, "alpha", 0.05),
    "a model of the user's": lambda study: study.take("mine", MINE),
    "declared by name": lambda study: study.declare("torch"),
    "declared by rules": lambda study: study.declare({"**": "zeros"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_setting_changes_the_question_once(study, change):
    before, asked = study.question, []
    study.param.watch(lambda event: asked.append(event.new), "question")
    CHANGES[change](study)
    assert asked[-1] == study.question != before
    assert len(asked) <= 2  # an example, then its recipe
    if change not in ("a model of the user's", "example"):
        assert len(asked) == 1
        CHANGES[change](study)
        assert len(asked) == 1


def test_rules_that_nobody_chose_are_no_question(study):
    asked = []
    study.param.watch(asked.append, "question")
    study.rules = '"**" = "zeros"'
    assert asked == []
    study.recipe = RULES
    study.rules = '\n\n"**" = "ones"  \n'
    assert study.question.rules == study.rules == '"**" = "ones"'
    assert len(asked) == 2


def test_a_model_is_taken_as_tensors_a_file_a_folder_or_a_dict(study, tmp_path):
    np.savez(tmp_path / "mine.npz", **MINE)
    for name, model in {
        "a dict": MINE, "nested": {"layer": MINE}, "a path": tmp_path / "mine.npz", "text": str(tmp_path / "mine.npz"),
        "tensors": ModelStudy(example=SMALL).question.tensors,
    }.items():  # fmt: skip
        study.take(name, model)
        question = study.question
        assert (study.example, question.name, study.recipe) == (OWN, name, NONE)
        assert question.own is study.own
        assert {tensor.path.rpartition("/")[2] for tensor in question.tensors} == {"kernel", "bias"}
    before = study.question
    study.take("tensors", study.own.tensors)
    assert study.question != before, "which is another one, whatever it has"


def test_what_is_no_model_is_refused_and_changes_nothing(study, tmp_path):
    (tmp_path / "words.txt").write_text("no model")
    before = study.question
    for nothing in ({}, 3, tmp_path / "words.txt", tmp_path / "nowhere.npz"):
        with pytest.raises((TypeError, ValueError)):
            study.take("nothing", nothing)
        assert (study.question, study.own, study.example) == (before, None, SMALL)


def test_a_model_of_the_users_comes_back_and_before_there_is_one_nothing_is_asked(study):
    study.example = OWN
    assert study.question is None
    message = "there must be a model to audit it, got none. Choose one, or take('mine', model)."
    refused(ValueError, message, study.answer)
    study.take("mine", MINE)
    study.declare("flax")
    mine = study.own
    study.example = SMALL
    assert (study.question.own, study.recipe) == (None, "flax")
    study.example = OWN
    assert (study.question.own, study.recipe) == (mine, NONE)


def test_what_it_is_said_to_be_is_a_name_rules_or_a_recipe(study):
    study.declare("gpt2")
    assert (study.recipe, study.question.declared.name) == ("gpt2", "gpt2")
    for given in ({"**/bias": "zeros", "**": "normal(0.02)"}, Recipe.of({"**/bias": "zeros", "**": "normal(0.02)"})):
        study.declare(given)
        assert study.recipe == RULES
        assert [(rule.tensor, rule.law) for rule in study.question.declared.rules] == [
            ("**/bias", "zeros"), ("**", "normal(0.02)")
        ]  # fmt: skip
    study.recipe = NONE
    assert study.question.declared is None
    with pytest.raises(ValueError, match="Did you mean gpt2"):
        study.declare("gtp2")


@pytest.mark.parametrize(("rules", "said"), [
    ('"**" = "zeros', "TOML"), ('"**" = "he_norml"', "he_norml"), ("x", "TOML"),
    ('[rules]\n"**" = 3', "3"),
])  # fmt: skip
def test_rules_that_cannot_be_read_are_kept_and_refused_where_they_are_asked(study, rules, said):
    study.param.update(recipe=RULES, rules=rules)
    assert study.rules == rules
    with pytest.raises((TypeError, ValueError), match=said):
        study.answer()


def test_no_rules_are_no_pass(study):
    study.recipe = RULES
    assert not study.answer().audit
    study.take("mine", MINE)
    study.recipe = RULES
    assert str(study.answer().audit).splitlines()[0].endswith("no rule fits a tensor, nothing was tested.")


def test_rules_are_read_with_their_heading_and_without(study):
    study.recipe = RULES
    for rules in ('"**/bias" = "zeros"', '[rules]\n"**/bias" = "zeros"', 'name = "mine"\n[rules]\n"**/bias" = "zeros"'):
        study.rules = rules
        assert [rule.tensor for rule in study.question.declared.rules] == ["**/bias"]


def test_another_study_keeps_the_model_of_the_users(study):
    study.take("mine", MINE)
    study.param.update(recipe=RULES, rules='"**" = "zeros"', alpha=0.05)
    other = ModelStudy()
    other.keep(study)
    assert other.question == study.question
    study.example = SMALL
    later = ModelStudy()
    later.keep(study)
    assert (later.example, later.own) == (FIRST, study.own), "it is there to be chosen again"
    later.keep(ModelStudy())
    assert later.own is study.own
    study.example = OWN
    asked = ModelStudy(example=SMALL)
    asked.keep(study)
    assert (asked.example, asked.own) == (SMALL, study.own), "a link that asks about an example"


def test_settings_that_there_are_not_are_refused(study):
    refused(TypeError, f"the settings of a model are {NAMES}, got 'recipie'. Did you mean recipe?",
            lambda: ModelStudy(recipie="gpt2"))  # fmt: skip
    refused(AttributeError, f"the settings of a model are {NAMES}, got 'rule'. Did you mean rules?",
            setattr, study, "rule", "")  # fmt: skip
    refused(ValueError, f"recipe must be one of {', '.join((NONE, *known_recipes(), RULES))}, got 'gtp2'. "
            "Did you mean gpt2?", setattr, study, "recipe", "gtp2")  # fmt: skip
    refused(ValueError, "alpha must be a number from 1e-06 to 0.999, got 2. Pass for instance 0.01.",
            setattr, study, "alpha", 2)  # fmt: skip
    with pytest.raises(TypeError, match="Constant"):
        study.question = None


def test_an_example_by_its_own_recipe_is_audited_once_for_all_who_ask(study):
    shares = []
    first = study.answer(shares.append)
    assert ModelStudy(example=SMALL).answer() is first
    assert answer_model(study.question) is first
    study.alpha = 0.05
    other = study.answer(shares.append)
    assert other is not first
    assert (first.audit.alpha, other.audit.alpha) == (0.01, 0.05)
    assert shares[-1] == 1
    study.take("mine", MINE)
    assert study.answer() is not study.answer()
    assert study.answer().question == study.question


@pytest.mark.parametrize("alpha", [0, 1])
def test_an_audit_that_never_or_always_finds_something_is_refused(study, alpha):
    message = f"alpha must be a number from 1e-06 to 0.999, got {alpha}. Pass for instance 0.01."
    refused(ValueError, message, setattr, study, "alpha", alpha)
