/// One dot for each seed, one row for each optimizer, drawn anew when the width or the shown optimizers change.

const strips = [];

/// From the scores to pixels; infinite ones have a lane of their own at the right end.
function dotScale(scores, left, right) {
  const finite = scores.map(toNumber).filter(Number.isFinite);
  const diverged = scores.includes('inf');
  const end = diverged ? right - 64 : right;
  let [low, high] = [Math.min(...finite), Math.max(...finite)];
  const logarithmic = low > 0 && high / low > 30;
  if (low === high) [low, high] = [low - (Math.abs(low) || 1) / 10, high + (Math.abs(high) || 1) / 10];
  const at = logarithmic ? Math.log : (x) => x;
  const x = (value) => (value === 'inf' ? right - 26 : left + 8 + ((at(value) - at(low)) / (at(high) - at(low))) * (end - left - 26));
  return {x, end, diverged, logarithmic, ticks: finite.length ? axisTicks(low, high, logarithmic, Math.max(2, (end - left) / 80)) : []};
}

function dotRow(arm, scores, summary, scale, y) {
  const style = armStyle(arm);
  const known = scores.map((score, i) => [score, report.seeds[i], i]).filter(([score]) => score !== null);
  const nodes = [];
  const quartiles = [summary.low, summary.median, summary.high];
  if (known.length >= fewestSeeds && quartiles.every((value) => Number.isFinite(toNumber(value)))) {
    const [low, middle, high] = quartiles.map(scale.x);
    nodes.push(make('rect', {x: low, y: y - 8, width: Math.max(1, high - low), height: 16, fill: style.color, opacity: 0.16}),
      make('line', {x1: middle, x2: middle, y1: y - 9, y2: y + 9, stroke: style.color, 'stroke-width': 2}));
  }
  // Spread by multiples of the golden ratio: evenly, and the same in every drawing.
  for (const [score, seed, i] of known) {
    const offset = (((i * 0.618) % 1) - 0.5) * 13;
    nodes.push(make('path', {d: markPath(style.shape, scale.x(score), y + offset, 2.6), fill: style.color, opacity: 0.75},
      make('title', {}, `${label(arm)}, seed ${seed}: ${score === 'inf' ? display(score) : score}`)));
  }
  return make('g', {'data-arm': arm}, nodes);
}

function shortLabel(text, pixels) {
  const most = Math.max(4, Math.floor(pixels / 6.9));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function drawStrip({plot, arms, scores, summaries}) {
  const shown = arms.map((arm, k) => ({arm, scores: scores[k], summary: summaries[k]})).filter(({arm}) => !state.hidden.has(arm));
  const width = Math.max(260, plot.clientWidth);
  const longest = Math.max(...arms.map((arm) => label(arm).length)) * 6.9 + 12;
  const left = Math.min(longest, width * 0.36);
  const rowHeight = 25;
  const bottom = shown.length * rowHeight;
  const scale = dotScale(scores.flat(), left, width);
  const nodes = scale.ticks.flatMap((tick) => [
    make('line', {class: 'grid', x1: scale.x(tick), x2: scale.x(tick), y1: 0, y2: bottom}),
    make('text', {x: scale.x(tick), y: bottom + 16, 'text-anchor': 'middle'}, shorten(tick))]);
  if (scale.diverged) {
    nodes.push(make('rect', {class: 'lane', x: scale.end + 12, y: 0, width: width - scale.end - 12, height: bottom}),
      make('text', {x: width - 26, y: bottom + 16, 'text-anchor': 'middle'}, 'inf'));
  }
  shown.forEach(({arm, scores: own, summary}, row) => {
    const y = (row + 0.5) * rowHeight;
    nodes.push(make('line', {class: 'grid', x1: left, x2: width, y1: y, y2: y}),
      make('text', {x: 0, y: y + 4}, shortLabel(label(arm), left - 8), make('title', {}, label(arm))),
      dotRow(arm, own, summary, scale, y));
  });
  const svg = make('svg', {width, height: bottom + 22, role: 'img', 'aria-label': 'Score of each seed; the data are in the CSV'}, nodes);
  plot.replaceChildren(shown.length ? svg : make('p', {class: 'nothing'}, 'All its optimizers are hidden.'));
}

/// {id, title, arms, scores: by arm and seed, summaries: beside arms}
function stripChart({id, title, arms, scores, summaries}) {
  const figure = make('figure', {id, class: 'strip'});
  const rows = (arm, k) => scores[k].map((score, i) => [label(arm), report.seeds[i], score]);
  const csv = () => [['optimizer', 'seed', 'score'], ...arms.flatMap(rows)];
  figure.append(make('figcaption', {}, make('h4', {}, title), make('span', {class: 'tools'}, csvButton(id, title, csv))));
  if (scores.flat().every((score) => score === null)) return {figure: showsNothing(figure, 'No run has a score here.'), draw: () => {}};
  const plot = make('div', {class: 'dots'});
  const few = report.seeds.length < fewestSeeds;
  figure.append(plot, make('p', {class: 'quiet readout'}, few
    ? `A dot is a run, and these are all the data: with fewer than ${fewestSeeds} seeds quartiles and tests say nothing.`
    : 'A dot is a run; the bar spans the quartiles, the line is the median.'));
  const strip = {plot, arms, scores, summaries};
  return {figure, draw: () => {
    strips.push(strip);
    drawStrip(strip);
  }};
}
