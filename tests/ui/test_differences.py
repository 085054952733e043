"""A failing browser test names what differs, and nothing else."""

from differences import differences

EXPECTED = {
    "weights": {"title": "256 weights", "columns": [{"top": [1, 2, 3, 4]}, {"x": [0.5], "y": [0.25]}]},
    "texts": ["mean 0.01 of 256 weights in he_normal", "std 2"],
}


def said(shown):
    return list(differences(shown, EXPECTED))


def test_nothing_is_said_of_what_is_right():
    assert said(EXPECTED) == []
    assert said(EXPECTED | {"fans": {}, "texts": ["more", *EXPECTED["texts"]]}) == []


def test_a_column_says_how_many_values_differ_and_the_first_of_them():
    columns = [{"top": [1, 9, 9, 9]}, {"x": [0.5], "y": [0.5]}]
    assert said(EXPECTED | {"weights": {"title": "256 weights", "columns": columns}}) == [
        "weights.columns[0].top: 3 of 4 values differ: "
        "[1] shown 9, expected 2; [2] shown 9, expected 3; [3] shown 9, expected 4",
        "weights.columns[1].y: 1 of 1 values differ: [0] shown 0.5, expected 0.25",
    ]


def test_what_is_missing_or_too_long_is_named():
    columns = [{"top": [1, 2, 3]}, {"x": [0.5]}]
    assert said({"weights": {"title": "none", "columns": columns}, "texts": EXPECTED["texts"]}) == [
        "weights.title: shown 'none', expected '256 weights'",
        "weights.columns[0].top: 3 shown, 4 expected",
        "weights.columns[1].y: not there; there are x",
    ]
    assert said({"texts": EXPECTED["texts"]}) == ["weights: not there; there are texts"]


def test_a_text_is_told_by_the_one_most_like_it():
    assert said(EXPECTED | {"texts": ["std 2", "mean 0.02 of 256 weights in he_normal"]}) == [
        "texts: shown 'mean 0.02 of 256 weights in he_normal', expected 'mean 0.01 of 256 weights in he_normal', "
        "from character 8 on"
    ]
    long = "a" * 500
    (line,) = differences({"texts": [long + "b" + long]}, {"texts": [long + "c" + long]})
    around, after = "a" * 40, "a" * 39
    assert line == f"texts: shown '{around}b{after}', expected '{around}c{after}', from character 500 on"
    assert list(differences({"texts": []}, {"texts": ["x"]})) == ["texts: shown '', expected 'x', from character 0 on"]
