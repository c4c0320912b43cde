/// What the run recorded, and what is wanted of it at a step.

const run = JSON.parse(document.getElementById('run').textContent);

function decode(text, Type) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; ++i) bytes[i] = binary.charCodeAt(i);
  return new Type(bytes.buffer);
}

const decodeSeries = (texts) =>
  Object.fromEntries(Object.entries(texts || {}).map(([name, text]) => [name, decode(text, Float32Array)]));

const series = decodeSeries(run.series);
const firstStep = run.first_step;
const lastStep = firstStep + Math.max(0, ...Object.values(series).map((values) => values.length)) - 1;
const rules = run.rules ? {names: run.rules.names, of: decode(run.rules.of, Uint8Array)} : null;
const whatIfs = (run.what_if || []).map((other) => ({...other, first: other.fork_at + 1, series: decodeSeries(other.series)}));

const sentences = run.sentences && {
  templates: run.sentences.templates,
  of: decode(run.sentences.of, Uint16Array),
  slots: Object.fromEntries(Object.entries(run.sentences.slots).map(([name, slot]) => [name, series[slot] || decode(slot, Float32Array)])),
};

/// view.step: of the cursor; from, to: what the panels show; whatIf: which other branch they show besides, or -1.
const view = {step: lastStep, from: firstStep, to: Math.max(lastStep, firstStep + 1), playing: false, hidden: new Set(), log: {}, whatIf: -1};

const known = (values) => Boolean(values) && values.some((value) => !Number.isNaN(value));
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const otherBranch = () => whatIfs[view.whatIf];

/// The last place in ascending `steps` that is not behind `step`; -1 if there is none.
function placeBefore(steps, step) {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/// A line has a value for each step from `first` on, or for the steps in `at`, whose values stand until the next.
function valueAt(line, step) {
  const place = line.at ? placeBefore(line.at, step) : step - line.first;
  const value = line.values[place];
  return value === undefined ? NaN : value;
}

const seriesAt = (name, step) => (series[name] ? valueAt({values: series[name], first: firstStep}, step) : NaN);

/// As C's %.3g and fmt's {:.3g} write it, with −0 as 0; the value is a float's, so that a decimal half is a tie only if it is one exactly.
/// Records have no infinity: it is a number too large for float32.
function threeDigits(value) {
  if (Number.isNaN(value)) return 'nan';
  const sign = value < 0 ? '-' : '';
  const size = Math.abs(value);
  if (size === Infinity) return value > 0 ? 'over 3.4e+38' : 'below -3.4e+38';
  if (size === 0) return '0';
  let text = size.toExponential(2);
  const finer = size.toExponential(3);
  const [digits] = finer.split('e');
  // JavaScript rounds ties up, C to even.
  if (digits.endsWith('5') && Number(finer) === size && Number(digits[3]) % 2 === 0) text = finer.replace(/5e/, 'e');
  const [mantissa, power] = text.split('e');
  const exponent = Number(power);
  const bare = (decimal) => (decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal);
  if (exponent >= -4 && exponent < 3) return sign + bare(Number(text).toFixed(2 - exponent));
  return `${sign}${bare(mantissa)}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function sentenceAt(step) {
  if (!sentences) return '';
  const template = sentences.templates[sentences.of[step - firstStep]] || '';
  return template.replace(/\{(\w+)\}/g, (whole, name) => {
    if (sentences.slots[name]) return threeDigits(sentences.slots[name][step - firstStep]);
    return name === 'step' ? String(step) : whole;
  });
}

/// Whether s > 0 means that the loss is falling.
const relievedAbove = run.rising_is_positive === undefined ? run.edition === 'v3.6' : !run.rising_is_positive;

function zoneAt(step) {
  const scalar = seriesAt('scalar', step);
  if (Number.isNaN(scalar) || !run.zones) return null;
  const {mild, strong} = run.zones;
  if (Math.abs(scalar) <= mild) return {kind: 'calm', text: 'calm'};
  const kind = scalar > 0 === relievedAbove ? 'relief' : 'tension';
  return {kind, text: `${Math.abs(scalar) > strong ? 'strong' : 'mild'} ${kind}`};
}

const inWords = (name) => name.replaceAll('_', ' ');
const eventEnd = (event) => Math.min(lastStep, event.steps ? event.at + event.steps - 1 : event.kind === 'switch_data' ? lastStep : event.at);

function eventText(event) {
  const write = (value) => (typeof value === 'object' ? value.name || 'changed' : value);
  const rest = Object.entries(event).filter(([key]) => !['kind', 'at', 'steps'].includes(key))
    .map(([key, value]) => (event.kind.endsWith(`_${key}`) ? write(value) : `${key} ${write(value)}`));
  return `${inWords(event.kind)}${rest.length ? ` (${rest.join(', ')})` : ''}`;
}

/// Disturbances that were asked for, and episodes that were found, by their first step.
const happenings = [
  ...(run.events || []).map((event) => ({what: 'event', kind: 'event', from: event.at, to: eventEnd(event), name: inWords(event.kind),
    text: eventText(event)})),
  ...(run.episodes || []).map((episode) => ({what: 'episode', ...episode, name: episode.kind})),
].sort((a, b) => a.from - b.from);
