"""A comparison beside a draw whose initializer can be chosen: served for `test_comparison_room`."""

import panel as pn

from initviz.answers.answer import answer
from initviz.live.feed import Feed
from initviz.study import Study
from initviz.widgets.comparison import comparison_room

pn.extension()
study = Study("he_uniform", shape=(64, 48))
feed = Feed(study, answer)
room = comparison_room(feed)
other = pn.widgets.Button(name="another")
other.on_click(lambda _: study.param.update(function="lecun_uniform"))
pn.state.onload(lambda: room.closer.followers.open(pn.state.curdoc))
pn.Column(other, room.closer.layout, sizing_mode="stretch_width").servable()
