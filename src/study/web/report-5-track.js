/// What a track says over all its problems.

const problemTimes = () => {
  const track = timing && timing.tracks.find((times) => times.name === currentTrack().name);
  const times = track && track.problems.find((candidate) => candidate.problem === state.problem);
  return times ? times.arms : null;
};

/// How often the outcome of a pair was in favour of an arm, against it, or neither, over the problems of the track.
function tally(track, arm) {
  const pairs = track.problems.flatMap((results) => results.pairs.final || []).filter((pair) => pair.first === arm || pair.second === arm);
  const better = (pair) => (pair.first === arm ? 'first_better' : 'second_better');
  const wins = pairs.filter((pair) => pair.outcome === better(pair)).length;
  const losses = pairs.filter((pair) => pair.outcome.endsWith('_better')).length - wins;
  return {arm, wins, losses, neither: pairs.length - wins - losses};
}

function rankTable(track) {
  const rows = track.arms.map((arm, k) => ({...tally(track, arm), rank: track.ranks ? track.ranks[k] : null}));
  return table({
    id: 'track-ranks',
    title: 'Mean ranks and wins',
    note: make('p', {class: 'quiet'}, `Final scores of ${count(track.problems.length, 'problem')}. `,
      track.ranks ? '' : 'No problem is complete, so there is no mean rank.'),
    columns: [
      {label: 'Optimizer', kind: 'arm', value: (row) => row.arm},
      {label: 'Mean rank', value: (row) => row.rank, hint: 'Mean over the problems of the mean rank over the seeds; 1 is the best'},
      {label: 'Wins', value: (row) => row.wins, hint: 'Pairs in which it is declared better'},
      {label: 'Losses', value: (row) => row.losses, hint: 'Pairs in which the other one is declared better'},
      {label: 'Neither', value: (row) => row.neither, hint: 'Pairs that are undetected, identical, not declared, or have too few seeds'},
    ],
    rows,
  });
}

function profileChart(track) {
  const {profile} = track;
  return lineChart({
    id: 'track-profile',
    title: 'Performance profile of steps to target',
    xLabel: 'τ',
    yLabel: 'share of races',
    arms: track.arms,
    lines: track.arms.map((arm, k) => (profile ? {x: profile.tau, y: profile.fractions[k]} : null)),
    nothing: 'This track has no performance profile.',
    note: 'Share of the races (a problem with a seed) in which the target is reached within τ times the fewest steps.',
    step: true,
    zero: true,
  });
}

function matrixTable(track) {
  const columns = track.problems.map((results) => {
    const {name, metric} = report.problems[results.problem];
    const of = (k) => results.arms[k].final || {};
    return {label: name, hint: `Final ${metric}`, parts: ['median', 'lower quartile', 'upper quartile'],
      value: (k) => [of(k).median, of(k).low, of(k).high]};
  });
  const metrics = track.problems.map(({problem}) => `${report.problems[problem].name}: ${report.problems[problem].metric}`);
  return table({
    id: 'track-matrix',
    title: 'Final scores: median and quartiles',
    note: make('p', {class: 'quiet'}, metrics.join(' · ')),
    columns: [{label: 'Optimizer', kind: 'arm', value: (k) => track.arms[k]}, ...columns],
    rows: track.arms.map((arm, k) => k),
  });
}

function trackSection(draws) {
  const track = currentTrack();
  const profile = profileChart(track);
  draws.push(profile.draw);
  return make('section', {'aria-labelledby': 'track-title'},
    make('h2', {id: 'track-title'}, `Track: ${track.name}`),
    make('p', {}, track.description),
    make('div', {class: 'columns'}, rankTable(track), profile.figure),
    matrixTable(track));
}
