/// The controls, and what puts the page together.

function tabs() {
  const choose = (track, focus) => {
    state.track = track;
    if (!currentResults()) state.problem = currentTrack().problems[0].problem;
    renderAll();
    if (focus) by(`tab-${track}`).focus();
  };
  const key = (event) => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!step) return;
    event.preventDefault();
    choose((state.track + step + report.tracks.length) % report.tracks.length, true);
  };
  return make('div', {role: 'tablist', 'aria-label': 'Track', keydown: key}, report.tracks.map((track, i) =>
    button(track.name, () => choose(i, true), {id: `tab-${i}`, role: 'tab', 'aria-controls': 'page',
      'aria-selected': String(i === state.track), tabindex: i === state.track ? 0 : -1})));
}

function problemSelect() {
  const select = make('select', {id: 'problem', change: () => {
    state.problem = Number(select.value);
    renderPage();
  }}, currentTrack().problems.map(({problem}) => make('option', {value: problem}, report.problems[problem].name)));
  select.value = state.problem;
  return make('label', {class: 'field'}, make('span', {}, 'Problem'), select);
}

function applyHidden() {
  const {arms} = currentTrack();
  for (const box of document.querySelectorAll('#arms input')) box.checked = !state.hidden.has(Number(box.value));
  by('arms-shown').textContent = `${arms.filter((arm) => !state.hidden.has(arm)).length} of ${arms.length}`;
  for (const id of charts.keys()) showArms(id);
  strips.forEach(drawStrip);
  showTrajectories();
}

function armControls() {
  const {arms} = currentTrack();
  const set = (arm, shown) => (shown ? state.hidden.delete(arm) : state.hidden.add(arm));
  const setAll = (shown) => {
    arms.forEach((arm) => set(arm, shown));
    applyHidden();
  };
  const box = (arm) => make('label', {}, make('input', {type: 'checkbox', value: arm, change: (event) => {
    set(arm, event.target.checked);
    applyHidden();
  }}), swatch(arm), make('span', {title: label(arm)}, label(arm)));
  const details = make('details', {id: 'arms', open: state.open.arms ?? wide.matches, toggle: () => { state.open.arms = details.open; }},
    make('summary', {}, 'Optimizers ', make('span', {id: 'arms-shown', class: 'quiet'})),
    make('span', {class: 'tools'},
      button('All', () => setAll(true), {class: 'small'}), button('None', () => setAll(false), {class: 'small'})),
    make('div', {class: 'boxes'}, arms.map(box)));
  return details;
}

const wide = matchMedia('(min-width: 68rem)');

function renderPage() {
  for (const {graph} of charts.values()) graph.destroy();
  charts.clear();
  strips.length = 0;
  const draws = [];
  by('page').replaceChildren(trackSection(draws), problemSection(draws));
  draws.forEach((draw) => draw());
  applyHidden();
}

function renderAll() {
  by('controls').replaceChildren(tabs(), problemSelect(), armControls());
  renderPage();
}

function renderFrame() {
  by('title').textContent = document.title;
  const {version, commit} = report.emotrain;
  by('facts').textContent = [
    count(report.arms.length, 'optimizer'), count(report.problems.length, 'problem'), count(report.seeds.length, 'seed'),
    `emotrain ${version}${commit ? ` (${commit})` : ''}`].join(' · ');
  const describe = (track) => make('li', {}, make('b', {}, track.name), `: ${track.description}`);
  by('track-descriptions').replaceChildren(...report.tracks.map(describe));
  by('footer').textContent = timing ? `Computed on ${timing.machine}, ${count(timing.threads, 'thread')}: ${count(timing.jobs, 'run')}, ` +
    `${format(timing.seconds)} seconds in total.` : 'The times of this study were not kept.';
}

/// Chromium prints nothing of a canvas that it has not yet put on the screen.
function makePictures() {
  for (const canvas of document.querySelectorAll('.plot canvas')) {
    canvas.replaceWith(make('img', {src: canvas.toDataURL(), style: canvas.getAttribute('style'), alt: ''}));
  }
}

/// Paper is light and narrow, and shows what is folded.
function print(printing) {
  document.documentElement.classList.toggle('printing', printing);
  if (printing) state.beforePrint = {...state.open};
  else state.open = state.beforePrint;
  by('reading').open = printing;
  if (printing) Object.assign(state.open, {best: true, 'what-ran': true, arms: true});
  renderAll();
  if (printing) makePictures();
}

addEventListener('beforeprint', () => print(true));
addEventListener('afterprint', () => print(false));
addEventListener('resize', () => strips.forEach(drawStrip));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', renderAll);

renderFrame();
if (report.tracks.length && report.tracks[0].problems.length) {
  state.problem = report.tracks[0].problems[0].problem;
  renderAll();
} else {
  by('page').append(make('p', {class: 'nothing'}, 'This study has no results.'));
}
