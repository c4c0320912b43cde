const report = JSON.parse(document.getElementById('report').textContent);
const timing = JSON.parse(document.getElementById('timing').textContent);

/// As many as `study::fewest_seeds`: below, quartiles and tests say nothing.
const fewestSeeds = 8;

const state = {track: 0, problem: 0, hidden: new Set(), loss: 'validation', scale: 'linear', pairsOf: 'all', sorts: {}, open: {}};

function display(value, infinite = 'diverged') {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return format(value);
  return `${value.replace('-', '−')} (${infinite})`;
}

const csvFiles = new Map();

function csvText(rows) {
  const field = (value) => {
    const text = value === null || value === undefined ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(field).join(',') + '\n').join('');
}

/// `rows` gives header and rows when they are wanted.
function csvButton(id, what, rows) {
  csvFiles.set(id, () => csvText(rows()));
  const save = () => {
    const url = URL.createObjectURL(new Blob([csvFiles.get(id)()], {type: 'text/csv'}));
    const parts = [report.name, currentTrack().name, ...(id.startsWith('track-') ? [] : [currentProblem().name]), id.replace('track-', '')];
    make('a', {href: url, download: `${parts.join('-')}.csv`}).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  return button('CSV', save, {class: 'small', 'data-csv': id, 'aria-label': `Download as CSV: ${what}`});
}

const currentTrack = () => report.tracks[state.track];
const currentResults = () => currentTrack().problems.find((results) => results.problem === state.problem);
const currentProblem = () => report.problems[state.problem];
const label = (arm) => report.arms[arm].label;

/// By the number of the arm, so that it looks the same in all tracks.
const armStyle = lineStyle;

/// Narrow columns may break a name behind its punctuation.
const breakable = (text) => text.split(/(?<=[-_./])/).flatMap((piece, i) => (i ? [make('wbr'), piece] : [piece]));

/// A mark around (x, y): disk, square, triangle, diamond.
function markPath(shape, x, y, r) {
  if (shape === 1) return `M${x - r},${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
  if (shape === 2) return `M${x},${y - 1.2 * r}l${1.2 * r},${2.2 * r}h${-2.4 * r}z`;
  if (shape === 3) return `M${x},${y - 1.4 * r}l${1.4 * r},${1.4 * r}l${-1.4 * r},${1.4 * r}l${-1.4 * r},${-1.4 * r}z`;
  return `M${x - r},${y}a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0z`;
}

function swatch(arm) {
  const {color, dash, shape} = armStyle(arm);
  return make('svg', {class: 'swatch', width: 26, height: 10, 'aria-hidden': 'true'},
    make('line', {x1: 0, x2: 26, y1: 5, y2: 5, stroke: color, 'stroke-width': 2, 'stroke-dasharray': dash ? dash.join(' ') : null}),
    make('path', {d: markPath(shape, 13, 5, 3.2), fill: color}));
}
