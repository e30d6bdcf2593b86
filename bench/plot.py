"""Draws latency over the number of appointments: `python -m bench.plot PICTURE`, the lines as JSON on standard input."""

from __future__ import annotations

import json
import sys

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

COLORS = {"query and engine": "#1c6b57", "through HTTP": "#a8590f"}


def main() -> None:
    lines = json.load(sys.stdin)
    mpl.rcParams |= {"svg.hashsalt": "raincheck", "svg.fonttype": "none", "font.family": "sans-serif"}
    figure, axes = plt.subplots(figsize=(7.2, 3.6))
    for name, points in lines.items():
        sizes = [int(size) for size in points]
        axes.plot(sizes, list(points.values()), marker="o", color=COLORS[name], label=name)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(lambda size, _at: f"{size:,.0f}")
    axes.set_xlabel("appointments in the database")
    axes.set_ylabel("milliseconds, median")
    axes.set_title("Open times of one provider, 28 days", loc="left")
    axes.grid(axis="y", color="#dddddd")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(sys.argv[1], metadata={"Date": None}, bbox_inches="tight", facecolor="white")


if __name__ == "__main__":
    main()
