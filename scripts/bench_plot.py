# SPDX-License-Identifier: MIT
"""The plot of `make bench`: events a second, a bar each, as SVG without any library."""

import html
import math

LEFT, WIDTH, BAR, STEP, TOP = 250, 470, 18, 28, 34


def plot(rows):
    """rows: (name, events a second). The axis is logarithmic: each line is ten times the one before."""
    low = 10 ** math.floor(math.log10(min(rate for _, rate in rows)))
    high = 10 ** math.ceil(math.log10(max(rate for _, rate in rows)))
    decades = max(1, round(math.log10(high / low)))
    height = TOP + STEP * len(rows) + 12

    def x(rate):
        return LEFT + WIDTH * math.log10(rate / low) / decades

    lines = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">'
             % (LEFT + WIDTH + 90, height),
             "<title>events a second, logarithmic</title>",
             '<rect width="100%" height="100%" fill="#ffffff"/>']
    for i in range(decades + 1):
        value = low * 10 ** i
        lines.append('<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#d0d0d0"/>' % (x(value), TOP - 8, x(value), height - 8))
        lines.append('<text x="%.1f" y="%d" text-anchor="middle" fill="#606060">%s/s</text>' % (x(value), TOP - 14, short(value)))
    for i, (name, rate) in enumerate(rows):
        y = TOP + STEP * i
        fill = "#1f6feb" if name.startswith("refold") else "#9aa4b2"
        lines.append('<text x="%d" y="%d" text-anchor="end">%s</text>' % (LEFT - 8, y + 14, html.escape(name)))
        lines.append('<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>' % (LEFT, y, x(rate) - LEFT, BAR, fill))
        lines.append('<text x="%.1f" y="%d">%s</text>' % (x(rate) + 6, y + 14, short(rate)))
    return "\n".join(lines + ["</svg>", ""])


def short(value):
    """1,140,000 as "1.14 M"."""
    for limit, unit in ((1e6, " M"), (1e3, " k")):
        if value >= limit:
            return "%.3g%s" % (value / limit, unit)
    return "%.3g" % value
