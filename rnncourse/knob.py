"""A figure with one knob.

One cell serves four readers: on a code host and before it is run it is a plain figure, in
JupyterLab a live widget, on a static page a working slider that needs no kernel and no network,
and for the tests a text that is the same on every run.
"""

import base64
import hashlib
import html
import io
import json

FRAME_DPI = 80

_PAGE = """<div class="rnncourse-knob" id="{id}">
<img src="data:image/png;base64,{frame}" alt="{alt}" style="max-width:100%;height:auto">
<div style="margin:0.3em 0"><label for="{id}-range">{label} = <output>{shown}</output></label>
<input type="range" id="{id}-range" min="0" max="{last}" step="1" value="{index}"
 aria-valuetext="{label} = {shown}" style="width:min(20em,100%);vertical-align:middle"></div>
<script type="application/json">{data}</script>
<script>
(function () {{
  var root = document.getElementById("{id}");
  var data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
  var input = root.querySelector("input");
  input.addEventListener("input", function () {{
    var i = Number(input.value);
    root.querySelector("img").src = "data:image/png;base64," + data.frames[i];
    root.querySelector("output").textContent = data.values[i];
    input.setAttribute("aria-valuetext", data.label + " = " + data.values[i]);
  }});
}})();
</script></div>"""


class Knob:
    """A figure that the reader changes with one slider; every frame is drawn beforehand."""

    def __init__(self, draw, label, values, default, alt):
        """Draw the figure once for each value.

        Args:
            draw: function that takes one of ``values`` and returns a matplotlib ``Figure``.
            label: what the knob sets, such as ``"order p"``.
            values: the settings, at least two, in the order of the slider; any objects with a
                readable ``str``.
            default: the setting that is shown first, one of ``values``.
            alt: text alternative: what the figure shows and what turning the knob changes.

        Raises:
            TypeError: ``draw`` is not callable or does not return a Figure; ``label`` or ``alt``
                is no text.
            ValueError: fewer than two values, a default that is not among them, an empty text.
        """
        values = list(values)
        if not callable(draw):
            raise TypeError(f"draw must be a function of one value, but is {draw!r}")
        for name, text in (("label", label), ("alt", alt)):
            if not isinstance(text, str):
                raise TypeError(f"{name} must be text, but is {text!r}")
            if not text.strip():
                raise ValueError(f"{name} must not be empty")
        if len(values) < 2:
            raise ValueError(f"values must hold at least two settings, but is {values!r}")
        if default not in values:
            raise ValueError(f"default must be one of {values!r}, but is {default!r}")
        self.label, self.alt = label, alt
        self.values = values
        self.index = values.index(default)
        self.frames, self.descriptions = [], []
        for value in values:
            figure = draw(value)
            description, frame = _frame(figure)
            self.frames.append(frame)
            self.descriptions.append(description)

    def __repr__(self):
        settings = ", ".join(str(value) for value in self.values)
        lines = [f"Knob: {self.label} = {settings} (shown: {self.values[self.index]})"]
        for value, description in zip(self.values, self.descriptions, strict=True):
            lines += [f"{self.label} = {value}", description]
        return "\n".join(lines)

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/plain": repr(self), "text/html": self.to_html()}
        view = self.to_widget()._repr_mimebundle_()
        key = "application/vnd.jupyter.widget-view+json"
        if view and key in view:
            bundle[key] = view[key]
        return bundle

    def to_html(self):
        """Return the figure as HTML that needs no kernel and no network.

        Returns:
            str: the default frame as an image with its text alternative, a labelled range input,
            and a script of a few lines that swaps the frames.
        """
        texts = [str(value) for value in self.values]
        frames = [base64.b64encode(frame).decode() for frame in self.frames]
        key = "\n".join([self.label, self.alt, *texts])
        data = {"label": self.label, "values": texts, "frames": frames}
        return _PAGE.format(
            id="knob-" + hashlib.sha256(key.encode()).hexdigest()[:10],
            frame=frames[self.index],
            alt=html.escape(self.alt),
            label=html.escape(self.label),
            shown=html.escape(texts[self.index]),
            last=len(texts) - 1,
            index=self.index,
            data=json.dumps(data).replace("<", "\\u003c"),
        )

    def to_widget(self):
        """Return the figure as a live widget.

        Returns:
            ipywidgets.VBox: an image above a slider; moving the slider changes the image.
        """
        import ipywidgets

        image = ipywidgets.Image(value=self.frames[self.index], format="png")
        image.layout.max_width = "100%"
        slider = ipywidgets.SelectionSlider(
            options=[(str(value), index) for index, value in enumerate(self.values)],
            value=self.index,
            description=self.label,
            style={"description_width": "initial"},
            layout={"width": "min(32em, 95%)"},
        )

        def show(change):
            image.value = self.frames[change["new"]]

        slider.observe(show, names="value")
        return ipywidgets.VBox([image, slider], layout={"align_items": "flex-start"})


def _frame(figure):
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    from rnncourse.figures import describe

    if not isinstance(figure, Figure):
        raise TypeError(f"draw must return a matplotlib Figure, but returned {figure!r}")
    description, buffer = describe(figure), io.BytesIO()
    figure.savefig(buffer, format="png", dpi=FRAME_DPI)
    plt.close(figure)
    return description, _with_palette(buffer, description)


def _with_palette(buffer, description):
    """Return a picture as PNG with 256 colours, a third of the bytes, and its description."""
    from PIL import Image, PngImagePlugin

    picture = Image.open(buffer).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    texts, small = PngImagePlugin.PngInfo(), io.BytesIO()
    texts.add_itxt("Description", description)
    picture.save(small, format="png", optimize=True, pnginfo=texts)
    return small.getvalue()
