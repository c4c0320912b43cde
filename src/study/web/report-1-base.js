'use strict';
// The scripts are one after the other in the page, in the order of their names, and share their declarations.

const report = JSON.parse(document.getElementById('report').textContent);
const timing = JSON.parse(document.getElementById('timing').textContent);

/// As many as `study::fewest_seeds`: below, quartiles and tests say nothing.
const fewestSeeds = 8;

const state = {track: 0, problem: 0, hidden: new Set(), loss: 'validation', scale: 'linear', pairsOf: 'all', sorts: {}, open: {}};

/// Children are nodes or text; nothing here or elsewhere makes HTML of data.
function make(tag, attributes = {}, ...children) {
  const svg = ['svg', 'line', 'path', 'rect', 'text', 'title', 'g'].includes(tag);
  const element = svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null));
  return element;
}

const by = (id) => document.getElementById(id);
const button = (text, click, attributes = {}) => make('button', {type: 'button', click, ...attributes}, text);
const count = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;

/// For arithmetic: null becomes NaN.
function toNumber(value) {
  if (typeof value === 'number') return value;
  return value === 'inf' ? Infinity : value === '-inf' ? -Infinity : NaN;
}

/// 4 significant digits.
function format(value) {
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value).replace('-', '−');
  const size = Math.abs(value);
  const text = size >= 1e-4 && size < 9999.5 ? value.toPrecision(4) : value.toExponential(3).replace('e+', 'e');
  return text.replaceAll('-', '−');
}

function display(value, infinite = 'diverged') {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return format(value);
  return `${value.replace('-', '−')} (${infinite})`;
}

/// What axes write: no digits that say nothing.
const shorten = (value) => format(value).replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '');

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

const cssColor = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const colors = 7;
const dashes = [null, [7, 3], [2, 2], [9, 3, 2, 3]];
/// By the number of the arm, so that it looks the same in all tracks.
function armStyle(arm) {
  const round = Math.floor(arm / colors) % dashes.length;
  return {color: cssColor(`--arm-${arm % colors}`), dash: dashes[round], shape: round};
}

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
