// The lines of a log by number, in pages of which only those near the reader are kept; and where each lies on the screen, in rows.
export const PAGE = 500;
const KEEP = 20; // at most 10,000 lines in memory

// How many rows a line [time, level, message] takes when a row holds so many characters (0: lines are not wrapped).
export const height = ([, , message], columns) => message.split("\n").reduce((sum, part) => sum + (columns ? Math.max(1, Math.ceil(part.length / columns)) : 1), 0);

export class Lines {
  constructor() {
    this.pages = new Map();
    this.total = 0;
  }

  put(start, lines, end) {
    lines.forEach((line, i) => {
      const n = start + i, p = Math.floor(n / PAGE);
      if (!this.pages.has(p)) this.pages.set(p, { lines: [] });
      const page = this.pages.get(p);
      page.lines[n % PAGE] = line;
      page.rows = undefined;
    });
    this.total = Math.max(this.total, end, start + lines.length);
  }

  get(n) { return this.pages.get(Math.floor(n / PAGE))?.lines[n % PAGE]; }

  forget(near) {
    const far = [...this.pages.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
    for (const p of far.slice(0, Math.max(0, far.length - KEEP))) this.pages.delete(p);
  }

  // Rows of one line; a line that is not here counts as one.
  height(n, columns) {
    const line = this.get(n);
    return line ? height(line, columns) : 1;
  }

  // Rows of a page, counted once for each width.
  rows(p, columns) {
    const page = this.pages.get(p), count = Math.min(PAGE, this.total - p * PAGE);
    if (!page) return count;
    if (page.rows === undefined || page.columns !== columns || page.count !== count) {
      page.rows = page.lines.reduce((sum, line) => sum + height(line, columns) - 1, count);
      Object.assign(page, { columns, count });
    }
    return page.rows;
  }

  allRows(columns) {
    let rows = 0;
    for (let p = 0; p * PAGE < this.total; p++) rows += this.rows(p, columns);
    return rows;
  }

  // The row that a line starts at.
  rowOf(line, columns) {
    let row = 0;
    for (let p = 0; p < Math.floor(line / PAGE); p++) row += this.rows(p, columns);
    for (let n = line - (line % PAGE); n < line; n++) row += this.height(n, columns);
    return row;
  }

  // The line at a row, and the row it starts at.
  at(wanted, columns) {
    let row = 0, p = 0;
    for (const last = Math.ceil(this.total / PAGE) - 1; p < last && row + this.rows(p, columns) <= wanted; p++) row += this.rows(p, columns);
    let n = p * PAGE;
    for (; n < this.total - 1 && row + this.height(n, columns) <= wanted; n++) row += this.height(n, columns);
    return { n, row };
  }

  // The lines that fill so many rows from line ``first`` on, as [number, line or undefined].
  window(first, rows, columns) {
    const found = [];
    for (let n = first, left = rows; n < this.total && left > 0; n++) {
      found.push([n, this.get(n)]);
      left -= this.height(n, columns);
    }
    return found;
  }
}
