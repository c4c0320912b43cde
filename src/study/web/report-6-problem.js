/// What a track says of one problem.

const optimizerColumn = {label: 'Optimizer', kind: 'arm', value: (row) => row.arm};
const armRows = () => currentTrack().arms.map((arm, k) => ({arm, k, ...currentResults().arms[k], time: (problemTimes() || [])[k] || {}}));

function scoreTable(kind, title) {
  const column = (name, field, hint) => ({label: name, value: (row) => (row[kind] || {})[field], hint});
  return table({
    id: `results-${kind}`,
    title,
    columns: [
      optimizerColumn,
      column('Mean', 'mean'), column('Median', 'median'), column('Lower quartile', 'low'), column('Upper quartile', 'high'),
      column('Best', 'best', 'Of all seeds'), column('Worst', 'worst', 'Of all seeds'),
      column('Diverged', 'divergences', `Of ${report.seeds.length} seeds`),
      column('Mean rank', 'mean_rank', 'Among the optimizers of the problem, mean over the seeds; 1 is the best'),
    ],
    rows: armRows(),
  });
}

const outcomes = {
  first_better: 'first better',
  second_better: 'second better',
  undetected: 'undetected',
  identical: 'identical',
  too_few_seeds: 'too few seeds',
  not_declared: 'not declared',
};

/// Too many pairs to read at once: the selection holds those of one optimizer, in all tables of pairs.
function pairFilter(kind, replace) {
  const select = make('select', {'aria-label': 'Pairs of', change: () => {
    state.pairsOf = select.value;
    replace();
    by(`pairs-${kind}`).querySelector('select').focus();
  }}, make('option', {value: 'all'}, 'all optimizers'), currentTrack().arms.map((arm) => make('option', {value: arm}, label(arm))));
  select.value = state.pairsOf;
  if (select.selectedIndex < 0) state.pairsOf = select.value = 'all';
  return make('label', {class: 'small'}, 'Pairs of ', select);
}

function pairTable(kind, title) {
  const replace = () => by(`pairs-${kind}`).replaceWith(pairTable(kind, title));
  const filter = pairFilter(kind, replace);
  const wanted = (pair) => state.pairsOf === 'all' || [pair.first, pair.second].includes(Number(state.pairsOf));
  const rows = (currentResults().pairs[kind] || []).filter(wanted);
  const number = (name, field, hint) => ({label: name, value: (row) => row[field], hint});
  return table({
    id: `pairs-${kind}`,
    title,
    tools: [filter],
    columns: [
      {label: 'First', kind: 'arm', value: (row) => row.first},
      {label: 'Second', kind: 'arm', value: (row) => row.second},
      {label: 'Outcome', kind: 'text', value: (row) => outcomes[row.outcome] || row.outcome,
        hint: 'Not declared: one of the two was tuned to the edge of its search range'},
      number('Difference', 'difference', 'First minus second; below 0 the first has the better scores'),
      {label: '95 % interval', parts: ['from', 'to'], value: (row) => [row.low, row.high], hint: 'Paired bootstrap (BCa); sorts by its low end'},
      number('p', 'p', "Wilcoxon's signed-rank test, two-sided"),
      number('Adjusted p', 'adjusted_p', "By Holm's method over all pairs of the problem"),
      number('Effect', 'effect', "Cohen's d of the pairs"),
      number('Correlation', 'correlation', 'Rank-biserial; −1: the first is better for every seed'),
      {label: 'Of', kind: 'text', value: (row) => (row.by_median ? 'median' : 'mean'),
        hint: 'What the difference is of: the median where a run diverged'},
    ],
    rows,
  });
}

function scoreParts(kind, what, draws) {
  const {arms} = currentTrack();
  const results = currentResults();
  const dots = stripChart({
    id: `dots-${kind}`,
    title: `${what}: each seed`,
    arms,
    scores: results.arms.map((arm) => (kind === 'final' ? arm.scores : arm.best_scores) || []),
    summaries: results.arms.map((arm) => arm[kind] || {}),
  });
  draws.push(dots.draw);
  return [dots.figure, scoreTable(kind, `${what}: results`), pairTable(kind, `${what}: pairs`)];
}

function costTable() {
  const notReached = 'not reached';
  const clock = timing ? '' : ' This report has no times.';
  return table({
    id: 'cost',
    title: 'Cost and steps to target',
    note: make('p', {class: 'quiet'}, `Medians over the seeds.${clock}`),
    columns: [
      optimizerColumn,
      {label: 'Steps to target', value: (row) => row.median_steps_to_target, infinite: notReached},
      {label: 'Reached', value: (row) => row.reached, hint: `Of ${report.seeds.length} seeds`},
      {label: 'Bytes per parameter', value: (row) => row.state_bytes, hint: 'State that the optimizer keeps'},
      {label: 'Step, µs', value: (row) => row.time.step_microseconds, hint: 'Microseconds of a training step, by the clock'},
      {label: 'Seconds to target', value: (row) => row.time.median_seconds_to_target, infinite: notReached, hint: 'By the clock'},
      {label: 'Seconds of a run', value: (row) => row.time.job_seconds, hint: 'By the clock'},
    ],
    rows: armRows(),
  });
}

function choice(name, options, value, choose) {
  return make('span', {class: 'choice', role: 'group', 'aria-label': name}, Object.entries(options).map(([key, text]) =>
    button(text, () => choose(key), {class: 'small', 'aria-pressed': String(key === value), 'data-choice': key})));
}

function lossChart(replace) {
  const {arms} = currentTrack();
  const {curves} = currentResults();
  const validated = curves.some((curve) => curve && curve.validation);
  const shown = validated ? state.loss : 'loss';
  const choose = (field) => (key) => {
    state[field] = key;
    replace(key);
  };
  return lineChart({
    id: 'curves',
    title: 'Loss curves',
    xLabel: 'step',
    yLabel: shown === 'loss' ? 'training loss' : 'validation loss',
    arms,
    lines: curves.map((curve) => band(curve, shown)),
    logY: state.scale === 'log',
    nothing: 'No finite loss was recorded.',
    note: 'Median over the seeds; the band spans the quartiles. A line ends where half of the runs have diverged.',
    tools: [choice('Loss', validated ? {validation: 'validation', loss: 'training'} : {loss: 'training'}, shown, choose('loss')),
      choice('Scale', {linear: 'linear', log: 'log'}, state.scale, choose('scale'))],
  });
}

function band(curve, field) {
  const of = curve && curve[field];
  return of && {x: curve.steps, y: of.median, low: of.low, high: of.high};
}

function curvesFigure(draws) {
  const replace = (pressed) => {
    const next = lossChart(replace);
    const graph = charts.get('curves');
    if (graph) graph.graph.destroy();
    charts.delete('curves');
    by('curves').replaceWith(next.figure);
    next.draw();
    next.figure.querySelector(`[data-choice="${pressed}"]`).focus();
  };
  const chart = lossChart(replace);
  draws.push(chart.draw);
  return chart.figure;
}

const traces = {
  scalar: ['Scalar', 'The emotion, from −1 to 1; above 0 the loss is rising above its own past.'],
  ratio: ['Ratio', 'How much of the shadow is blended into the weights.'],
  drive: ['Drive', 'The factor that the emotion puts on the step.'],
  shadow_distance: ['Shadow distance', 'How far the weights are from their shadow.'],
};

/// Of functions of two coordinates; drawn with the report.
function trajectoryFigure() {
  const template = by(`trajectory-${state.track}-${state.problem}`);
  if (!template) return null;
  return make('figure', {id: 'trajectory'}, make('figcaption', {}, make('h4', {}, `Trajectories: seed ${report.seeds[0]}`)),
    template.content.cloneNode(true));
}

function showTrajectories() {
  const {arms} = currentTrack();
  for (const way of document.querySelectorAll('#trajectory [data-way]')) {
    const arm = arms[way.dataset.way];
    way.style.color = armStyle(arm).color;
    way.style.display = state.hidden.has(arm) ? 'none' : '';
  }
}

function emotionSection(draws) {
  const figures = Object.entries(traces).map(([field, [title, note]]) => {
    const chart = lineChart({
      id: `trace-${field}`, title, note, xLabel: 'step', yLabel: title.toLowerCase(), arms: currentTrack().arms,
      lines: currentResults().curves.map((curve) => band(curve, field)), nothing: 'No optimizer here records it.',
    });
    draws.push(chart.draw);
    return chart.figure;
  });
  return make('section', {}, make('h3', {}, 'Emotion'),
    make('p', {class: 'quiet'}, 'Of the optimizers that have one: median over the seeds; the bands span the quartiles.'),
    make('div', {class: 'columns'}, figures));
}

function tuningTable(arms, tuning) {
  const rows = arms.map((arm, k) => ({arm, tuned: tuning[k]})).filter(({tuned}) => tuned);
  const chosen = ({tuned}) => tuned.trials[tuned.chosen] || {};
  return table({
    id: 'tuning',
    title: 'Searches',
    columns: [
      optimizerColumn,
      {label: 'Trials', value: (row) => row.tuned.trials.length},
      {label: 'Best score', value: (row) => chosen(row).score},
      {label: 'Chosen', kind: 'options', value: (row) => chosen(row).values},
      {label: 'Width, decades', value: (row) => row.tuned.lr_width_decades, hint: 'Of the range of learning rates with a good score'},
    ],
    rows,
  });
}

function tuningSection(draws) {
  const {arms} = currentTrack();
  const {tuning} = currentResults();
  const title = make('h3', {}, 'Tuning');
  if (!tuning) return make('section', {}, title, make('p', {class: 'nothing'}, 'Nothing was tuned in this track.'));
  const best = lineChart({
    id: 'tuning-best', title: 'Best score so far', xLabel: 'trial', yLabel: 'best score', arms, step: true,
    lines: tuning.map((tuned) => tuned && {x: tuned.best_so_far.map((score, i) => i + 1), y: tuned.best_so_far}),
    nothing: 'No trial has a finite score.', note: 'A line starts at the first trial that did not diverge.',
  });
  const sensitivity = lineChart({
    id: 'tuning-lr', title: 'Sensitivity to the learning rate', xLabel: 'learning rate', yLabel: 'score', arms, logX: true, points: true,
    lines: tuning.map((tuned) => tuned && tuned.sensitivity && {x: tuned.sensitivity.lr, y: tuned.sensitivity.score}),
    nothing: 'No learning rate was searched.', note: 'A point is a trial; a line is broken where one diverged.',
  });
  draws.push(best.draw, sensitivity.draw);
  return make('section', {}, title, make('div', {class: 'columns'}, best.figure, sensitivity.figure), tuningTable(arms, tuning));
}

function optionsTable() {
  return table({
    id: 'options',
    title: 'Options that ran',
    columns: [optimizerColumn, {label: 'Options', kind: 'options', value: (row) => row.optimizer},
      {label: 'Flags', kind: 'text', value: (row) => [...row.flags, ...(row.notes || [])].join('; ')}],
    rows: armRows(),
  });
}

function folded(id, title, ...children) {
  const details = make('details', {id, open: state.open[id] === true, toggle: () => { state.open[id] = details.open; }},
    make('summary', {}, title), ...children);
  return details;
}

function flagList() {
  const items = armRows().flatMap((row) => [...row.flags, ...(row.notes || [])].map((flag) => make('li', {}, make('b', {}, label(row.arm)), `: ${flag}`)));
  return items.length ? make('ul', {id: 'flags'}, items) : null;
}

function problemSection(draws) {
  const problem = currentProblem();
  const target = problem.target === null ? 'No target.' : `Target: ${display(problem.target)} (${problem.target_reason}).`;
  const best = [];
  const bestParts = scoreParts('best', 'Best validation loss', best);
  const section = make('section', {'aria-labelledby': 'problem-title'},
    make('h2', {id: 'problem-title'}, `Problem: ${problem.name}`),
    make('p', {}, problem.description),
    make('p', {class: 'quiet'}, `${problem.steps} steps. Score: ${problem.metric}. ${target}`),
    make('p', {id: 'verdict'}, currentResults().verdict),
    flagList(),
    scoreParts('final', `Final ${problem.metric}`, draws),
    folded('best', 'The same for the best validation loss of each run', bestParts),
    costTable(),
    curvesFigure(draws),
    trajectoryFigure(),
    emotionSection(draws),
    tuningSection(draws),
    folded('what-ran', 'Options of the optimizers', optionsTable()));
  // What is folded has no width yet.
  const details = section.querySelector('#best');
  const drawBest = () => best.splice(0).forEach((draw) => draw());
  details.addEventListener('toggle', drawBest);
  if (details.open) draws.push(drawBest);
  return section;
}
