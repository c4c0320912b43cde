/// Charts of lines, by dygraphs. `lines` stands beside `arms`; a line is {x, y}, with a band {x, y, low, high}, or null if there is none.

const charts = new Map();

function showsNothing(figure, reason) {
  figure.append(make('p', {class: 'nothing'}, reason));
  return figure;
}

/// An infinite upper end of a band is drawn at `ceiling`; an infinite median ends the line. On a logarithmic axis a band that reaches 0
/// is drawn down to `floor`.
function chartPoint(line, i, {floor, ceiling}) {
  const finite = (value) => (Number.isFinite(value) ? value : NaN);
  const y = finite(toNumber(line.y[i]));
  if (!line.low) return y;
  const [low, high] = [finite(toNumber(line.low[i])), toNumber(line.high[i])];
  return Number.isNaN(y) ? [NaN, NaN, NaN] : [Math.max(Number.isNaN(low) ? y : low, floor), y, Number.isFinite(high) ? high : ceiling];
}

/// One row for each x of any line; null where a line has no point there. Of points with the same x the lowest stays.
function chartRows(lines, logarithmic) {
  const all = lines.flatMap((line) => [...line.y, ...(line.low || []), ...(line.high || [])]).map(toNumber).filter(Number.isFinite);
  const range = {
    floor: logarithmic ? all.reduce((least, y) => (y > 0 ? Math.min(least, y) : least), Infinity) : -Infinity,
    ceiling: all.reduce((most, y) => Math.max(most, y), -Infinity),
  };
  const rows = new Map();
  lines.forEach((line, column) => line.x.forEach((x, i) => {
    if (!rows.has(x)) rows.set(x, [x, ...lines.map(() => null)]);
    const row = rows.get(x);
    const point = chartPoint(line, i, range);
    if (row[column + 1] === null || point < row[column + 1]) row[column + 1] = point;
  }));
  return [...rows.values()].sort((a, b) => a[0] - b[0]);
}

function chartCsv({xLabel, yLabel, arms, lines}) {
  const banded = lines.some((line) => line && line.low);
  const names = banded ? ['lower quartile', 'median', 'upper quartile'] : [yLabel];
  const rows = arms.flatMap((arm, k) => {
    const line = lines[k];
    return line ? line.x.map((x, i) => [label(arm), x, ...(banded ? [line.low[i], line.y[i], line.high[i]] : [line.y[i]])]) : [];
  });
  return [['optimizer', xLabel, ...names], ...rows];
}

/// One finger scrolls the page, two zoom.
function interactionModel() {
  const model = {...Dygraph.defaultInteractionModel};
  for (const name of ['touchstart', 'touchmove', 'touchend']) {
    model[name] = (event, graph, context) => {
      if (event.touches.length > 1 || name === 'touchend') Dygraph.defaultInteractionModel[name](event, graph, context);
    };
  }
  return model;
}

function chartKey(graph, event) {
  const [low, high] = graph.xAxisRange();
  const [least, most] = graph.xAxisExtremes();
  const width = high - low;
  const window = {
    ArrowLeft: [Math.max(least, low - width / 4), Math.max(least, low - width / 4) + width],
    ArrowRight: [Math.min(most, high + width / 4) - width, Math.min(most, high + width / 4)],
    '+': [low + width / 4, high - width / 4],
    '-': [Math.max(least, low - width / 2), Math.min(most, high + width / 2)],
    0: null,
  }[event.key];
  if (window === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  if (window) graph.updateOptions({dateWindow: window});
  else graph.resetZoom();
}

/// dygraphs has no padding on its own logarithmic x axis, so the axis is linear in the logarithm.
function xAxis(chart) {
  if (!chart.logX) return {to: (x) => x, from: (x) => x, options: {}};
  const from = (x) => 10 ** x;
  const ticker = (low, high, pixels) =>
    axisTicks(from(low), from(high), true, pixels / 55).map((x) => ({v: Math.log10(x), label: shorten(x)}));
  return {to: Math.log10, from, options: {ticker}};
}

function chartOptions(chart, arms, readout) {
  const styles = arms.map(armStyle);
  const axis = {axisLineColor: cssColor('--rule'), gridLineColor: cssColor('--grid'), axisLabelFontSize: 12};
  const rest = readout.textContent;
  return {
    labels: [chart.xLabel, ...arms.map((arm, k) => `${k}`)],
    colors: styles.map((style) => style.color),
    series: Object.fromEntries(styles.map((style, k) => [`${k}`, {strokePattern: style.dash}])),
    axes: {
      x: {...axis, axisLabelFormatter: shorten, pixelsPerLabel: 45, ...xAxis(chart).options},
      y: {...axis, axisLabelFormatter: shorten, axisLabelWidth: 54, pixelsPerLabel: 32},
    },
    customBars: chart.lines.some((line) => line && line.low),
    logscale: chart.logY === true,
    stepPlot: chart.step === true,
    drawPoints: chart.points === true,
    pointSize: 2.5,
    connectSeparatedPoints: true,
    includeZero: chart.zero === true,
    rightGap: 12,
    xRangePad: 6,
    yRangePad: 6,
    fillAlpha: 0.1,
    strokeWidth: 1.6,
    highlightCircleSize: 3,
    highlightSeriesOpts: {strokeWidth: 3},
    highlightSeriesBackgroundAlpha: 0.65,
    highlightSeriesBackgroundColor: cssColor('--paper'),
    xlabel: chart.xLabel,
    xLabelHeight: 16,
    legend: 'never',
    pixelRatio: document.documentElement.classList.contains('printing') ? 2 : null,
    interactionModel: interactionModel(),
    visibility: arms.map((arm) => !state.hidden.has(arm)),
    highlightCallback: (event, x, points, row, name) => {
      const point = points.find((candidate) => candidate.name === name);
      if (point) readout.textContent = `${label(arms[name])}: ${format(point.yval)} at ${chart.xLabel} ${format(xAxis(chart).from(x))}`;
    },
    unhighlightCallback: () => { readout.textContent = rest; },
  };
}

/// {id, title, xLabel, yLabel, arms, lines, note, nothing: why there may be no data, logX, logY, step, points, zero: in the range, tools}
function lineChart(chart) {
  const figure = make('figure', {id: chart.id, class: 'chart'});
  const drawable = (line) => line && line.y.some((y) => Number.isFinite(toNumber(y)));
  const kept = chart.arms.map((arm, k) => [arm, chart.lines[k]]).filter(([, line]) => drawable(line));
  const reset = button('Reset zoom', () => charts.get(chart.id).graph.resetZoom(), {class: 'small reset', hidden: true});
  const tools = [...(chart.tools || []), reset, ...(kept.length ? [csvButton(chart.id, chart.title, () => chartCsv(chart))] : [])];
  figure.append(make('figcaption', {}, make('h4', {}, chart.title), make('span', {class: 'tools'}, tools)));
  if (!kept.length) return {figure: showsNothing(figure, chart.nothing), draw: () => {}};
  const arms = kept.map(([arm]) => arm);
  const readout = make('p', {class: 'readout quiet'}, chart.note || '');
  const plot = make('div', {class: 'plot', tabindex: 0, role: 'img',
    'aria-label': `${chart.title}: ${chart.yLabel} against ${chart.xLabel}; arrows, plus, minus and 0 move and zoom; the CSV has the data`});
  figure.append(plot, make('p', {class: 'nothing all-hidden'}, 'All its optimizers are hidden.'), readout);
  const draw = () => {
    const {to} = xAxis(chart);
    const rows = chartRows(kept.map(([, line]) => ({...line, x: line.x.map(to)})), chart.logY === true);
    const graph = new Dygraph(plot, rows, chartOptions(chart, arms, readout));
    graph.updateOptions({drawCallback: () => { reset.hidden = !graph.isZoomed(); }}, true);
    plot.addEventListener('keydown', (event) => chartKey(graph, event));
    charts.set(chart.id, {graph, arms, figure});
    showArms(chart.id);
  };
  return {figure, draw};
}

function showArms(id) {
  const {graph, arms, figure} = charts.get(id);
  graph.setVisibility(arms.map((arm) => !state.hidden.has(arm)), undefined);
  figure.classList.toggle('empty', arms.every((arm) => state.hidden.has(arm)));
}
