/// Disturbances and episodes: as a ribbon over the panels, and as a list.

const ribbon = {height: 0, lanes: []};
const kindColors = {event: '--ink', quiet: '--calm', relief: '--relief', tension: '--tension', shock: '--shock', recovery: '--medium',
  stop: '--ink'};
const laneHeight = 18;

/// Disturbances that overlap get lanes of their own, as far as there are three; episodes have the last.
function ribbonLanes() {
  const events = [];
  for (const event of happenings.filter(({what}) => what === 'event')) {
    let lane = events.find((entries) => entries[entries.length - 1].to < event.from);
    if (!lane) lane = events.length < 3 ? events[events.push([]) - 1] : events[2];
    lane.push(event);
  }
  const kinds = happenings.filter(({what}) => what === 'episode');
  const stop = kinds.filter(({kind}) => kind === 'stop');
  const rest = kinds.filter(({kind}) => kind !== 'stop');
  return [...events, ...[rest, stop, ruleStretches()].filter((entries) => entries.length)];
}

/// Where an optimizer has a choice of rules: which one was in force.
function ruleStretches() {
  const stretches = [];
  if (!rules || rules.names.length < 2) return stretches;
  for (let i = 0, begin = 0; i < rules.of.length; ++i) {
    if (rules.of[i + 1] === rules.of[i]) continue;
    const name = rules.names[rules.of[i]] || 'none';
    stretches.push({what: 'rule', kind: 'rule', rule: rules.of[i], from: firstStep + begin, to: firstStep + i, name, text: `the rule ${name}`});
    begin = i + 1;
  }
  return stretches;
}

function ribbonFigure() {
  ribbon.lanes = ribbonLanes();
  ribbon.height = ribbon.lanes.length * laneHeight + 16;
  ribbon.canvas = make('canvas', {role: 'img',
    'aria-label': `Steps ${firstStep} to ${lastStep} with ${happenings.length} events and episodes; a list of them is below the panels`});
  ribbon.overlay = make('canvas', {class: 'overlay', 'aria-hidden': 'true'});
  const plot = make('div', {class: 'plot', style: `height: ${ribbon.height}px`}, ribbon.canvas, ribbon.overlay);
  let hit = null;
  plot.addEventListener('pointerdown', (event) => {
    const box = plot.getBoundingClientRect();
    hit = happeningAt(event.clientX - box.left, event.clientY - box.top);
  });
  // A click on something goes where it begins; dragging goes everywhere.
  scrubOn(plot, (x, begin) => {
    if (Math.abs(x - begin) > 4) hit = null;
    setStep(hit ? hit.from : ribbon.scale.step(x));
  });
  plot.addEventListener('pointermove', (event) => {
    const box = plot.getBoundingClientRect();
    const under = happeningAt(event.clientX - box.left, event.clientY - box.top);
    plot.title = under ? `${stepsText(under)}: ${under.text}` : '';
  });
  return make('figure', {id: 'ribbon'}, plot);
}

const stepsText = ({from, to}) => (from === to ? `step ${from}` : `steps ${from} to ${to}`);

function happeningBox({from, to}, scale) {
  const left = scale.x(from - 0.5);
  return {left, width: Math.max(3, scale.x(to + 0.5) - left)};
}

function happeningAt(x, y) {
  const lane = ribbon.lanes[Math.floor(y / laneHeight)] || [];
  return lane.findLast((entry) => {
    const {left, width} = happeningBox(entry, ribbon.scale);
    return x >= left - 2 && x <= left + width + 2;
  });
}

function drawHappening(context, entry, scale, y) {
  const {left, width} = happeningBox(entry, scale);
  const end = gutter.left + scale.pixels;
  if (left > end || left + width < gutter.left) return;
  const color = cssColor(entry.what === 'rule' ? `--arm-${1 + (entry.rule % (colors - 1))}` : kindColors[entry.kind] || '--calm');
  const solid = entry.what === 'event' || entry.kind === 'stop';
  const [from, to] = [Math.max(left, gutter.left), Math.min(left + width, end)];
  context.fillStyle = color;
  context.globalAlpha = solid ? 0.85 : entry.kind === 'quiet' ? 0.5 : 0.4;
  context.fillRect(from, y + 1, to - from, laneHeight - 3);
  context.globalAlpha = 1;
  const text = context.measureText(entry.name).width;
  const inside = to - from > text + 8;
  if (inside) {
    context.fillStyle = cssColor(solid ? '--paper' : '--ink');
    context.fillText(entry.name, from + 4, y + laneHeight / 2);
  } else if (solid && to + 4 + text < end && to + text + 8 < entry.roomTo) {
    context.fillStyle = cssColor('--ink');
    context.fillText(entry.name, to + 4, y + laneHeight / 2);
  }
}

/// In the gutter, before the first of their lanes.
function nameLanes(context) {
  context.save();
  context.font = '10px system-ui, sans-serif';
  context.fillStyle = cssColor('--quiet');
  context.textAlign = 'right';
  for (const what of ['event', 'episode', 'rule']) {
    const k = ribbon.lanes.findIndex(([entry]) => entry.what === what);
    if (k >= 0) context.fillText(`${what}s`, gutter.left - 4, k * laneHeight + laneHeight / 2);
  }
  context.restore();
}

function drawRibbon(width) {
  const context = prepare(ribbon.canvas, width, ribbon.height);
  const scale = stepScale(width);
  Object.assign(ribbon, {width, scale, bottom: ribbon.height, shown: []});
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  ribbon.lanes.forEach((lane, k) => {
    lane.forEach((entry, i) => {
      entry.roomTo = lane[i + 1] ? happeningBox(lane[i + 1], scale).left : Infinity;
      drawHappening(context, entry, scale, k * laneHeight);
    });
  });
  nameLanes(context);
  drawStepAxis(context, scale, ribbon.height - 13, cssColor('--quiet'));
  prepare(ribbon.overlay, width, ribbon.height);
}

/// The steps at which something begins.
const beginnings = [...new Set(happenings.map(({from}) => clamp(from, firstStep, lastStep)))];

function toHappening(direction) {
  const next = direction > 0 ? beginnings.find((step) => step > view.step) : beginnings.findLast((step) => step < view.step);
  pause();
  if (next !== undefined) setStep(next);
}

function happeningList() {
  if (!happenings.length) return [];
  const most = 500;
  const go = (entry) => {
    pause();
    setStep(entry.from);
  };
  const items = happenings.slice(0, most).map((entry) => make('li', {}, button(stepsText(entry), () => go(entry), {class: 'small'}),
    make('span', {class: 'chip', 'data-kind': entry.kind}, inWords(entry.kind)), ` ${entry.text}`));
  const left = happenings.length - items.length;
  return [make('h2', {id: 'happenings-title'}, 'Events and episodes'),
    make('details', {open: items.length <= 12}, make('summary', {}, `A list of them (${stepText(happenings.length)})`), make('ol', {}, items),
      left ? make('p', {class: 'quiet'}, `And ${left} more: see the ribbon.`) : null)];
}
