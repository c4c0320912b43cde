"""The names of zones in the panel of the scalar can be read: no line runs through them, or they have a ground."""

# Names of zones as they are written: name, and whether the line of the scalar stands in its box, and whether the box has a ground.
ZONE_NAMES = """
const panel = panels.find(({id}) => id === 'scalar');
if (!panel || !run.zones) return [];
const context = panel.canvas.getContext('2d'), boxes = [], grounds = [];
const spy = {...Object.fromEntries(['strokeText', 'fillText', 'fillRect'].map((name) => [name, () => {}])),
  measureText: (text) => context.measureText(text),
  fillRect: (x, y, width, height) => grounds.push([x, y, x + width, y + height]),
  fillText: (text, x, y) => boxes.push([text, x - context.measureText(text).width, y - 6, x, y + 6])};
nameZones(spy, panel.scale, panel.values, panel.shown.map((line) => visiblePoints(line, panel.scale, -Infinity)));
const places = Array.from(series.scalar, (value, i) => [panel.scale.x(firstStep + i), panel.values.y(value)]);
const within = ([x, y], left, top, right, bottom) => left <= x && x <= right && top <= y && y <= bottom;
return boxes.map(([text, ...box]) => [text, places.some((place) => within(place, ...box)),
  grounds.some((ground) => within([box[0], box[1]], ...ground) && within([box[2], box[3]], ...ground))]);
"""


def check_zone_names(page):
    names = page.js(ZONE_NAMES)
    page.expect(bool(names) == bool(page.js("return run.zones")), "zones have no names")
    for name, is_covered, has_ground in names:
        page.expect(has_ground or not is_covered, f"the line of the scalar runs through the name {name}")
