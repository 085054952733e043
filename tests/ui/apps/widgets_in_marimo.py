"""A notebook of marimo: a setting in one cell, a picture in another, and what was set in a third."""

import marimo

app = marimo.App()


@app.cell
def _():
    from initviz import Study, widgets

    study = Study("variance_scaling", scale=1.0, mode="fan_in", distribution="normal")
    return study, widgets


@app.cell
def _(study, widgets):
    widgets.controls(study, "scale")


@app.cell
def _(study, widgets):
    widgets.histogram(study)


if __name__ == "__main__":
    app.run()
