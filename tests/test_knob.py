"""The knob: one figure for every reader; the browser test turns it."""

import html
import io
import json
import re
from html.parser import HTMLParser

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pytest
from PIL import Image

from rnncourse.knob import Knob

ALT = 'A line whose slope "w" grows with the knob & stays < 3.'


def draw(slope):
    figure, ax = plt.subplots(figsize=(2, 1))
    ax.plot([0, 1], [0, slope])
    return figure


@pytest.fixture(scope="module")
def knob():
    return Knob(draw, "slope w", [0.5, 1, 2], default=1, alt=ALT)


def test_frames_are_pictures_that_differ(knob):
    assert len({bytes(frame) for frame in knob.frames}) == 3
    for frame, description in zip(knob.frames, knob.descriptions, strict=True):
        assert Image.open(io.BytesIO(frame)).text["Description"] == description
    assert plt.get_fignums() == []


def test_text_names_every_setting_and_its_data(knob):
    text = repr(knob)
    assert text.startswith("Knob: slope w = 0.5, 1, 2 (shown: 1)")
    assert all(description in text for description in knob.descriptions)


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.setdefault(tag, []).append(dict(attrs))


def test_html_is_labelled_and_has_a_text_alternative(knob):
    tags = Tags(knob.to_html()).found
    assert html.unescape(tags["img"][0]["alt"]) == ALT
    assert tags["label"][0]["for"] == tags["input"][0]["id"]
    assert tags["input"][0]["max"] == "2"
    assert tags["input"][0]["value"] == "1"


def test_html_carries_all_frames_and_needs_nothing_else(knob):
    text = knob.to_html()
    data = json.loads(re.search(r'type="application/json">(.*?)</script>', text)[1])
    assert len(set(data["frames"])) == 3
    assert "http" not in text.replace(data["frames"][0], "")


def test_two_knobs_have_different_ids(knob):
    other = Knob(draw, "slope w", [0.5, 1], default=1, alt=ALT)
    ids = [Tags(k.to_html()).found["div"][0]["id"] for k in (knob, other, knob)]
    assert ids[0] == ids[2] != ids[1]


def test_live_slider_changes_the_picture(knob):
    image, slider = knob.to_widget().children
    assert image.value == knob.frames[1]
    slider.value = 2
    assert image.value == knob.frames[2]


def test_bundle_serves_every_reader(knob):
    bundle = knob._repr_mimebundle_()
    assert {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"} <= set(bundle)


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"draw": 3}, TypeError, "draw must be a function"),
        ({"draw": lambda value: None}, TypeError, "draw must return a matplotlib Figure"),
        ({"label": 3}, TypeError, "label must be text, but is 3"),
        ({"alt": " "}, ValueError, "alt must not be empty"),
        ({"values": [1]}, ValueError, "at least two settings"),
        ({"default": 7}, ValueError, "default must be one of .* but is 7"),
    ],
)
def test_bad_input(change, error, message):
    arguments = {"draw": draw, "label": "w", "values": [1, 2], "default": 1, "alt": ALT}
    with pytest.raises(error, match=message):
        Knob(**{**arguments, **change})
