/// What puts the page together.

function drawPanels() {
  const width = panels.length ? panels[0].canvas.parentElement.clientWidth : 0;
  Object.assign(cursorColors, {ink: cssColor('--ink'), paper: cssColor('--paper')});
  panels.forEach((panel) => drawPanel(panel, width));
  if (panels.length) drawRibbon(width);
  watchers.forEach((watch) => watch());
}

function drawAll() {
  if (surface) drawMap(surface.plot.clientWidth);
  drawPanels();
}

function factsText() {
  const {name, edition} = run.optimizer || {};
  const status = run.status === 'running' ? 'still at work' : run.status;
  const {metrics = {}} = run.evaluations || {};
  const results = Object.entries(metrics).filter(([metric]) => /^test_|^eval_(loss|accuracy)$/.test(metric))
    .map(([metric, values]) => [metric, values.findLast((value) => value !== null)]).filter(([, value]) => value !== undefined);
  const last = seriesAt('loss', lastStep);
  const losses = Number.isFinite(last) ? [`loss ${shorten(last)} in the last step`] : [];
  return [`${name || 'no optimizer'}${edition ? ` ${edition}` : ''}`, `steps ${stepText(firstStep)} to ${stepText(lastStep)}`, status,
    ...losses, ...results.map(([metric, value]) => `${inWords(metric)} ${typeof value === 'number' ? shorten(value) : value}`)].join(' · ');
}

function renderFrame() {
  by('title').textContent = run.name;
  by('facts').textContent = factsText();
  if (relievedAbove) by('about-scalar').append(' In this edition above 0 means falling.');
  else if (series.scalar) by('about-scalar').append(' Above 0 the loss is rising.');
  const write = (value) => (value && typeof value === 'object' ? JSON.stringify(value) : value);
  const options = Object.entries(run.optimizer || {}).map(([key, value]) => `${key} ${write(value)}`);
  by('footer').append(make('details', {}, make('summary', {}, 'The optimizer'), make('p', {class: 'options'}, options.join(' · '))));
}

function renderPanels() {
  panels.push(...allPanels());
  panels[panels.length - 1].axis = true;
  by('panels').append(ribbonFigure(), ...panels.map(panelFigure));
  by('now').append(...[surface ? surfaceFigure() : null, pictures ? pictureFigure() : null, numberTable()].filter(Boolean));
  by('happenings').append(...happeningList());
}

/// Paper is light and narrow. Chromium prints nothing of a canvas that it has not yet put on the screen.
function print(printing) {
  document.documentElement.classList.toggle('printing', printing);
  pause();
  drawAll();
  document.querySelectorAll('img.print').forEach((image) => image.remove());
  for (const canvas of printing ? document.querySelectorAll('.plot canvas') : []) {
    canvas.after(make('img', {class: `print ${canvas.className}`, src: canvas.toDataURL(), alt: ''}));
  }
}

function renderAll() {
  document.documentElement.classList.toggle('mapped', Boolean(surface));
  renderFrame();
  renderPanels();
  fillToolbar();
  fillPlayer();
  watchers.push(() => panels.forEach(drawCursor), () => drawCursor(ribbon), readPanels, readNumbers, showPosition, showSentence, keepLink);
  if (surface) watchers.push(drawWay);
  if (pictures) watchers.push(showPictures);
  drawAll();
  addEventListener('keydown', playerKey);
  addEventListener('hashchange', followLink);
  addEventListener('beforeprint', () => print(true));
  addEventListener('afterprint', () => print(false));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  let width = innerWidth;
  addEventListener('resize', () => {
    // Phones change only the height when their bars come and go.
    if (innerWidth !== width) drawAll();
    width = innerWidth;
  });
  followLink();
  performance.mark('ready');
}

if (lastStep >= firstStep) {
  renderAll();
} else {
  renderFrame();
  by('panels').append(make('p', {class: 'nothing'}, 'This run has recorded no step.'));
}
