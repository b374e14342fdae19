// The page from top to bottom, and the search that all its lists obey.

// Bounds of what the document holds at a time.
const kThumbnailsAtFirst = 24;

// Until the pictures are there: they stand behind everything else, which need not wait for them.
const kNoPicture = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';

function tile(title, value, {detail = '', bad = false, target = null} = {}) {
  const shown = target ? element('a', {href: target}, value) : value;
  const small = detail ? [element('small', {}, detail)] : [];
  return element('div', {class: bad ? 'bad' : null}, element('dt', {}, title), element('dd', {}, shown, ...small));
}

// The middle of all counts; nothing if the page does not have them all.
function median() {
  if (rowCount < data.total) return null;
  const counts = rows.matches.filter((_, row) => isOk(row)).sort((a, b) => a - b);
  return counts.length > 0 ? counts[Math.floor((counts.length - 1) / 2)] : null;
}

function showHeader() {
  if (data.title) find('title').textContent = document.title = visible(data.title);
  find('summary').replaceChildren(...data.summary.map(line => element('p', {}, visible(line))));
  const what = severalReferences ? 'Rows' : 'Images';
  const failed = data.total - data.byStatus[0];
  const tiles = [tile(what, count(data.total), {detail: severalReferences
    ? `${plural(data.imageCount, 'image')}, ${plural(data.references.length, 'reference')}` : ''}),
    tile('Failed', count(failed), failed > 0 ? {bad: true, target: '#failures', detail: data.statuses
      .map((status, i) => i > 0 && data.byStatus[i] > 0 ? `${count(data.byStatus[i])} ${status}` : '').filter(Boolean).join(', ')} : {})];
  const best = bestRow();
  if (best !== null) tiles.push(tile('Most matches', count(rows.matches[best]), {detail: nameOf(pathOf(best))}));
  const middle = median();
  if (middle !== null) tiles.push(tile('Median', count(middle), {detail: 'matches'}));
  const {ranks, span, lanes} = data.timeline;
  if (ranks > 0) {
    const hosts = new Set(lanes.map(lane => lane.host)).size;
    tiles.push(tile('Time', seconds(span), {detail: span > 0 ? `${count(+(data.imageCount / span).toPrecision(3))} images/s` : ''}),
      tile('Ranks', count(ranks), {detail: `${lanes.some(lane => !lane.host) ? 'on many hosts' : `on ${plural(hosts, 'host')}`}, ${percent(utilisation())} busy`}));
  }
  find('tiles').replaceChildren(...tiles);
}

function bestRow() {
  let best = null;
  for (let row = 0; row < rowCount; row++) {
    if (isOk(row) && (best === null || rows.matches[row] > rows.matches[best])) best = row;
  }
  return best;
}

// Words that must all stand in a text, in small letters.
const terms = query => query.toLowerCase().split(/\s+/).filter(Boolean);
const holds = (text, words) => words.every(word => text.includes(word));

let rowTexts = null;
function searchRows(words) {
  if (words.length === 0) return counting(rowCount);
  rowTexts ??= Array.from({length: rowCount}, (_, row) => (pathOf(row) + '\n' +
    (severalReferences ? referencePath(rows.reference[row]) + '\n' : '') + statusOf(row) + '\n' + reasonOf(row)).toLowerCase());
  const found = [];
  for (let row = 0; row < rowCount; row++) if (holds(rowTexts[row], words)) found.push(row);
  return found;
}

class Gallery {
  constructor() {
    this.limit = kThumbnailsAtFirst;
    this.words = [];
    this.most = Math.max(1, ...data.thumbnails.map(thumbnail => thumbnail.matches));
    find('gallery-order').addEventListener('change', () => this.draw());
    find('gallery-more').addEventListener('click', () => {
      const first = this.limit;
      this.limit = Infinity;
      this.draw();
      const next = find('thumbnails').children[first];
      if (next) { next.tabIndex = -1; next.focus({preventScroll: true}); }
    });
  }

  ordered() {
    const order = find('gallery-order').value;
    const value = thumbnail => thumbnail.status === 0 ? thumbnail.matches : -1;
    const sign = {most: -1, fewest: 1, input: 0}[order];
    return data.thumbnails.filter(thumbnail => holds(`${thumbnail.path}\n${data.statuses[thumbnail.status]}`.toLowerCase(), this.words))
      .sort((a, b) => sign * (value(a) - value(b)) || a.image - b.image);
  }

  card(thumbnail) {
    const ok = thumbnail.status === 0;
    const words = ok ? plural(thumbnail.matches, 'match', 'matches') : data.statuses[thumbnail.status];
    const detail = data.verified && ok ? [element('p', {class: 'inliers'}, plural(thumbnail.inliers, 'inlier'))] : [];
    const name = nameOf(thumbnail.path);
    return element('li', {},
      element('div', {class: 'picture'}, element('img', {src: thumbnail.src ?? kNoPicture, alt: name, width: thumbnail.width,
        height: thumbnail.height, loading: 'lazy', decoding: 'async'})),
      element('div', {class: 'share', 'aria-hidden': 'true'},
        element('i', {style: `width: ${ok ? 100 * thumbnail.matches / this.most : 0}%`})),
      element('div', {class: 'about'},
        element('p', {class: 'count'}, ok ? count(thumbnail.matches) : statusElement(words),
          ...(ok ? [element('small', {}, thumbnail.matches === 1 ? ' match' : ' matches')] : [])), ...detail,
        element('bdi', {class: 'name', title: visible(thumbnail.path)}, name)));
  }

  draw() {
    const list = this.ordered();
    const shown = list.slice(0, this.limit);
    find('thumbnails').replaceChildren(...shown.map(thumbnail => this.card(thumbnail)));
    const all = data.thumbnails.length < data.imageCount
      ? `Pictures of ${count(data.thumbnails.length)} of ${plural(data.imageCount, 'image')}; the table below has the others.` : '';
    find('gallery-text').textContent = this.words.length > 0 ? `${count(list.length)} of ${plural(data.thumbnails.length, 'picture')} found.` : all;
    find('gallery-more').hidden = shown.length === list.length;
    find('gallery-more').textContent = `Show all ${count(list.length)}`;
  }
}

function showDrawn() {
  find('best-text').textContent = `Lines join the features of reference and image that match${data.verified ? '; inliers in another colour' : ''}.`;
  find('drawn').replaceChildren(...data.drawn.map(pair => {
    const words = plural(pair.matches, 'match', 'matches') + (data.verified ? `, ${plural(pair.inliers, 'inlier')}` : '');
    const reference = nameOf(referencePath(pair.reference));
    return element('figure', {class: 'card'},
      element('img', {src: pair.src ?? kNoPicture, width: pair.width, height: pair.height, loading: 'lazy', decoding: 'async',
        alt: `${reference} and ${nameOf(pair.path)} side by side: ${words}`}),
      element('figcaption', {}, element('p', {}, element('strong', {class: 'number'}, words)),
        element('p', {class: 'path note'}, element('bdi', {}, reference), ' and ', element('bdi', {}, nameOf(pair.path)))));
  }));
}

const column = {
  place: {title: '#', cell: row => [count(images.index[rows.image[row]] + 1)], key: row => images.index[rows.image[row]], kind: 'right', ascending: true},
  path: {title: 'Image', cell: row => pathElements(pathOf(row)), key: pathOf, kind: 'path', header: true},
  reference: {title: 'Reference', cell: row => pathElements(referencePath(rows.reference[row])), key: row => referencePath(rows.reference[row]), kind: 'path'},
  status: {title: 'Status', cell: row => [statusElement(statusOf(row))], key: statusOf},
  reason: {title: 'Reason', cell: row => [visible(reasonOf(row))], key: reasonOf, kind: 'reason'},
  matches: {title: 'Matches', cell: row => isOk(row) ? [count(rows.matches[row])] : [], key: row => isOk(row) ? rows.matches[row] : -1, kind: 'right'},
  inliers: {title: 'Inliers', cell: row => isOk(row) ? [count(rows.inliers[row])] : [], key: row => isOk(row) ? rows.inliers[row] : -1, kind: 'right'},
  keypoints: ofImage('Keypoints', slot => images.keypoints[slot], count),
  size: {title: 'Size', kind: 'right', key: row => images.width[rows.image[row]] * images.height[rows.image[row]],
    cell: row => { const slot = rows.image[row]; return images.width[slot] > 0 ? [`${images.width[slot]} \u00d7 ${images.height[slot]}`] : []; }},
  read: ofImage('Read ms', slot => images.read[slot], tenths),
  sift: ofImage('SIFT ms', slot => images.sift[slot], tenths),
  match: ofImage('Match ms', slot => images.match[slot], tenths),
  rank: {title: 'Rank', kind: 'right', ascending: true, key: row => images.rank[rows.image[row]],
    cell: row => { const slot = rows.image[row]; return images.rank[slot] >= 0 ? [element('span', {title: visible(data.hosts[images.host[slot]])}, `${images.rank[slot]}`)] : []; }},
};

function tenths(value) {
  return (value / 10).toFixed(1);
}

function ofImage(title, value, words) {
  const of = row => value(rows.image[row]);
  return {title, cell: row => of(row) > 0 || isOk(row) ? [words(of(row))] : [], key: of, kind: 'right'};
}

// The columns of which something is known.
function rowColumns() {
  const any = list => list.some(value => value > 0);
  return [column.place, column.path, ...(severalReferences ? [column.reference] : []), column.matches,
    ...(data.verified ? [column.inliers] : []), column.status,
    ...(any(images.keypoints) ? [column.keypoints] : []), ...(any(images.width) ? [column.size] : []),
    ...(any(images.sift) || any(images.match) ? [column.read, column.sift, column.match] : []),
    ...(images.rank.some(rank => rank >= 0) ? [column.rank] : []),
    ...(Object.keys(rows.reasons).length > 0 ? [column.reason] : [])];
}

// Images that belong together; a group shows its first images.
function showGroups() {
  const {rule, total, shown} = data.groups;
  find('groups').hidden = !rule;
  if (!rule) return;
  find('groups-text').textContent = `Images connected by ${rule}: ${plural(total, 'group')}`
    + (shown.length < total ? `, of which the largest ${count(shown.length)} are shown.` : '.');
  const table = new PagedTable(find('groups-table'), {caption: 'Groups of images', pageSize: 10, columns: [
    {title: '#', cell: i => [count(i + 1)], key: i => i, kind: 'right', ascending: true, header: true},
    {title: 'Images', cell: i => [count(shown[i].images)], key: i => shown[i].images, kind: 'right'},
    {title: 'Which', kind: 'path', cell: i => {
      const more = shown[i].images - shown[i].paths.length;
      return [...shown[i].paths.map(path => element('p', {}, ...pathElements(path))),
        ...(more > 0 ? [element('p', {class: 'note'}, `and ${count(more)} more`)] : [])];
    }},
  ]});
  table.setRows(counting(shown.length));
}

function showSections() {
  const links = [...document.querySelectorAll('main > section:not([hidden])')].map(section =>
    element('li', {}, element('a', {href: `#${section.id}`}, section.querySelector('h2').textContent)));
  find('sections').replaceChildren(...links);
}

function drawCharts() {
  if (!find('counts').hidden) {
    drawHistogram(find('histogram'));
    drawOrder(find('order'));
  }
  if (!find('timeline-card').hidden) drawTimeline(find('timeline'));
}

function redrawWhenResized() {
  let width = window.innerWidth;
  let waiting = false;
  window.addEventListener('resize', () => {
    if (waiting || window.innerWidth === width) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; width = window.innerWidth; drawCharts(); });
  });
}

function main() {
  const failures = counting(rowCount).filter(row => !isOk(row));
  const allTable = new PagedTable(find('rows-table'), {caption: 'All rows of the results', columns: rowColumns()});
  const failureTable = new PagedTable(find('failures-table'), {caption: 'Rows that failed, with the reason', pageSize: 10,
    columns: [column.path, ...(severalReferences ? [column.reference] : []), column.status, column.reason]});
  const gallery = new Gallery();
  const search = () => {
    const words = terms(find('search').value);
    const found = searchRows(words);
    allTable.setRows(found);
    failureTable.setRows(words.length > 0 ? failures.filter(row => holds(rowTexts[row], words)) : failures);
    gallery.words = words;
    gallery.draw();
    find('found').textContent = words.length > 0 ? `${count(found.length)} of ${plural(rowCount, 'row')} found` : '';
  };
  showHeader();
  find('failures').hidden = failures.length === 0;
  find('gallery').hidden = data.thumbnails.length === 0;
  find('best').hidden = data.drawn.length === 0;
  find('counts').hidden = data.byStatus[0] === 0;
  showGroups();
  find('rows').hidden = false;
  find('rows-text').textContent = [commonFolder ? `Images below ${visible(commonFolder)}` : '', rowCount < data.total
    ? `The best and the failed ${count(rowCount)} of ${count(data.total)}; the output file has them all.` : ''].filter(Boolean).join('. ');
  find('stages-card').hidden = !showStages(find('stages'));
  find('timeline-card').hidden = data.timeline.ranks === 0 || data.timeline.span === 0;
  find('ranks').hidden = find('stages-card').hidden && find('timeline-card').hidden;
  if (!find('timeline-card').hidden) {
    showLegend(find('legend'));
    showRanks(find('ranks-table'));
  }
  find('parameters').hidden = data.parameters.length === 0;
  find('parameter-list').replaceChildren(...data.parameters.map(([name, value]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, visible(value)))));
  showDrawn();
  search();
  find('search').addEventListener('input', search);
  showSections();
  drawCharts();
  redrawWhenResized();
  document.addEventListener('DOMContentLoaded', () => {
    const pictures = JSON.parse(find('pictures').textContent);
    data.thumbnails.forEach((thumbnail, i) => { thumbnail.src = pictures.thumbnails[i]; });
    data.drawn.forEach((pair, i) => { pair.src = pictures.drawn[i]; });
    gallery.draw();
    showDrawn();
  });
  document.documentElement.dataset.ready = Math.round(performance.now());
}

main();
