'use strict';
// The data, and what all parts of the page use: elements, shapes, words for numbers and paths.
// Texts of the data become text nodes and attributes, never markup.

const data = JSON.parse(document.getElementById('data').textContent);
const {images, rows} = data;
const rowCount = rows.status.length;
const counting = length => Array.from({length}, (_, i) => i);

// What the data leave out, to be short: columns that count or are all 0, what paths share with the one before.
images.path = images.path.reduce((paths, rest, i) => {
  paths.push(i === 0 ? rest : paths[i - 1].slice(0, images.shared[i]) + rest);
  return paths;
}, []);
images.index ??= counting(images.path.length);
rows.image ??= counting(rowCount);
rows.reference ??= new Uint8Array(rowCount);
const severalReferences = data.references.length > 1;

const find = id => document.getElementById(id);

function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

function element(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

function shape(tag, attributes = {}, ...children) {
  return build(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

// A chart with a title and a description for those who do not see it.
function chart(width, height, title, description, ...children) {
  return shape('svg', {role: 'img', 'aria-label': `${title}. ${description}`, viewBox: `0 0 ${width} ${height}`, height},
    shape('desc', {}, description), ...children);
}

const number = new Intl.NumberFormat('en');
const count = value => number.format(value);
const percent = share => `${(100 * share).toFixed(share > 0.995 || share < 0.1 ? 1 : 0)} %`;
const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

function seconds(value) {
  if (value >= 120) return `${count(Math.floor(value / 60))} min ${String(Math.round(value % 60)).padStart(2, '0')} s`;
  return `${value.toFixed(value < 10 ? 2 : 1)} s`;
}

// Control characters, and those that turn the direction of writing, would hide what a name is.
function visible(text) {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    c => c === '\n' ? '\\n' : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const folderOf = path => path.slice(0, path.lastIndexOf('/') + 1);
const nameOf = path => visible(path.slice(path.lastIndexOf('/') + 1) || path);

// The folder that all images are in: said once, not in every row.
const commonFolder = images.path.reduce((common, path) => {
  while (!path.startsWith(common)) common = folderOf(common.slice(0, -1));
  return common;
}, folderOf(images.path[0] ?? ''));

function pathElements(path) {
  const folder = visible(folderOf(path.startsWith(commonFolder) ? path.slice(commonFolder.length) : path));
  const name = element('bdi', {}, nameOf(path));
  return folder ? [name, element('bdi', {class: 'folder'}, folder)] : [name];
}

const referencePath = index => data.references[index] ?? '';
const statusOf = row => data.statuses[rows.status[row]];
const isOk = row => rows.status[row] === 0;
const pathOf = row => images.path[rows.image[row]];
const reasonOf = row => rows.reasons[row] ?? '';

function statusElement(status) {
  return element('span', {class: status === 'ok' ? 'status' : 'status bad'}, status);
}

// Position among `images` by position in the input.
const slotOfImage = new Map(images.index.map((index, slot) => [index, slot]));
const pathOfImage = index => slotOfImage.has(index) ? images.path[slotOfImage.get(index)] : '';

// Round numbers from 0 to `most`, about `wanted` of them.
function ticks(most, wanted) {
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= rough) || 1;
  return Array.from({length: Math.floor(most / step + 1e-9) + 1}, (_, i) => i * step);
}
