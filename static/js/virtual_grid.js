// A grid of any length out of few elements: only the rows in sight exist, and those that leave are used again.

const MOST_NODES = 290;
const NODES_A_CELL = 4;
const SPARE_ROWS = 1;

export class VirtualGrid {
  /** `create()` makes a cell, `fill(cell, index)` shows an item in it; `below_px` is a cell's height under its picture. */
  constructor(scroller, list, { create, fill, aspect, below_px, gap_px, columnsAt }) {
    Object.assign(this, { scroller, list, create, fill, aspect, below_px, gap_px, columnsAt });
    Object.assign(this, { count: 0, focused: -1, cells: new Map(), spare: [], waiting: false });
    scroller.addEventListener("scroll", () => this.#soon(), { passive: true });
    new ResizeObserver(() => this.layOut()).observe(scroller);
  }

  setCount(count) {
    this.count = count;
    this.layOut();
  }

  layOut() {
    const style = getComputedStyle(this.scroller);
    const width = this.scroller.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (width <= 0) return;
    const top = this.#firstVisible();
    this.columns = Math.max(1, this.columnsAt(width));
    while (this.columns > 1 && this.#nodesNeeded(width) > MOST_NODES) this.columns -= 1; // larger pictures, fewer nodes
    this.#measure(width);
    this.list.style.height = `${Math.max(0, Math.ceil(this.count / this.columns) * this.rowHeight - this.gap_px)}px`;
    if (top > 0) this.scroller.scrollTop = Math.floor(top / this.columns) * this.rowHeight;
    this.refresh();
  }

  /** Shows every item in sight anew. */
  refresh() {
    for (const [index, cell] of this.cells) {
      if (index < this.count) this.#show(cell, index); // in place, so that the one with the focus keeps it
      else {
        this.cells.delete(index);
        this.#release(cell);
      }
    }
    this.#paint();
  }

  /** Shows one item anew, if it is in sight. */
  refreshAt(index) {
    const cell = this.cells.get(index);
    if (cell) this.fill(cell, index);
  }

  /** Scrolls an item into sight and gives it the focus. */
  focus(index, { scroll = true } = {}) {
    this.focused = index;
    if (scroll) this.reveal(index);
    this.#paint();
    this.cells.get(index)?.focus({ preventScroll: true });
  }

  reveal(index) {
    const top = Math.floor(index / this.columns) * this.rowHeight;
    const { scroller } = this;
    const inset = this.list.offsetTop - scroller.offsetTop;
    if (top < scroller.scrollTop) scroller.scrollTop = Math.max(0, top + inset - this.gap_px);
    else if (top + this.rowHeight > scroller.scrollTop + scroller.clientHeight - inset) {
      scroller.scrollTop = top + this.rowHeight + inset - scroller.clientHeight;
    }
  }

  /** How many items a page holds, for the page keys. */
  get pageSize() {
    return Math.max(1, Math.floor(this.scroller.clientHeight / this.rowHeight)) * this.columns;
  }

  #measure(width) {
    this.cellWidth = (width - this.gap_px * (this.columns - 1)) / this.columns;
    this.rowHeight = Math.round(this.cellWidth / this.aspect + this.below_px + this.gap_px);
  }

  #nodesNeeded(width) {
    this.#measure(width);
    const rows = Math.ceil(this.scroller.clientHeight / this.rowHeight) + 1 + 2 * SPARE_ROWS;
    return (rows * this.columns + 1) * NODES_A_CELL;
  }

  #firstVisible() {
    return this.rowHeight ? Math.round(this.scroller.scrollTop / this.rowHeight) * this.columns : 0;
  }

  #soon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.#paint();
    });
  }

  #paint() {
    if (!this.rowHeight) return;
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / this.rowHeight) - SPARE_ROWS) * this.columns;
    const rows = Math.ceil(this.scroller.clientHeight / this.rowHeight) + 1 + 2 * SPARE_ROWS;
    const last = Math.min(this.count, first + rows * this.columns);
    for (const [index, cell] of this.cells) {
      // The item with the focus keeps its element, or the keyboard would be lost when it scrolls away.
      if ((index < first || index >= last) && !(index === this.focused && cell === document.activeElement)) {
        this.cells.delete(index);
        this.#release(cell);
      }
    }
    for (let index = first; index < last; index++) if (!this.cells.has(index)) this.#place(index);
    if (this.focused >= 0 && this.focused < this.count && !this.cells.has(this.focused)) this.#keepFocusable(first, last);
    for (const cell of this.spare) cell.remove();
    this.spare.length = 0;
  }

  /** With the focused item out of sight, the first one in sight is what Tab reaches. */
  #keepFocusable(first, last) {
    if (first < last) this.cells.get(first)?.setAttribute("tabindex", "0");
  }

  #place(index) {
    const cell = this.spare.pop() ?? this.create();
    this.cells.set(index, cell);
    this.#show(cell, index);
    if (!cell.isConnected) this.list.append(cell);
  }

  #show(cell, index) {
    const [row, column] = [Math.floor(index / this.columns), index % this.columns];
    cell.style.width = `${this.cellWidth}px`;
    cell.style.height = `${this.rowHeight - this.gap_px}px`;
    cell.style.translate = `${column * (this.cellWidth + this.gap_px)}px ${row * this.rowHeight}px`;
    cell.dataset.index = String(index);
    this.fill(cell, index);
  }

  #release(cell) {
    if (cell === document.activeElement) cell.remove();
    else this.spare.push(cell);
  }
}
