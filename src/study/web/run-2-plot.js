/// Panels: canvases one under the other with a common axis of steps, drawn by hand, as a run may have 100,000 steps and the cursor moves
/// through all of them at once. A line is {key, label, color: a number for `lineStyle` or the name of a CSS colour, values, first or at};
/// see `valueAt`.

const panels = [];
const gutter = {left: 50, right: 12};

function stepScale(width) {
  const pixels = Math.max(1, width - gutter.left - gutter.right);
  const perStep = pixels / (view.to - view.from);
  return {
    pixels,
    perStep,
    x: (step) => gutter.left + (step - view.from) * perStep,
    step: (x) => clamp(Math.round(view.from + (x - gutter.left) / perStep), firstStep, lastStep),
  };
}

/// Points of a line: pixels across, values up. All of them if they are few, else for each pixel the mean, the least and the greatest. NaN is
/// a gap.
function visiblePoints(line, scale, floor) {
  const {values} = line;
  const stepOf = line.at ? (i) => line.at[i] : (i) => line.first + i;
  const place = (step) => (line.at ? placeBefore(line.at, step) : Math.floor(step) - line.first);
  const begin = clamp(place(view.from), 0, values.length);
  const end = clamp(place(view.to) + 2, begin, values.length);
  const usable = (value) => value > floor && value < Infinity;
  if (end - begin > 3 * scale.pixels) return pixelPoints(values, begin, end, stepOf, scale, usable);
  const [xs, ys] = [[], []];
  for (let i = begin; i < end; ++i) {
    xs.push(scale.x(stepOf(i)));
    ys.push(usable(values[i]) ? values[i] : NaN);
  }
  return {xs, ys, lows: ys, highs: ys, sparse: (end - begin) * 8 < scale.pixels};
}

function pixelPoints(values, begin, end, stepOf, scale, usable) {
  const points = {xs: [], ys: [], lows: [], highs: [], sparse: false, banded: true};
  let [column, low, high, sum, found] = [null, Infinity, -Infinity, 0, 0];
  const flush = () => {
    points.xs.push(column + 0.5);
    points.ys.push(found ? sum / found : NaN);
    points.lows.push(found ? low : NaN);
    points.highs.push(found ? high : NaN);
  };
  for (let i = begin; i < end; ++i) {
    const here = Math.floor(scale.x(stepOf(i)));
    if (here !== column) {
      if (column !== null) flush();
      [column, low, high, sum, found] = [here, Infinity, -Infinity, 0, 0];
    }
    const value = values[i];
    if (!usable(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
    ++found;
  }
  flush();
  return points;
}

function valueRange(panel, drawn, logarithmic) {
  if (panel.range) return panel.range;
  let [low, high] = [Infinity, -Infinity];
  for (const {lows, highs} of drawn) {
    for (const y of lows) if (y < low) low = y;
    for (const y of highs) if (y > high) high = y;
  }
  if (low > high) return logarithmic ? [0.1, 1] : [0, 1];
  if (logarithmic) return low === high ? [low / 2, high * 2] : [low * (low / high) ** 0.06, high * (high / low) ** 0.06];
  if (panel.zero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  const pad = (high - low) * 0.08 || Math.abs(high) * 0.2 || 1;
  return [low >= 0 && low < pad ? 0 : low - pad, high + pad];
}

function valueScale([low, high], logarithmic, top, bottom) {
  const at = logarithmic ? Math.log : (value) => value;
  const slope = (bottom - top) / (at(high) - at(low));
  return {low, high, y: (value) => bottom - (at(value) - at(low)) * slope};
}

/// The canvas at the size that CSS gives it, in the device's pixels.
function prepare(canvas, width, height) {
  const density = document.documentElement.classList.contains('printing') ? 2 : devicePixelRatio || 1;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  const context = canvas.getContext('2d');
  context.scale(density, density);
  context.font = '11px system-ui, sans-serif';
  context.lineJoin = 'round';
  return context;
}

function strokeLine(context, x1, y1, x2, y2, color, dash = []) {
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
  context.setLineDash([]);
}

const crisp = (pixel) => Math.round(pixel) + 0.5;
const stepTicks = (pixels) => axisTicks(view.from, view.to, false, Math.max(2, pixels / 90)).filter(Number.isInteger);
const stepText = (step) => String(step).replace(/\B(?=(\d{3})+$)/g, '\u2009');

function drawStepAxis(context, scale, y, color) {
  context.fillStyle = color;
  context.textBaseline = 'top';
  const right = gutter.left + scale.pixels + gutter.right;
  for (const step of stepTicks(scale.pixels)) {
    const text = stepText(step);
    const half = context.measureText(text).width / 2;
    context.textAlign = 'left';
    context.fillText(text, clamp(scale.x(step) - half, 0, right - 2 * half), y);
  }
}

function drawGrid(context, panel, scale, values, colors, bottom) {
  const right = gutter.left + scale.pixels;
  for (const step of stepTicks(scale.pixels)) strokeLine(context, crisp(scale.x(step)), 1, crisp(scale.x(step)), bottom, colors.grid);
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const ticks = panel.ticks || axisTicks(values.low, values.high, panel.logarithmic, Math.max(2, bottom / 30));
  for (const tick of ticks) {
    const y = values.y(tick);
    if (y < 0 || y > bottom + 1) continue;
    strokeLine(context, gutter.left, crisp(y), right, crisp(y), tick === 0 ? colors.rule : colors.grid);
    context.fillStyle = colors.quiet;
    context.fillText(shorten(tick), gutter.left - 6, clamp(y, 6, bottom - 5));
  }
}

/// Between the least and the greatest in each pixel; gaps end a piece.
function fillBand(context, {xs, lows, highs}, values) {
  for (let begin = 0; begin < xs.length; ++begin) {
    if (Number.isNaN(lows[begin])) continue;
    let end = begin;
    while (end < xs.length && !Number.isNaN(lows[end])) ++end;
    context.beginPath();
    for (let i = begin; i < end; ++i) context.lineTo(xs[i], values.y(highs[i]) - 0.4);
    for (let i = end - 1; i >= begin; --i) context.lineTo(xs[i], values.y(lows[i]) + 0.4);
    context.fill();
    begin = end;
  }
}

function tracePoints(context, xs, ys, end = xs.length) {
  context.beginPath();
  for (let i = 0, down = false; i < end; ++i) {
    const there = Number.isFinite(ys[i]);
    if (there && down) context.lineTo(xs[i], ys[i]);
    else if (there) context.moveTo(xs[i], ys[i]);
    down = there;
  }
}

function drawLine(context, line, points, values) {
  const style = lineLook(line);
  line.drawnColor = context.strokeStyle = context.fillStyle = style.color;
  context.lineWidth = line.width || 1.5;
  context.globalAlpha = 0.28;
  if (points.banded) fillBand(context, points, values);
  context.globalAlpha = line.opacity || 1;
  context.setLineDash(style.dash || []);
  const ys = points.ys.map(values.y);
  tracePoints(context, points.xs, ys);
  context.stroke();
  context.setLineDash([]);
  for (let i = 0; points.sparse && i < ys.length; ++i) {
    if (Number.isNaN(ys[i])) continue;
    context.beginPath();
    context.arc(points.xs[i], ys[i], 2.2, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

const lineLook = (line) => (typeof line.color === 'number' ? lineStyle(line.color) : {color: cssColor(line.color), dash: line.dash || null});

/// Lines of a panel with those of the other branch, which are dashed; its bare loss would only be a second noise.
function shownLines(panel) {
  const own = panel.lines.filter((line) => !view.hidden.has(line.key));
  const other = otherBranch();
  if (!other) return own;
  const wanted = own.filter((line) => !line.at && known(other.series[line.key]) && !(line.noise && known(other.series.ema_short)));
  const dashed = {first: other.first, dash: [5, 3], opacity: 1};
  return [...own, ...wanted.map((line) => ({...line, ...dashed, values: other.series[line.key]}))];
}

/// Where the other branch begins, and where it first differs.
function drawFork(context, scale, height, color) {
  const other = otherBranch();
  if (!other) return;
  const marks = [[other.fork_at, [2, 3]], ...(other.first_difference ? [[other.first_difference, [6, 3]]] : [])];
  for (const [step, dash] of marks) {
    const x = crisp(scale.x(step));
    if (x >= gutter.left && x <= gutter.left + scale.pixels) strokeLine(context, x, 0, x, height, color, dash);
  }
}

const isLogarithmic = (panel) => view.log[panel.id] ?? panel.log === true;

function drawPanel(panel, width) {
  const {height} = panel;
  const context = prepare(panel.canvas, width, height);
  const bottom = height - (panel.axis ? 16 : 1);
  const scale = stepScale(width);
  const colors = {grid: cssColor('--grid'), rule: cssColor('--rule'), quiet: cssColor('--quiet'), ink: cssColor('--ink')};
  panel.logarithmic = isLogarithmic(panel);
  const lines = shownLines(panel);
  const drawn = lines.map((line) => visiblePoints(line, scale, panel.logarithmic ? 0 : -Infinity));
  const values = valueScale(valueRange(panel, drawn, panel.logarithmic), panel.logarithmic, 3, bottom - 2);
  if (panel.under) panel.under(context, scale, values, bottom);
  drawGrid(context, panel, scale, values, colors, bottom);
  context.save();
  context.beginPath();
  context.rect(gutter.left, 0, scale.pixels + 2, bottom);
  context.clip();
  lines.forEach((line, i) => drawLine(context, line, drawn[i], values));
  drawFork(context, scale, bottom, colors.quiet);
  context.restore();
  if (panel.over) panel.over(context, scale, values, drawn);
  strokeLine(context, gutter.left, crisp(bottom - 1), gutter.left + scale.pixels, crisp(bottom - 1), colors.rule);
  if (panel.axis) drawStepAxis(context, scale, height - 12, colors.quiet);
  Object.assign(panel, {width, scale, values, bottom, shown: lines});
  prepare(panel.overlay, width, height);
}

function drawCursor(panel) {
  const {overlay, width, height, scale} = panel;
  const context = overlay.getContext('2d');
  context.clearRect(0, 0, width, height);
  const x = scale.x(view.step);
  if (x < gutter.left - 1 || x > width) return;
  strokeLine(context, crisp(x), 0, crisp(x), panel.bottom, cursorColors.ink);
  for (const line of panel.shown || []) {
    const y = panel.values.y(valueAt(line, view.step));
    // A value that stands until the next one is where it was found.
    const at = line.at ? scale.x(line.at[placeBefore(line.at, view.step)]) : x;
    if (!Number.isFinite(y) || at < gutter.left - 1) continue;
    context.beginPath();
    context.arc(at, y, 3.5, 0, 2 * Math.PI);
    context.fillStyle = line.drawnColor;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = cursorColors.paper;
    context.stroke();
  }
}

const cursorColors = {};
