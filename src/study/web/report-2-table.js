/// Columns: {label, hint, kind: 'arm' | 'text' | 'options' | 'number', value: row => a value, infinite: what "inf" is},
/// or with `parts` (names) and `value: row => a list beside them`: two are a range, of three the range stands small beneath the first.
/// Every value is one field of the CSV and one element with the attribute data-full.

const columnValues = (column, row) => (column.parts ? column.value(row) : [column.value(row)]);

/// An options tree or a trial's values in a line.
function optionsText(values, number) {
  const text = (value) => (typeof value === 'number' ? number(value) : typeof value === 'string' ? value : JSON.stringify(value));
  return Object.entries(values).map(([key, value]) => `${key.replace(/^\//, '')} ${text(value)}`).join(' · ');
}

function fullText(column, value) {
  if (value === null || value === undefined) return '';
  return column.kind === 'arm' ? label(value) : column.kind === 'options' ? optionsText(value, String) : String(value);
}

function valueNode(column, value) {
  const full = fullText(column, value);
  if (column.kind === 'arm') return make('span', {class: 'arm', 'data-full': full}, swatch(value), make('span', {}, breakable(full)));
  if (column.kind === 'text') return make('span', {'data-full': full}, full);
  const text = column.kind === 'options' && value ? optionsText(value, shorten) : display(value, column.infinite);
  return make('span', {'data-full': full, title: text === full || full === '' ? null : full}, text);
}

function cell(column, row, first) {
  const nodes = columnValues(column, row).map((value) => valueNode(column, value));
  const unknown = (node) => node.dataset.full === '';
  const range = ([low, high]) => {
    high.hidden = unknown(low) && unknown(high);
    return high.hidden ? [low, high] : [low, ' to ', high];
  };
  const content = nodes.length === 1 ? nodes : nodes.length === 2 ? range(nodes) : [nodes[0], make('small', {}, range(nodes.slice(1)))];
  return make(first ? 'th' : 'td', {class: column.kind || 'number', scope: first && 'row'}, content);
}

/// Whatever the direction, infinite values come after all others, and unknown ones after them.
function compareValues(column, a, b, sign) {
  if (column.kind) return sign * fullText(column, a).localeCompare(fullText(column, b));
  const [x, y] = [toNumber(a), toNumber(b)];
  const place = (value) => (Number.isNaN(value) ? 2 : value === Infinity ? 1 : 0);
  return place(x) - place(y) || (place(x) === 0 && x !== y ? sign * (x < y ? -1 : 1) : 0);
}

function sorted(rows, columns, sort) {
  const column = sort && columns[sort.column];
  if (!column) return rows;
  const key = (row) => columnValues(column, row)[0];
  return [...rows].sort((a, b) => compareValues(column, key(a), key(b), sort.descending ? -1 : 1));
}

function headerCell(column, direction, click) {
  const arrow = make('span', {class: 'arrow', 'aria-hidden': 'true'}, {ascending: '▲', descending: '▼', none: ''}[direction]);
  return make('th', {scope: 'col', class: column.kind || 'number', 'aria-sort': direction},
    button([column.label, arrow], click, {title: column.hint || null}));
}

/// `note` stands between heading and table, `tools` beside the button.
function table({id, title, columns, rows, note = null, tools = []}) {
  const head = make('tr');
  const body = make('tbody');
  const shownRows = () => sorted(rows, columns, state.sorts[id]);
  const fill = (focused) => {
    const sort = state.sorts[id];
    head.replaceChildren(...columns.map((column, i) => {
      const direction = !sort || sort.column !== i ? 'none' : sort.descending ? 'descending' : 'ascending';
      return headerCell(column, direction, () => {
        state.sorts[id] = {column: i, descending: direction === 'ascending'};
        fill(i);
      });
    }));
    body.replaceChildren(...shownRows().map((row) => make('tr', {}, columns.map((column, i) => cell(column, row, i === 0)))));
    if (focused !== undefined) head.children[focused].firstChild.focus();
  };
  fill();
  const names = columns.flatMap((column) => (column.parts ? column.parts.map((part) => `${column.label} ${part}`) : [column.label]));
  const fields = (row) => columns.flatMap((column) => columnValues(column, row).map((value) => fullText(column, value)));
  const csvRows = () => [names, ...shownRows().map(fields)];
  return make('figure', {id, class: 'table'},
    make('figcaption', {}, make('h4', {}, title), make('span', {class: 'tools'}, ...tools, csvButton(id, title, csvRows))),
    note,
    make('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title}, make('table', {}, make('thead', {}, head), body)));
}
