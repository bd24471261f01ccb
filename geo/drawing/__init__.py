"""Areas that look as people drew them, for places whose official lines are not at hand. Knows no place by name.

`strokes` draws single lines; `cutting` divides a piece of land into smaller pieces with straight cuts; `wander` is the
smooth noise that bends lines; `tracing` turns the straight pieces into one coverage of drawn lines. All of it works in
a metric plane (metres, x east, y north); only the last step rounds to the degrees of the published file.
"""

from geo.drawing.cutting import Grain, divide
from geo.drawing.strokes import curve_through, stepped
from geo.drawing.tracing import NotACoverage, Pen, trace
from geo.drawing.wander import Wander

__all__ = ["Grain", "NotACoverage", "Pen", "Wander", "curve_through", "divide", "stepped", "trace"]
