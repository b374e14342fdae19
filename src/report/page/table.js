// A table in pages: however many rows, the document holds those of one page.
// A column: {title, cell(row) -> nodes, key(row) -> what to sort by, kind: 'right', 'path', 'reason' or none,
// header: whether its cells name their rows}.

class PagedTable {
  constructor(place, {caption, columns, pageSize = 50}) {
    this.columns = columns;
    this.pageSize = pageSize;
    this.keys = new Map();
    this.sorted = null;
    this.rows = [];
    this.page = 0;
    this.body = element('tbody');
    this.heads = columns.map((column, i) => this.head(column, i));
    const title = element('caption', {class: 'hidden'}, caption);
    const table = element('table', {}, title, element('thead', {}, element('tr', {}, ...this.heads)), this.body);
    this.scroll = element('div', {class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0}, table);
    this.pager = this.makePager(caption);
    place.replaceChildren(this.scroll, this.pager);
  }

  head(column, i) {
    const kind = column.kind === 'right' ? 'right' : null;
    if (!column.key) return element('th', {scope: 'col', class: kind}, element('span', {}, column.title));
    const button = element('button', {type: 'button'}, column.title);
    button.addEventListener('click', () => this.sortBy(i));
    return element('th', {scope: 'col', class: kind}, button);
  }

  makePager(caption) {
    this.position = element('p', {role: 'status'});
    this.buttons = [['first', '\u00ab', () => 0], ['previous', '\u2039', () => this.page - 1],
      ['next', '\u203a', () => this.page + 1], ['last', '\u00bb', () => this.lastPage()]].map(([name, sign, target]) => {
      const button = element('button', {type: 'button', 'aria-label': `${name} page`, 'data-page': name}, sign);
      button.addEventListener('click', () => this.turnTo(target()));
      return button;
    });
    return element('nav', {class: 'pager', 'aria-label': `Pages: ${caption}`}, this.position, ...this.buttons);
  }

  // Rows are numbers; their order is that of the table until it is sorted.
  setRows(list) {
    this.unsorted = list;
    this.sort();
    this.turnTo(0);
  }

  // First the way that is asked for most: numbers from the top, words from A.
  sortBy(i) {
    const first = this.columns[i].kind === 'right' && !this.columns[i].ascending ? 'descending' : 'ascending';
    const other = first === 'ascending' ? 'descending' : 'ascending';
    const again = this.sorted && this.sorted.i === i;
    this.sorted = {i, direction: again && this.sorted.direction === first ? other : first};
    this.heads.forEach((head, k) => k === i ? head.setAttribute('aria-sort', this.sorted.direction) : head.removeAttribute('aria-sort'));
    this.sort();
    this.turnTo(0);
  }

  sort() {
    this.rows = this.unsorted;
    if (!this.sorted) return;
    const {i, direction} = this.sorted;
    if (!this.keys.has(i)) this.keys.set(i, new Map());
    const known = this.keys.get(i);
    const key = row => {
      if (!known.has(row)) known.set(row, this.columns[i].key(row));
      return known.get(row);
    };
    const sign = direction === 'ascending' ? 1 : -1;
    this.rows = Array.from(this.unsorted, row => [key(row), row])
      .sort(([a, rowA], [b, rowB]) => (a < b ? -sign : a > b ? sign : rowA - rowB))
      .map(([, row]) => row);
  }

  lastPage() {
    return Math.max(0, Math.ceil(this.rows.length / this.pageSize) - 1);
  }

  turnTo(page) {
    this.page = Math.min(Math.max(page, 0), this.lastPage());
    const begin = this.page * this.pageSize;
    const shown = Array.from(this.rows.slice(begin, begin + this.pageSize));
    this.body.replaceChildren(...shown.map(row => this.line(row)));
    if (shown.length === 0) {
      this.body.append(element('tr', {}, element('td', {class: 'none', colspan: this.columns.length}, 'Nothing found.')));
    }
    this.position.textContent = shown.length === 0 ? 'No rows'
      : `${count(begin + 1)}\u2013${count(begin + shown.length)} of ${plural(this.rows.length, 'row')}`;
    const [first, previous, next, last] = this.buttons;
    first.disabled = previous.disabled = this.page === 0;
    next.disabled = last.disabled = this.page === this.lastPage();
    this.buttons.forEach(button => { button.hidden = this.lastPage() === 0; });
    this.scroll.scrollTop = 0;
  }

  line(row) {
    return element('tr', {}, ...this.columns.map(column => column.header
      ? element('th', {scope: 'row', class: column.kind}, ...column.cell(row))
      : element('td', {class: column.kind}, ...column.cell(row))));
  }
}
