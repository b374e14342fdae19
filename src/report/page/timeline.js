// What each rank did when: a lane a rank (a host, if there are many), filled as far as it was busy.

const kFills = ['read', 'sift', 'match', 'lent'];
const kLane = {height: 18, gap: 6, host: 24};

// The outline between two lines of steps, from left to right and back.
function steps(x, low, high, base, height) {
  const y = value => (base - height * value).toFixed(1);
  let path = `M${x(0).toFixed(1)} ${y(low[0])}`;
  for (let i = 0; i < high.length; i++) path += `V${y(high[i])}H${x(i + 1).toFixed(1)}`;
  for (let i = high.length - 1; i >= 0; i--) path += `V${y(low[i])}H${x(i).toFixed(1)}`;
  return `${path}Z`;
}

function laneFill(lane, x, top) {
  const bins = lane.bins.length / kFills.length;
  let low = new Array(bins).fill(0);
  return bins === 0 ? [] : kFills.map((name, fill) => {
    const high = low.map((value, i) => Math.min(1, value + lane.bins[kFills.length * i + fill] / 1000));
    const path = shape('path', {class: name, d: steps(x, low, high, top + kLane.height, kLane.height)});
    low = high;
    return path;
  });
}

function shortened(text, letters) {
  return text.length > letters ? `${text.slice(0, letters - 1)}\u2026` : text;
}

// Of an image, or of a reference that is none of the images.
function workedAt(image, reference) {
  if (image !== null) return nameOf(pathOfImage(image)) || `image ${count(image + 1)}`;
  const name = nameOf(referencePath(reference));
  return name ? `describing reference ${name}` : 'describing a reference';
}

function drawTimeline(place) {
  const {span, bin, lanes, grouped} = data.timeline;
  const width = place.clientWidth;
  const left = grouped ? Math.min(170, width / 3) : 64;
  const right = 56;
  const inner = Math.max(width - left - right, 0);  // the page may not be laid out yet
  const x = time => left + inner * Math.min(time / span, 1);
  const nodes = [];
  let top = 0;
  let host = null;
  for (const lane of lanes) {
    if (!grouped && lane.host !== host) {
      host = lane.host;
      nodes.push(shape('text', {class: 'host', x: 0, y: top + 14}, shortened(visible(host), Math.floor(width / 8))));
      top += kLane.host;
    }
    const label = grouped && lane.host ? visible(lane.host) : lane.label;
    nodes.push(
      shape('text', {x: 0, y: top + 13}, shortened(label, Math.floor(left / 7)), shape('title', {}, `${label}: ${lane.label}`)),
      shape('rect', {class: 'idle', x: left, y: top, width: inner, height: kLane.height}),
      ...laneFill(lane, i => x(i * bin), top),
      ...lane.intervals.map(([start, end, image, reference]) => shape('rect',
        {class: 'touch', x: x(start), y: top, width: Math.max(x(end) - x(start), 1), height: kLane.height},
        shape('title', {}, `${workedAt(image, reference)}: ${start.toFixed(2)} s to ${end.toFixed(2)} s`))),
      shape('text', {x: width, y: top + 13, 'text-anchor': 'end'}, lane.lost ? 'lost' : percent(lane.share)));
    top += kLane.height + kLane.gap;
  }
  for (const time of ticks(span, Math.max(2, inner / 110))) {
    nodes.unshift(shape('line', {class: 'grid', x1: x(time), x2: x(time), y1: 0, y2: top + 2}));
    nodes.push(shape('text', {x: x(time), y: top + 18, 'text-anchor': 'middle'}, `${+time.toFixed(3)} s`));
  }
  place.replaceChildren(chart(width, top + 24, 'What the ranks did along the run',
    `${plural(data.timeline.ranks, 'rank')}, ${seconds(span)}; the table below has their numbers.`, ...nodes));
}

function utilisation() {
  const busy = data.timeline.lanes.reduce((sum, lane) => sum + lane.busy, 0);
  return data.timeline.span > 0 ? busy / (data.timeline.span * data.timeline.ranks) : 0;
}

function showLegend(place) {
  const words = [['read', 'reading'], ['sift', 'SIFT'], ['match', 'matching'], ['lent', 'cores lent to other ranks'], ['idle', 'idle']];
  place.replaceChildren(...words.map(([name, text]) => element('li', {class: name}, text)));
}

function showRanks(place) {
  const {lanes} = data.timeline;
  const table = new PagedTable(place, {caption: 'Ranks and how busy they were', pageSize: 20, columns: [
    {title: 'Host', cell: i => [visible(lanes[i].host) || 'several'], key: i => lanes[i].host},
    {title: 'Ranks', cell: i => [lanes[i].label + (lanes[i].lost ? ', lost' : '')], key: i => i, header: true, kind: null},
    {title: 'Kernel', cell: i => [visible(lanes[i].kernel)], key: i => lanes[i].kernel},
    {title: 'Images', cell: i => [count(lanes[i].images)], key: i => lanes[i].images, kind: 'right'},
    {title: 'Busy', cell: i => [seconds(lanes[i].busy)], key: i => lanes[i].busy, kind: 'right'},
    {title: 'Lent', cell: i => [seconds(lanes[i].lent)], key: i => lanes[i].lent, kind: 'right'},
    {title: 'Utilisation', cell: i => [percent(lanes[i].share)], key: i => lanes[i].share, kind: 'right'},
  ]});
  table.setRows(lanes.map((_, i) => i));
}
