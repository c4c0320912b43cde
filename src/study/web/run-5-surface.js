/// Functions of two variables: the surface as a map, and the way of the point and of its shadow on it up to the cursor. values[j * size + i]
/// is at x[0] + (x[1] − x[0]) i / (size − 1), and j likewise of y.

const surface = run.surface ? {
  ...run.surface,
  values: decode(run.surface.values, Float32Array),
  paths: [
    {label: 'the weights', color: '--map-path', points: decode(run.surface.path, Float32Array)},
    {label: 'the shadow', color: '--map-shadow', dash: [5, 3], points: decode(run.surface.shadow_path || '', Float32Array)},
  ].filter(({points}) => known(points)),
} : null;

const mapMargin = {left: 40, bottom: 20, top: 4, right: 6};

/// From low to high: water to sand.
const mapColors = [[16, 42, 78], [24, 84, 128], [48, 132, 152], [104, 176, 160], [176, 208, 168], [232, 226, 190], [247, 240, 224]];

function mapColor(share) {
  const place = clamp(share, 0, 1) * (mapColors.length - 1);
  const [k, rest] = [Math.min(Math.floor(place), mapColors.length - 2), place - Math.min(Math.floor(place), mapColors.length - 2)];
  return mapColors[k].map((part, i) => Math.round(part + rest * (mapColors[k + 1][i] - part)));
}

/// Logarithms of the height above the lowest value, so that a valley shows as well as a cliff; `spread` keeps the lowest from being −∞.
function mapHeights() {
  const finite = surface.values.filter(Number.isFinite);
  const lowest = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const highest = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  const spread = (highest - lowest) * 1e-4 || 1;
  const [low, high] = [Math.log(spread), Math.log(highest - lowest + spread)];
  const share = (value) => (Math.log(value - lowest + spread) - low) / (high - low);
  const value = (height) => Math.exp(low + height * (high - low)) - spread + lowest;
  return {heights: Float32Array.from(surface.values, share), value};
}

function mapImage({heights}) {
  const {size} = surface;
  const image = make('canvas', {width: size, height: size});
  const context = image.getContext('2d');
  const pixels = context.createImageData(size, size);
  for (let j = 0; j < size; ++j) {
    for (let i = 0; i < size; ++i) {
      // Row 0 of the values is the lowest y, of the image the highest.
      const at = 4 * ((size - 1 - j) * size + i);
      pixels.data.set([...mapColor(Number.isNaN(heights[j * size + i]) ? 1 : heights[j * size + i]), 255], at);
    }
  }
  context.putImageData(pixels, 0, 0);
  return image;
}

/// Where contours cross the cells of the grid: pieces from (x, y) to (x, y) in units of cells.
function contourPieces(heights, size, levels) {
  const pieces = [];
  for (let j = 0; j + 1 < size; ++j) {
    for (let i = 0; i + 1 < size; ++i) {
      const at = j * size + i;
      const corners = [heights[at], heights[at + 1], heights[at + size + 1], heights[at + size]];
      const [least, most] = [Math.min(...corners), Math.max(...corners)];
      for (const level of levels) if (least <= level && level < most) pieces.push(...cellPieces(corners, i, j, level));
    }
  }
  return pieces;
}

function cellPieces(values, i, j, level) {
  const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
  const crossings = [];
  for (let k = 0; k < 4; ++k) {
    const [a, b] = [values[k], values[(k + 1) % 4]];
    if (a > level === b > level) continue;
    const t = (level - a) / (b - a);
    const [from, to] = [corners[k], corners[(k + 1) % 4]];
    crossings.push([from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])]);
  }
  return crossings.length === 4 ? [crossings.slice(0, 2), crossings.slice(2)] : [crossings];
}

/// What does not depend on the size on the screen.
function makeMap() {
  const map = mapHeights();
  // Contours at the lowest levels would show the grid rather than the valley.
  const levels = Array.from({length: 11}, (_, k) => (k + 3) / 14);
  return {...map, image: mapImage(map), contours: contourPieces(map.heights, surface.size, levels)};
}

function mapScale(width, height) {
  const [[x0, x1], [y0, y1]] = [surface.x, surface.y];
  const [across, up] = [width - mapMargin.left - mapMargin.right, height - mapMargin.top - mapMargin.bottom];
  return {
    x: (x) => mapMargin.left + ((x - x0) / (x1 - x0)) * across,
    y: (y) => mapMargin.top + ((y1 - y) / (y1 - y0)) * up,
    across, up,
  };
}

/// A path in pixels without the points that would fall on the one before; `of` holds the place of each in the path. Breaks are NaN.
function thinPath(points, scale) {
  const [xs, ys, of] = [[], [], []];
  for (let i = 0; 2 * i + 1 < points.length; ++i) {
    const [x, y] = [scale.x(points[2 * i]), scale.y(points[2 * i + 1])];
    const last = xs.length - 1;
    if (last >= 0 && Math.abs(x - xs[last]) + Math.abs(y - ys[last]) < 0.6) continue;
    if (Number.isNaN(x) && (last < 0 || Number.isNaN(xs[last]))) continue;
    xs.push(x);
    ys.push(y);
    of.push(i);
  }
  return {xs, ys, of};
}

function drawMapAxes(context, scale, height) {
  context.fillStyle = cssColor('--quiet');
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const x of axisTicks(...surface.x, false, 6)) context.fillText(shorten(x), scale.x(x), height - mapMargin.bottom + 5);
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const y of axisTicks(...surface.y, false, 6)) context.fillText(shorten(y), mapMargin.left - 5, clamp(scale.y(y), 7, height));
}

function drawMap(width) {
  const height = Math.min(width, 520);
  const {size} = surface;
  surface.plot.style.height = `${height}px`;
  const context = prepare(surface.canvas, width, height);
  const scale = mapScale(width, height);
  const {image, contours} = surface.map;
  context.imageSmoothingQuality = 'high';
  const [cellWidth, cellHeight] = [scale.across / (size - 1), scale.up / (size - 1)];
  const cell = (x, y) => [mapMargin.left + x * cellWidth, mapMargin.top + (size - 1 - y) * cellHeight];
  context.save();
  context.beginPath();
  context.rect(mapMargin.left, mapMargin.top, scale.across, scale.up);
  context.clip();
  // The middle of a pixel is where its value is.
  context.drawImage(image, mapMargin.left - cellWidth / 2, mapMargin.top - cellHeight / 2, size * cellWidth, size * cellHeight);
  context.restore();
  context.strokeStyle = 'rgb(255 255 255 / 0.35)';
  context.lineWidth = 0.8;
  context.beginPath();
  for (const [from, to] of contours) {
    context.moveTo(...cell(...from));
    context.lineTo(...cell(...to));
  }
  context.stroke();
  drawMapAxes(context, scale, height);
  drawMinima(context, scale);
  prepare(surface.overlay, width, height);
  Object.assign(surface, {width, height, scale, thin: surface.paths.map(({points}) => thinPath(points, scale))});
}

function drawMinima(context, scale) {
  for (const [x, y] of surface.minima || []) {
    const [left, top] = [scale.x(x), scale.y(y)];
    for (const [color, width] of [['#000', 4.5], ['#fff', 2]]) {
      context.strokeStyle = color;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(left - 5, top - 5);
      context.lineTo(left + 5, top + 5);
      context.moveTo(left - 5, top + 5);
      context.lineTo(left + 5, top - 5);
      context.stroke();
    }
  }
}

/// Point `step - firstStep + 1` of a path is that after the step; the first is where the run began.
const pointAt = (points, step) => {
  const i = 2 * (step - firstStep + 1);
  return [points[i], points[i + 1]];
};

function drawDot(context, x, y, color) {
  context.beginPath();
  context.arc(x, y, 6, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = '#fff';
  context.stroke();
}

function drawWay() {
  const {width, height, scale} = surface;
  const context = surface.overlay.getContext('2d');
  context.clearRect(0, 0, width, height);
  context.save();
  context.beginPath();
  context.rect(mapMargin.left, mapMargin.top, scale.across, scale.up);
  context.clip();
  surface.paths.forEach((path, k) => {
    const thin = surface.thin[k];
    const end = placeBefore(thin.of, view.step - firstStep + 1) + 1;
    const color = cssColor(path.color);
    tracePoints(context, thin.xs, thin.ys, end);
    for (const [stroke, lineWidth, dash] of [['rgb(0 0 0 / 0.55)', 3.2, []], [color, 1.8, path.dash || []]]) {
      context.strokeStyle = stroke;
      context.lineWidth = lineWidth;
      context.setLineDash(dash);
      context.stroke();
    }
    context.setLineDash([]);
  });
  [...surface.paths].reverse().forEach((path) => {
    const [x, y] = pointAt(path.points, view.step);
    if (Number.isFinite(x)) drawDot(context, scale.x(x), scale.y(y), cssColor(path.color));
  });
  context.restore();
  const [x, y] = pointAt(surface.paths[0].points, view.step);
  const outside = x < surface.x[0] || x > surface.x[1] || y < surface.y[0] || y > surface.y[1];
  surface.note.textContent = outside ? 'The point is outside the map.' : '';
}

function mapLegend() {
  const line = (attributes) => make('line', {x1: 0, x2: 22, y1: 6, y2: 6, ...attributes});
  const sample = (color, dash) => make('svg', {class: 'swatch', width: 22, height: 12, 'aria-hidden': 'true'},
    line({stroke: '#444', 'stroke-width': 3.5}),
    line({style: `stroke: var(${color})`, 'stroke-width': 2.2, 'stroke-dasharray': dash ? dash.join(' ') : null}));
  const cross = make('svg', {class: 'swatch', width: 14, height: 12, 'aria-hidden': 'true'},
    make('path', {d: 'M2,1 L12,11 M2,11 L12,1', stroke: 'currentColor', 'stroke-width': 2.2}));
  const {value} = surface.map;
  const stops = mapColors.map((color) => `rgb(${color.join(' ')})`).join(', ');
  return make('div', {class: 'map-legend'},
    surface.paths.map(({label, color, dash}) => make('span', {}, sample(color, dash), label)),
    (surface.minima || []).length ? make('span', {}, cross, surface.minima.length === 1 ? 'minimum' : 'minima') : null,
    make('span', {class: 'heights'}, shorten(Number(value(0).toPrecision(2))),
      make('span', {class: 'ramp', style: `background: linear-gradient(to right, ${stops})`}), shorten(Number(value(1).toPrecision(2)))));
}

function surfaceFigure() {
  surface.map = makeMap();
  surface.canvas = make('canvas', {role: 'img', 'aria-label': `Map of ${inWords(surface.function)}: its value over the two parameters, on a ` +
    'logarithmic scale, with the path of the weights up to the step of the cursor'});
  surface.overlay = make('canvas', {class: 'overlay', 'aria-hidden': 'true'});
  surface.plot = make('div', {class: 'plot'}, surface.canvas, surface.overlay);
  surface.note = make('p', {class: 'small quiet', id: 'map-note'});
  const title = make('figcaption', {}, make('h2', {}, inWords(surface.function)));
  return make('figure', {id: 'surface'}, title, surface.plot, mapLegend(), surface.note);
}
