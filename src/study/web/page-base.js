'use strict';
// What the pages share. Scripts are one after the other in a page, in the order of their names, and share their declarations.

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

/// What axes write: no digits that say nothing.
const shorten = (value) => format(value).replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '');

const cssColor = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const colors = 7;
const dashes = [null, [7, 3], [2, 2], [9, 3, 2, 3]];
function lineStyle(number) {
  const round = Math.floor(number / colors) % dashes.length;
  return {color: cssColor(`--arm-${number % colors}`), dash: dashes[round], shape: round};
}

function axisTicks(low, high, logarithmic, most) {
  if (!logarithmic) {
    const rough = (high - low) / most;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
    const first = Math.ceil(low / step);
    return Array.from({length: Math.floor(high / step) - first + 1}, (_, i) => Number(((first + i) * step).toPrecision(12)));
  }
  const decades = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); ++power) decades.push(10 ** power);
  const ticks = decades.flatMap((decade) => [1, 2, 5].map((factor) => factor * decade)).filter((tick) => tick >= low && tick <= high);
  const tens = ticks.filter((tick) => decades.includes(tick));
  return ticks.length <= most || tens.length < 2 ? ticks : tens.filter((_, i) => i % Math.ceil(tens.length / most) === 0);
}
