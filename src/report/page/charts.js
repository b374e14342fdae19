// The histogram of counts, the counts along the input, and the time by stage, as SVG.
// Each is drawn for the width that it has, so that its text keeps its size.

const kChartHeight = 240;
const kMargin = {left: 48, right: 26, top: 10, bottom: 44};

// The frame of a chart: grid, numbers at both axes, and what they count.
function frame(width, most, xTicks, xPlace, xTitle) {
  const bottom = kChartHeight - kMargin.bottom;
  const y = value => bottom - (bottom - kMargin.top) * value / (most || 1);
  const lines = ticks(most, 4).filter(Number.isInteger).map(value => shape('g', {},
    shape('line', {class: 'grid', x1: kMargin.left, x2: width - kMargin.right, y1: y(value), y2: y(value)}),
    shape('text', {x: kMargin.left - 8, y: y(value) + 4, 'text-anchor': 'end'}, count(value))));
  const numbers = xTicks.map(value => shape('text', {x: xPlace(value), y: bottom + 18, 'text-anchor': 'middle'}, count(value)));
  const title = shape('text', {x: (kMargin.left + width - kMargin.right) / 2, y: kChartHeight - 6, 'text-anchor': 'middle'}, xTitle);
  return {y, bottom, nodes: [...lines, ...numbers, title]};
}

function drawHistogram(place) {
  const {width: step, rows: bars} = data.histogram;
  const width = place.clientWidth;
  const most = Math.max(1, ...bars);
  const end = bars.length * step;
  const inner = width - kMargin.left - kMargin.right;
  const x = value => kMargin.left + inner * value / end;
  const {y, bottom, nodes} = frame(width, most, ticks(end, width / 90).filter(value => value <= end), x, 'matches');
  const what = severalReferences ? 'row' : 'image';
  const gap = inner / bars.length > 6 ? 1 : 0;
  const drawn = bars.map((value, i) => shape('rect',
    {x: x(i * step), y: y(value), width: Math.max(inner / bars.length - gap, .5), height: bottom - y(value)},
    shape('title', {}, `${step > 1 ? `${count(i * step)} to ${count((i + 1) * step - 1)}` : count(i)} matches: ${plural(value, what)}`)));
  const top = bars.indexOf(most);
  place.replaceChildren(chart(width, kChartHeight, `Histogram of the matches of each ${what}`,
    `Most have ${count(top * step)} to ${count((top + 1) * step - 1)} matches: ${plural(most, what)}.`,
    ...nodes, shape('g', {class: 'bars'}, ...drawn)));
}

function orderShapes(i, x, barWidth, y, bottom, single) {
  const {first, least, most, mean} = data.order;
  if (most[i] === null) {
    return shape('rect', {class: 'missing', x, y: bottom, width: barWidth, height: 3},
      shape('title', {}, `image ${count(first[i] + 1)}: not matched`));
  }
  const words = single ? `${nameOf(pathOfImage(first[i]))} (${count(first[i] + 1)}): ${plural(most[i], 'match', 'matches')}`
    : `from image ${count(first[i] + 1)}: ${count(least[i])} to ${count(most[i])} matches, ${count(mean[i])} on average`;
  return shape('rect', {class: single ? null : 'range', x, y: y(most[i]), width: barWidth,
    height: Math.max((single ? bottom : y(least[i])) - y(most[i]), 1)}, shape('title', {}, words));
}

function drawOrder(place) {
  const {first, images: inBin, most, mean} = data.order;
  const width = place.clientWidth;
  const highest = Math.max(1, ...most.map(value => value ?? 0));
  const single = inBin.every(images => images === 1);
  const inner = width - kMargin.left - kMargin.right;
  const x = i => kMargin.left + inner * i / first.length;
  const perBin = inBin[0] || 1;
  const xTicks = ticks(data.imageCount, width / 90).map(value => value || 1).filter(value => value <= data.imageCount);
  const {y, bottom, nodes} = frame(width, highest, xTicks, value => x((value - .5) / perBin), 'position in the input');
  const barWidth = Math.max(inner / first.length - (single && inner / first.length > 4 ? 1 : -.4), .75);
  const bars = first.map((_, i) => orderShapes(i, x(i), barWidth, y, bottom, single));
  const line = single ? [] : [shape('path', {class: 'mean', d: mean.map((value, i) =>
    value === null ? '' : `${i === 0 || mean[i - 1] === null ? 'M' : 'L'}${x(i + .5).toFixed(1)} ${y(value).toFixed(1)}`).join('')})];
  const missing = most.some(value => value === null);
  place.replaceChildren(chart(width, kChartHeight, 'Matches of the images in the order of the input',
    `${plural(data.imageCount, 'image')}; the highest count is ${count(highest)}.`,
    ...nodes, shape('g', {class: single ? 'bars' : null}, ...bars), ...line));
  const words = [];
  if (severalReferences) words.push('The best count of each image.');
  if (!single) words.push(`Each bar spans the counts of ${count(perBin)} images; the line is their mean.`);
  if (missing) words.push('Red below the axis: not matched.');
  if (words.length > 0) place.append(element('p', {class: 'caption'}, words.join(' ')));
}

function showStages(place) {
  const stages = [['read', 'Reading'], ['sift', 'SIFT'], ['match', 'Matching']];
  const total = stages.reduce((sum, [name]) => sum + data.stages[name], 0);
  if (total === 0) return false;
  const words = stages.map(([name, title]) => `${title} ${seconds(data.stages[name])}, ${percent(data.stages[name] / total)}`);
  place.replaceChildren(
    element('div', {class: 'strip', 'aria-hidden': 'true'}, ...stages.map(([name]) =>
      element('span', {class: name, style: `flex: ${data.stages[name] / total} 0 0`}))),
    element('ul', {class: 'legend figures'}, ...stages.map(([name], i) => element('li', {class: name}, words[i]))));
  return true;
}
