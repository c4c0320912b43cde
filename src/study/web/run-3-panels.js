/// Which panels there are: those that have data.

const dense = (key, label, color, more = {}) => ({key, label, color, values: series[key], first: firstStep, ...more});
const spread = (values) => {
  const positive = Float64Array.from(values.filter((value) => value > 0 && value < Infinity)).sort();
  return positive.length ? positive[Math.floor(positive.length * 0.98)] / positive[Math.floor(positive.length * 0.02)] : 1;
};

function lossPanel() {
  return {
    id: 'loss', title: 'Loss', hint: series.ema_short ? 'of each batch, and its moving averages' : 'of each batch', height: 220, canLog: true,
    log: Boolean(series.loss) && spread(series.loss) > 100,
    lines: [
      dense('loss', 'loss', '--quiet', {width: 1, opacity: series.ema_short ? 0.5 : 1, noise: true}),
      dense('ema_short', 'short average', '--short'), dense('ema_medium', 'medium', '--medium'), dense('ema_long', 'long', '--long', {width: 2}),
    ],
  };
}

/// What lies above and below 0.
const sides = relievedAbove ? ['relief', 'tension'] : ['tension', 'relief'];

/// Zones as bands, the deeper the stronger.
function drawZones(context, scale, values) {
  if (!run.zones) return;
  const {mild, strong} = run.zones;
  const band = (from, to, kind, alpha) => {
    context.globalAlpha = alpha;
    context.fillStyle = cssColor(`--${kind}`);
    context.fillRect(gutter.left, values.y(Math.max(from, to)), scale.pixels, Math.abs(values.y(from) - values.y(to)));
  };
  for (const [sign, kind] of [[1, sides[0]], [-1, sides[1]]]) {
    band(sign * mild, sign * strong, kind, 0.13);
    band(sign * strong, sign * 1.08, kind, 0.28);
  }
  context.globalAlpha = 1;
  context.globalAlpha = 0.6;
  for (const threshold of run.thresholds || []) {
    const y = crisp(values.y(threshold));
    strokeLine(context, gutter.left, y, gutter.left + scale.pixels, y, cssColor('--quiet'), [4, 3]);
  }
  context.globalAlpha = 1;
}

/// Whether a line comes into a box.
function enters({xs, lows, highs}, values, [left, top, right, bottom]) {
  for (let i = 1; i < xs.length; ++i) {
    if (xs[i] < left || xs[i - 1] > right) continue;
    const ys = [lows[i - 1], lows[i], highs[i - 1], highs[i]].filter((value) => !Number.isNaN(value)).map(values.y);
    if (ys.length && Math.min(...ys) < bottom && Math.max(...ys) > top) return true;
  }
  return false;
}

/// In a column where the lines cover the fewest names, the rightmost of them; what is covered there gets a ground of its own.
function nameZones(context, scale, values, drawn) {
  if (!run.zones) return;
  const {mild, strong} = run.zones;
  const [above, below] = sides;
  const zones = [[strong, 1, above, 'strong '], [mild, strong, above, 'mild '], [-mild, mild, 'quiet', 'calm'], [-strong, -mild, below, 'mild '],
    [-1, -strong, below, 'strong ']].filter(([from, to]) => values.y(from) - values.y(to) >= 15);
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const names = zones.map(([from, to, kind, word]) => {
    const text = kind === 'quiet' ? word : word + kind;
    return {text, kind, y: values.y((from + to) / 2) + (from + to === 0 ? -8 : 0), width: context.measureText(text).width};
  });
  const box = ({width, y}, x) => [x - width - 4, y - 8, x + 4, y + 8];
  const isCovered = (name, x) => drawn.some((points) => enters(points, values, box(name, x)));
  const widest = Math.max(0, ...names.map(({width}) => width));
  let best = null;
  for (let x = gutter.left + scale.pixels - 4; x - widest > gutter.left + 4 && !(best && best.covered.size === 0); x -= 8) {
    const covered = new Set(names.filter((name) => isCovered(name, x)));
    if (!best || covered.size < best.covered.size) best = {x, covered};
  }
  for (const name of best ? names : []) drawName(context, name, best.x, best.covered.has(name) ? box(name, best.x) : null);
}

function drawName(context, {text, kind, y}, x, ground) {
  context.strokeStyle = context.fillStyle = cssColor('--paper');
  context.lineWidth = 3;
  context.globalAlpha = ground ? 0.85 : 0.7;
  if (ground) context.fillRect(ground[0], ground[1], ground[2] - ground[0], ground[3] - ground[1]);
  else context.strokeText(text, x, y);
  context.globalAlpha = 1;
  context.fillStyle = cssColor(kind === 'quiet' ? '--quiet' : `--${kind}-text`);
  context.fillText(text, x, y);
}

function feelingPanels() {
  const distance = dense('shadow_distance', 'all weights', '--shadow', {width: 2});
  const ratio = [dense('ratio', 'ratio', '--shadow'), dense('drive', 'drive', '--long')];
  return [
    {id: 'scalar', title: 'Scalar', hint: 'the emotion: is the loss above or below its own past?', height: 170, range: [-1.08, 1.08],
      ticks: [-1, -0.5, 0, 0.5, 1], under: drawZones, over: nameZones, lines: [dense('scalar', 'scalar', '--ink')]},
    {id: 'ratio', title: 'Ratio and drive', hint: 'how much of the shadow is blended in; factor on the step', height: 120,
      zero: true, lines: ratio},
    {id: 'shadow-distance', title: 'Distance to the shadow', hint: 'how far the weights are from what it remembers', height: 120,
      zero: true, canLog: true, lines: [distance]},
  ];
}

function layerPanel(id, title, hint, field) {
  const {steps, layers} = run.details || {};
  const lines = Object.entries(layers || {}).map(([name, layer], i) => ({
    key: `${id}/${name}`, label: name, color: i, at: steps, values: Float64Array.from(layer[field] || [], toNumber), width: 1.25}));
  return {id, title, hint, height: 140, zero: true, canLog: true, lines};
}

const differentRates = known(series.effective_lr) && !series.learning_rate.every((rate, i) => rate === series.effective_lr[i]);

function ratePanel() {
  const rest = {id: 'learning-rate', height: 100, zero: true, canLog: true};
  const scheduled = dense('learning_rate', 'of the schedule', '--long', {dash: [5, 3]});
  if (!differentRates) return {...rest, title: 'Learning rate', hint: 'of each step', lines: [dense('learning_rate', 'rate', '--ink', {width: 2})]};
  return {...rest, title: 'Effective learning rate', hint: 'learning rate × drive', lines: [dense('effective_lr', 'effective', '--ink'), scheduled]};
}

function stepPanels() {
  const {steps, moved} = run.details || {};
  return [
    ratePanel(),
    {id: 'gradient', title: 'Gradient norm', hint: 'how steep the loss is', height: 120, canLog: true,
      log: Boolean(series.grad_norm) && spread(series.grad_norm) > 30, lines: [dense('grad_norm', 'norm', '--ink', {width: 1})]},
    {id: 'moved', title: 'Length of a step', hint: 'how far all weights moved, blend and update', height: 100, canLog: true, zero: true,
      lines: [{key: 'moved', label: 'moved', color: '--long', at: steps, values: Float64Array.from(moved || [], toNumber)}]},
  ];
}

const metricNames = {eval_loss: 'loss', eval_mse: 'mean squared error', eval_accuracy: 'accuracy', eval_delta_e: 'ΔE',
  eval_delta_ab: 'of it colour alone', eval_gap: 'gap'};
const metricName = (metric) => metricNames[metric] || inWords(metric.replace(/^(eval|test)_/, ''));

/// Metrics that belong into one panel; any other has its own.
const metricGroups = [
  {id: 'bands', title: 'Error by frequency band', hint: 'from coarse shapes to fine detail; 1: nothing learned', match: /^eval_band_(\d+)$/,
    label: (k, n) => (k === 1 ? 'coarsest' : k === n ? 'finest' : `band ${k}`), height: 150, zero: true, canLog: true},
  {id: 'components', title: 'Error by principal component', hint: 'of the training images, the greatest first; 1: nothing learned',
    match: /^eval_component_(\d+)$/, label: (k) => `component ${k}`, height: 150, zero: true, canLog: true},
  {id: 'colour', title: 'Error in colour', hint: 'as eyes see it: mean CIELAB distance', match: /^eval_delta_(e|ab)$/, height: 110,
    canLog: true},
  {id: 'gap', title: 'Evaluation: gap', hint: 'how much worse on images not seen in training', match: /^eval_gap$/, height: 100, zero: true},
];

function evaluationPanels() {
  const {steps, metrics} = run.evaluations || {metrics: {}};
  const line = (metric, label, color) => ({key: metric, label, color, at: steps, values: Float64Array.from(metrics[metric], toNumber)});
  const single = (metric) => ({id: metric, title: `Evaluation: ${metricName(metric)}`, hint: 'on samples that training does not see',
    height: 110, canLog: true, lines: [line(metric, metricName(metric), '--medium')]});
  const all = Object.keys(metrics).filter((metric) => metric.startsWith('eval_'));
  // Of autoencoders the loss may well be the mean squared error.
  const same = (a, b) => metrics[a].every((value, i) => value === metrics[b][i]);
  const names = all.filter((metric, i) => !all.slice(0, i).some((earlier) => same(earlier, metric)));
  const grouped = metricGroups.map((group) => {
    const members = names.filter((name) => group.match.test(name));
    const label = (name) => (group.label ? group.label(Number(group.match.exec(name)[1]), members.length) : metricName(name));
    return {...group, lines: members.map((name, k) => line(name, label(name), members.length > 1 ? k : '--medium'))};
  });
  return [...names.filter((name) => !metricGroups.some(({match}) => match.test(name))).map(single), ...grouped];
}

function allPanels() {
  const layered = layerPanel('layers', 'Distance to the shadow, by layer', 'at some of the steps', 'shadow_distance');
  const candidates = [lossPanel(), ...feelingPanels(), layered, ...stepPanels(), ...evaluationPanels()];
  return candidates.map((panel) => ({...panel, lines: panel.lines.filter(({values}) => known(values))})).filter(({lines}) => lines.length);
}

/// A line in the legend: hides it, and tells its value at the cursor.
function legendEntry(panel, line) {
  const {color, dash} = lineLook(line);
  const value = make('span', {class: 'value'});
  const variable = typeof line.color === 'number' ? `--arm-${line.color % colors}` : line.color;
  const sample = make('svg', {class: 'swatch', width: 18, height: 10, 'aria-hidden': 'true'}, make('line', {x1: 0, x2: 18, y1: 5, y2: 5,
    style: `stroke: var(${variable})`, stroke: color, 'stroke-width': 2.5, 'stroke-dasharray': dash ? dash.join(' ') : null}));
  const toggle = () => {
    if (!view.hidden.delete(line.key)) view.hidden.add(line.key);
    entry.setAttribute('aria-pressed', String(!view.hidden.has(line.key)));
    redraw(panel);
  };
  const entry = make('button', {type: 'button', class: 'legend', 'aria-pressed': 'true', title: 'Show or hide', click: toggle}, sample, line.label, value);
  line.readout = value.appendChild(document.createTextNode(''));
  return entry;
}

function scaleChoice(panel) {
  const choices = [['linear', false], ['log', true]].map(([name, log]) => button(name, () => {
    view.log[panel.id] = log;
    show();
    redraw(panel);
  }, {class: 'small', 'data-choice': name}));
  const show = () => choices.forEach((choice, i) => choice.setAttribute('aria-pressed', String(isLogarithmic(panel) === (i === 1))));
  show();
  return make('span', {class: 'choice', role: 'group', 'aria-label': `Scale of ${panel.title}`}, choices);
}

function panelLabel(panel) {
  const ends = panel.lines.slice(0, 3).map((line) => {
    const finite = Array.from(line.values.length > 4096 ? line.values.slice(-4096) : line.values).filter(Number.isFinite);
    return `${line.label} ends at ${finite.length ? format(finite[finite.length - 1]) : 'no number'}`;
  });
  return `${panel.title}, ${panel.hint}, over the steps ${firstStep} to ${lastStep}: ${ends.join(', ')}`;
}

function panelFigure(panel) {
  panel.canvas = make('canvas', {role: 'img', 'aria-label': panelLabel(panel)});
  panel.overlay = make('canvas', {class: 'overlay', 'aria-hidden': 'true'});
  const plot = make('div', {class: 'plot', style: `height: ${panel.height}px`}, panel.canvas, panel.overlay);
  scrubOn(plot, (x) => setStep(panel.scale.step(x)));
  return make('figure', {id: `panel-${panel.id}`, class: 'panel'},
    make('figcaption', {}, make('h2', {}, panel.title), make('span', {class: 'hint quiet'}, panel.hint),
      panel.canLog ? scaleChoice(panel) : null),
    make('div', {class: 'legends'}, panel.lines.map((line) => legendEntry(panel, line))), plot);
}

/// A click or dragging, with the mouse or a finger; a finger that goes up or down scrolls the page.
function scrubOn(plot, to) {
  const across = (event) => event.clientX - plot.getBoundingClientRect().left;
  let begin = null;
  let scrubs = false;
  plot.addEventListener('pointerdown', (event) => {
    if (event.button) return;
    pause();
    plot.setPointerCapture(event.pointerId);
    begin = across(event);
    scrubs = event.pointerType !== 'touch';
    if (scrubs) to(begin, begin);
  });
  plot.addEventListener('pointermove', (event) => {
    if (begin === null) return;
    scrubs = scrubs || Math.abs(across(event) - begin) > 6;
    if (scrubs) to(across(event), begin);
  });
  plot.addEventListener('pointerup', (event) => {
    if (begin !== null && !scrubs) to(across(event), begin);
    begin = null;
  });
  plot.addEventListener('pointercancel', () => { begin = null; });
  plot.addEventListener('wheel', (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8);
  }, {passive: false});
}

const readout = (value) => (Number.isNaN(value) ? '–' : Number.isFinite(value) ? shorten(value) : threeDigits(value));

function readPanels() {
  for (const {lines} of panels) {
    for (const line of lines) line.readout.data = readout(valueAt(line, view.step));
  }
}

function redraw(panel) {
  drawPanel(panel, panel.width);
  drawCursor(panel);
}
