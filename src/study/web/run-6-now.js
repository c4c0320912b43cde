/// What there is to say and to see at the step of the cursor: numbers, and what an autoencoder made of its images.

const readStep = (name) => (step) => seriesAt(name, step);
const numberRows = [
  ['Loss', 'loss'], ['Short average', 'ema_short'], ['Medium average', 'ema_medium'], ['Long average', 'ema_long'], ['Scalar', 'scalar'],
  ['Ratio', 'ratio'], ['Drive', 'drive'], ['Distance to the shadow', 'shadow_distance'], ['Learning rate', 'learning_rate'],
  ['Effective rate', 'effective_lr'], ['Gradient norm', 'grad_norm'],
].filter(([, name]) => known(series[name]) && (name !== 'effective_lr' || differentRates));

function mapRows() {
  if (!surface) return [];
  const [{points}] = surface.paths;
  const distances = (step) => {
    const [x, y] = pointAt(points, step);
    return (surface.minima || []).map((minimum) => Math.hypot(x - minimum[0], y - minimum[1]));
  };
  return [['x', (step) => pointAt(points, step)[0]], ['y', (step) => pointAt(points, step)[1]],
    ...((surface.minima || []).length ? [['To the nearest minimum', (step) => Math.min(...distances(step))]] : [])];
}

const numbers = {rows: []};

function numberTable() {
  const cells = (label, read, name) => {
    const own = make('td', {}, ''), other = make('td', {class: 'other'}, '');
    numbers.rows.push({read, name, own, other});
    return make('tr', {}, make('th', {scope: 'row'}, label), own, other);
  };
  const rows = numberRows.map(([label, name]) => cells(label, readStep(name), name));
  rows.push(...mapRows().map(([label, read]) => cells(label, read)));
  if (rules) rows.push(cells('Rule', (step) => rules.names[rules.of[step - firstStep]] || '–'));
  numbers.head = make('th', {scope: 'col', class: 'other'}, 'What if');
  return make('figure', {id: 'numbers'}, make('figcaption', {}, make('h2', {}, 'Numbers')),
    make('table', {}, make('thead', {class: 'other'}, make('tr', {}, make('td'), make('th', {scope: 'col'}, 'This run'), numbers.head)),
      make('tbody', {}, rows)));
}

function readNumbers() {
  const other = otherBranch();
  for (const {read, name, own, other: cell} of numbers.rows) {
    const value = read(view.step);
    own.textContent = typeof value === 'number' ? readout(value) : value;
    if (other) cell.textContent = other.series[name] ? readout(valueAt({values: other.series[name], first: other.first}, view.step)) : '';
  }
}

const pictures = run.pictures && run.pictures.steps.length ? run.pictures : null;
const frames = {};

function pictureFigure() {
  const row = (key, title) => {
    frames[key] = {image: make('img', {alt: ''}), nothing: make('p', {class: 'nothing'})};
    const {image, nothing} = frames[key];
    return make('div', {class: 'strip', id: `strip-${key}`}, make('span', {class: 'strip-title'}, title), image, nothing);
  };
  const shadowed = pictures.shadow && pictures.shadow.some((picture) => picture);
  frames.when = make('span', {class: 'quiet'});
  const figure = make('figure', {id: 'pictures'}, make('figcaption', {}, make('h2', {}, 'Pictures'), frames.when),
    row('originals', 'Originals'), row('live', 'What the weights make of them'),
    shadowed ? row('shadow', 'What the shadow makes of them') : null);
  setPicture('originals', pictures.originals, `${pictures.count} images of the data`);
  return figure;
}

function setPicture(key, uri, alt, reason = '') {
  const {image, nothing} = frames[key];
  if (uri && image.getAttribute('src') !== uri) image.src = uri;
  image.alt = alt;
  image.hidden = !uri;
  nothing.hidden = Boolean(uri);
  nothing.textContent = reason;
}

function showPictures() {
  const place = placeBefore(pictures.steps, view.step);
  if (place === frames.place) return;
  frames.place = place;
  const before = `The first are of step ${pictures.steps[0]}.`;
  frames.when.textContent = place < 0 ? '' : `of step ${pictures.steps[place]}`;
  setPicture('live', pictures.live[place], `Reconstructions by the weights of step ${pictures.steps[place]}`, before);
  if (frames.shadow) {
    setPicture('shadow', pictures.shadow[place], `Reconstructions by the shadow of step ${pictures.steps[place]}`,
      place < 0 ? before : 'No shadow yet.');
  }
}

/// The zone, and the disturbances that are at work.
function stepChips() {
  const zone = zoneAt(view.step);
  const active = happenings.filter(({what, from, to}) => what === 'event' && from <= view.step && view.step <= to);
  const stopped = run.should_stop_at && view.step >= run.should_stop_at;
  // A branch may have begun with it.
  const since = run.should_stop_at < firstStep ? `${firstStep} or before` : run.should_stop_at;
  const quietSince = `The optimizer says since step ${since} that it has been quiet for long`;
  return [zone && make('span', {class: 'chip', 'data-kind': zone.kind}, zone.text),
    ...active.map(({text}) => make('span', {class: 'chip', 'data-kind': 'event'}, text)),
    stopped ? make('span', {class: 'chip', 'data-kind': 'stop', title: quietSince}, 'should stop') : null].filter(Boolean);
}
