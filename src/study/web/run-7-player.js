/// The cursor, and what moves it.

const player = {parts: {}, position: 0, last: 0, request: 0};
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const watchers = [];

const icons = {
  play: 'M3,1.5 L14,8 L3,14.5 Z', pause: 'M3,2 H6.5 V14 H3 Z M9.5,2 H13 V14 H9.5 Z', back: 'M12,2 L5,8 L12,14 Z M3,2 H5 V14 H3 Z',
  forward: 'M4,2 L11,8 L4,14 Z M11,2 H13 V14 H11 Z',
};
const icon = (name) => make('svg', {width: 16, height: 16, 'aria-hidden': 'true'}, make('path', {d: icons[name], fill: 'currentColor'}));

function setStep(step) {
  view.step = clamp(Math.round(step), firstStep, lastStep);
  followCursor();
  watchers.forEach((watch) => watch());
}

/// What is shown moves along when the cursor leaves it.
function followCursor() {
  const width = view.to - view.from;
  if (view.step >= view.from && view.step <= view.to) return;
  setWindow(view.step > view.to ? view.step - width * 0.1 : view.step - width * 0.9, width);
}

function setWindow(from, width) {
  const whole = Math.max(1, lastStep - firstStep);
  const kept = clamp(width, Math.min(10, whole), whole);
  view.from = clamp(from, firstStep, firstStep + whole - kept);
  view.to = view.from + kept;
  drawPanels();
}

/// The cursor stays where it is on the screen.
function zoom(factor) {
  const width = (view.to - view.from) * factor;
  setWindow(view.step - ((view.step - view.from) / (view.to - view.from)) * width, width);
}

const showWhole = () => setWindow(firstStep, lastStep - firstStep);

function pause() {
  if (!view.playing) return;
  view.playing = false;
  cancelAnimationFrame(player.request);
  showPlaying();
  showSentence();
  keepLink();
}

function play() {
  if (lastStep === firstStep) return;
  if (view.step >= lastStep) setStep(firstStep);
  Object.assign(player, {position: view.step, last: performance.now()});
  view.playing = true;
  showPlaying();
  player.request = requestAnimationFrame(playOn);
}

/// Steps a second: the choice is a number, or the seconds that the whole run takes.
function speed() {
  const {value} = player.parts.speed;
  return value.startsWith('all') ? (lastStep - firstStep + 1) / Number(value.slice(3)) : Number(value);
}

function playOn(now) {
  // Who wants little motion gets two pictures a second.
  if (!calm.matches || now - player.last >= 500) {
    player.position = Math.min(lastStep, player.position + ((now - player.last) / 1000) * speed());
    player.last = now;
    if (Math.floor(player.position) !== view.step) setStep(Math.floor(player.position));
  }
  if (player.position >= lastStep) pause();
  else if (view.playing) player.request = requestAnimationFrame(playOn);
}

function showPlaying() {
  const {toggle, sentence} = player.parts;
  toggle.replaceChildren(icon(view.playing ? 'pause' : 'play'));
  toggle.setAttribute('aria-label', view.playing ? 'Pause' : 'Play');
  sentence.setAttribute('aria-live', view.playing ? 'off' : 'polite');
}

const stepBy = (steps) => {
  pause();
  setStep(view.step + steps);
};

function showSentence() {
  const {sentence, chips, subtitle} = player.parts;
  subtitle.dataset.step = view.step;
  chips.replaceChildren(...stepChips());
  sentence.textContent = sentenceAt(view.step) || `Step ${stepText(view.step)}.`;
  showOverflow();
}

/// Narrow screens have room for the first lines only.
function showOverflow() {
  const {subtitle, more} = player.parts;
  more.hidden = !subtitle.classList.contains('tall') && subtitle.scrollHeight <= subtitle.clientHeight + 2;
}

function moreButton() {
  const more = button('more', () => {
    const tall = player.parts.subtitle.classList.toggle('tall');
    more.textContent = tall ? 'less' : 'more';
    more.setAttribute('aria-expanded', String(tall));
  }, {class: 'small', id: 'more', 'aria-expanded': 'false', 'aria-controls': 'sentence'});
  return more;
}

function showPosition() {
  const {range, number} = player.parts;
  range.value = number.value = view.step;
  range.setAttribute('aria-valuetext', `step ${view.step} of ${lastStep}`);
  range.style.setProperty('--done', `${lastStep > firstStep ? ((view.step - firstStep) / (lastStep - firstStep)) * 100 : 100}%`);
}

/// The address follows, but not at every frame.
function keepLink() {
  clearTimeout(player.link);
  if (view.playing) return;
  player.link = setTimeout(() => history.replaceState(null, '', `#step=${view.step}`), 150);
}

function followLink() {
  const [, step] = /^#step=(\d+)$/.exec(location.hash) || [];
  if (step === undefined) return false;
  pause();
  setStep(Number(step));
  return true;
}

function speedSelect() {
  const choices = [['1', '1 step/s'], ['5', '5 steps/s'], ['25', '25 steps/s'], ['100', '100 steps/s'], ['all60', 'all in 60 s'],
    ['all20', 'all in 20 s']];
  const select = make('select', {id: 'speed', 'aria-label': 'Speed'}, choices.map(([value, text]) => make('option', {value}, text)));
  select.value = 'all20';
  return select;
}

function fillPlayer() {
  const {parts} = player;
  const limits = {min: firstStep, max: lastStep};
  const act = (name, label, click) => make('button', {type: 'button', id: name, 'aria-label': label, title: label, click}, icon(name));
  parts.toggle = make('button', {type: 'button', id: 'play', title: 'Play or pause (space)', click: () => (view.playing ? pause() : play())});
  parts.range = make('input', {type: 'range', id: 'scrubber', 'aria-label': 'Step', ...limits, step: 1, input: () => {
    pause();
    setStep(Number(parts.range.value));
  }});
  parts.number = make('input', {type: 'number', id: 'step', 'aria-label': 'Step', ...limits, change: () => {
    pause();
    setStep(Number(parts.number.value) || view.step);
  }});
  parts.speed = speedSelect();
  parts.chips = make('span', {class: 'chips'});
  parts.sentence = make('p', {id: 'sentence', 'aria-live': 'polite'});
  parts.subtitle = make('div', {class: 'subtitle'}, parts.chips, parts.sentence);
  parts.more = moreButton();
  by('player').append(parts.subtitle, parts.more,
    make('div', {class: 'controls'}, parts.range,
      make('span', {class: 'buttons'}, act('back', 'Step back (left arrow)', () => stepBy(-1)), parts.toggle,
        act('forward', 'Step forward (right arrow)', () => stepBy(1))),
      make('span', {class: 'position'}, parts.number, make('span', {}, ` of ${stepText(lastStep)}`)), parts.speed));
  showPlaying();
}

function playerKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const {target, key} = event;
  if (target.matches('select, input[type=number]')) return;
  if (key === ' ' && target.matches('button, summary, [type=checkbox]')) return;
  const far = event.shiftKey ? 10 : 1;
  const action = {
    ' ': () => (view.playing ? pause() : play()), ArrowLeft: () => stepBy(-far), ArrowRight: () => stepBy(far),
    Home: () => stepBy(firstStep - view.step), End: () => stepBy(lastStep - view.step), '+': () => zoom(0.5), '-': () => zoom(2), 0: showWhole,
  }[key];
  if (!action) return;
  event.preventDefault();
  action();
}

function whatIfChoice() {
  if (!whatIfs.length) return null;
  const describe = (other) => `${other.label} after step ${other.fork_at}`;
  const choose = (which) => {
    view.whatIf = which;
    document.documentElement.classList.toggle('what-if', which >= 0);
    showParting();
    drawPanels();
  };
  if (whatIfs.length === 1) {
    const box = make('input', {type: 'checkbox', role: 'switch', id: 'what-if', change: () => choose(box.checked ? 0 : -1)});
    return make('label', {class: 'switch', title: whatIfs[0].change}, box, make('span', {}, make('b', {}, 'What if: '), describe(whatIfs[0])));
  }
  const select = make('select', {id: 'what-if', change: () => choose(Number(select.value))}, make('option', {value: -1}, 'this run alone'),
    whatIfs.map((other, i) => make('option', {value: i}, describe(other))));
  return make('label', {class: 'field'}, make('b', {}, 'What if'), select);
}

function showParting() {
  const other = otherBranch();
  const note = by('parting');
  note.hidden = !other;
  if (!other) return;
  numbers.head.title = other.change;
  const parts = other.first_difference;
  note.replaceChildren('Dashed: the run with ', make('code', {}, other.change), ` after step ${other.fork_at}. `, ...(parts
    ? ['The two part at ', button(`step ${parts}`, () => stepBy(parts - view.step), {class: 'small', id: 'to-parting'}), '.']
    : ['The two never part: the change makes no difference here.']));
}

function fillToolbar() {
  by('toolbar').append(...[
    beginnings.length ? make('span', {class: 'group'},
      button('‹ Event', () => toHappening(-1), {class: 'small', id: 'previous', 'aria-label': 'To the event or episode before'}),
      button('Event ›', () => toHappening(1), {class: 'small', id: 'next', 'aria-label': 'To the next event or episode'})) : null,
    make('span', {class: 'group'}, button('−', () => zoom(2), {class: 'small', id: 'zoom-out', 'aria-label': 'Zoom out'}),
      button('+', () => zoom(0.5), {class: 'small', id: 'zoom-in', 'aria-label': 'Zoom in'}),
      button('All steps', showWhole, {class: 'small', id: 'zoom-all'})),
    whatIfChoice()].filter(Boolean));
  by('toolbar').after(make('p', {id: 'parting', class: 'quiet', hidden: true}));
}
