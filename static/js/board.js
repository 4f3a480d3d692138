// The stills board: a grid of every still that passes the filters, decided on from the keyboard.
import { BoardDecisions } from "./board_decisions.js";
import { BoardFilters } from "./board_filters.js";
import { IndexSource } from "./board_index.js";
import { followBoard } from "./board_live.js";
import { Comparing } from "./compare.js";
import { Culling } from "./cull.js";
import { DecideBar } from "./decide_bar.js";
import { say } from "./notices.js";
import { renameChoices } from "./people_choices.js";
import { arrange, compile, readFilters } from "./still_filters.js";
import { StillGrid } from "./still_grid.js";
import { isTyping } from "./typing.js";
import { Viewer } from "./viewer.js";
import { number } from "./wording.js";

export function bind(root) {
  new Board(root).start();
}

class Board {
  constructor(root) {
    this.root = root;
    this.settings = JSON.parse(document.getElementById(root.dataset.board).textContent);
    this.source = new IndexSource(this.settings.urls.index);
    this.decisions = new BoardDecisions(this.settings, { index: () => this.index });
    this.viewer = new Viewer(root.querySelector("[data-viewer]"), { settings: this.settings });
    Object.assign(this, { rows: new Uint32Array(0), cursor: 0, anchor: null });
    this.only = this.settings.only && new Set(this.settings.only);
  }

  async start() {
    this.filters = new BoardFilters(this.root, { fetchColumns: (names) => this.source.fetchColumns(names) });
    this.index = await this.source.renew();
    const wanted = this.#readFilters();
    await this.source.complete(wanted);
    this.bar = new DecideBar(this.root.querySelector("[data-decide-bar]"));
    this.grid = new StillGrid(this.root.querySelector("[data-scroller]"), { settings: this.settings, show: (index) => this.#shown(index) });
    this.culling = new Culling(this.viewer, { settings: this.settings, near: (frame, by) => this.#near(frame, by) });
    this.comparing = new Comparing(this.root.querySelector("[data-compare]"), { decide: (frame, change) => this.#decideFrame(frame, change) });
    this.#apply(wanted);
    this.#bindGrid();
    this.#bindBar();
    this.#bindFilters();
    this.#bindViewer();
    this.#bindEvents();
    followBoard({
      video: this.settings.video, scope: () => this.index.cast.scope,
      decided: (states, who) => this.#hear(states, who), renew: () => this.#renew(),
    });
    if (document.activeElement === document.body && !this.viewer.isOpen) this.grid.focus(this.cursor, { scroll: false });
    this.root.dataset.ready = "";
    await this.#fetchRest();
  }

  /** What the first look does without: words for pictures, counts of answers, histograms. */
  async #fetchRest() {
    await this.source.fetchFacts();
    this.#arrange();
    await this.filters.drawOpenGroups();
  }

  // --- showing -----------------------------------------------------------------------------------------------

  #shown(index) {
    const row = this.rows[index];
    return { row, index: this.index, isChosen: this.#isChosen(index), isCursor: index === this.cursor, of: this.rows.length };
  }

  #readFilters() {
    const { columns } = this.filters;
    if (!this.filters.active.isNarrowed && this.index) this.only = null;
    return readFilters(new URLSearchParams(location.search), this.source.index, { columns, only: this.only });
  }

  /** Shows what the source has by now; rows and index change together, or keys would mean other stills meanwhile. */
  #arrange(wanted = this.#readFilters()) {
    const selection = this.#selection();
    if (this.index !== this.source.index) {
      this.source.index.takeOver(this.index);
      this.index = this.source.index;
    }
    this.#apply(wanted, selection);
  }

  /** Applies filters; what is selected stays so where it can. */
  #apply(wanted, { cursor, anchor = null, frames = [] } = this.#selection()) {
    this.wanted = wanted;
    const { rows, counts } = arrange(wanted, this.index);
    this.rows = rows;
    const place = this.#placeOf(cursor);
    this.cursor = place >= 0 ? place : Math.min(this.cursor, Math.max(rows.length - 1, 0));
    this.anchor = anchor === null ? null : this.#placeOf(anchor);
    if (this.anchor !== null && !this.#isSelected(frames)) this.anchor = null;
    this.grid.setCount(rows.length);
    this.#tell(counts);
  }

  /** What is chosen, in frames, which outlive another order and another index. */
  #selection() {
    const frames = Array.from(this.#chosen(), (row) => this.index.frame[row]);
    return { cursor: this.#frameAt(this.cursor), anchor: this.anchor === null ? null : this.#frameAt(this.anchor), frames };
  }

  /** Whether the selection holds just these: one that would take in others or lose some is none any more. */
  #isSelected(frames) {
    const [first, last] = this.#span();
    if (first < 0 || last - first + 1 !== frames.length) return false;
    const wanted = new Set(frames);
    return this.#chosen().every((row) => wanted.has(this.index.frame[row]));
  }

  #frameAt(place) {
    const row = this.rows[place];
    return row === undefined ? null : this.index.frame[row];
  }

  #placeOf(frame) {
    const row = frame === null ? -1 : this.index.rowOf(frame);
    return row < 0 ? -1 : this.rows.indexOf(row);
  }

  #tell(counts) {
    const total = this.index.length;
    const provisional = this.index.provisional.length && this.index.provisional[this.index.order("rank")[0]] ? ", provisional: the film is still being measured" : "";
    this.root.querySelector("[data-count]").textContent =
      (this.rows.length === total ? `${number(total)} stills` : `${number(this.rows.length)} of ${number(total)} stills`) + provisional;
    this.root.querySelector("[data-none]").hidden = this.rows.length > 0;
    this.filters.tell(counts);
    this.#tellSelection();
  }

  /** Lets the bar and the page's other behaviours know what is chosen now; these need not know the board. */
  #tellSelection() {
    const chosen = this.#chosen();
    this.bar.tell(chosen, this.index);
    const detail = { frames: Array.from(chosen, (row) => this.index.frame[row]), cursor: this.#frameAt(this.cursor) };
    this.root.dispatchEvent(new CustomEvent("ava:selection", { detail, bubbles: true }));
  }

  // --- cursor and selection ----------------------------------------------------------------------------------

  #isChosen(index) {
    const [first, last] = this.#span();
    return index >= first && index <= last;
  }

  #span() {
    const anchor = this.anchor ?? this.cursor;
    return [Math.min(anchor, this.cursor), Math.max(anchor, this.cursor)];
  }

  #chosen() {
    const [first, last] = this.#span();
    return this.rows.slice(first, last + 1);
  }

  #moveTo(index, { extend = false, focus = true } = {}) {
    if (this.rows.length === 0) return;
    const hadRange = this.anchor !== null;
    const before = this.cursor;
    this.anchor = extend ? (this.anchor ?? before) : null;
    this.cursor = Math.min(Math.max(index, 0), this.rows.length - 1);
    if (extend || hadRange) this.grid.refresh();
    else for (const changed of [before, this.cursor]) this.grid.refreshAt(changed);
    if (focus) this.grid.focus(this.cursor);
    this.grid.refreshAt(this.cursor);
    this.#tellSelection();
  }

  #bindGrid() {
    const { list } = this.grid;
    list.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault());
    list.addEventListener("click", (event) => {
      const cell = event.target.closest("[data-index]");
      if (!cell) return;
      const index = Number(cell.dataset.index);
      const again = index === this.cursor && cell === this.pressed && !event.shiftKey;
      this.#moveTo(index, { extend: event.shiftKey });
      if (again) this.#open(index);
      this.pressed = cell;
    });
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    const { list } = this.grid;
    const isElsewhere = event.target !== document.body && !list.contains(event.target) && !this.bar.contains(event.target);
    if (isElsewhere || isTyping(event) || document.querySelector("dialog:modal") || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) {
      if (key !== "z") return;
      event.preventDefault();
      this.#turn(event.shiftKey ? "redo" : "undo");
      return;
    }
    const extend = event.shiftKey;
    const go = (by) => () => this.#moveTo(this.cursor + by, { extend });
    const actions = {
      ArrowLeft: go(-1), ArrowRight: go(1), ArrowUp: go(-this.grid.columns), ArrowDown: go(this.grid.columns),
      PageUp: go(-this.grid.pageSize), PageDown: go(this.grid.pageSize), Home: go(-this.rows.length), End: go(this.rows.length),
      p: () => this.#decide({ verdict: "pick" }), x: () => this.#decide({ verdict: "reject" }), u: () => this.#decide({ verdict: "", stars: 0 }),
      c: () => this.#compare(),
    };
    if (list.contains(event.target)) actions.Enter = () => this.#open(this.cursor);
    if (event.key === "Escape" && this.anchor !== null) actions.Escape = () => this.#moveTo(this.cursor);
    if (/^[0-5]$/.test(key)) actions[key] = () => this.#decide({ stars: Number(key) });
    if (!actions[key]) return;
    event.preventDefault();
    actions[key]();
  }

  /** The selection side by side; a single still beside the one that follows it. */
  #compare() {
    let chosen = this.#chosen();
    if (chosen.length === 1) chosen = this.rows.slice(this.cursor, this.cursor + 2);
    this.comparing.open(Array.from(chosen, (row) => this.index.frame[row]));
  }

  // --- deciding ----------------------------------------------------------------------------------------------

  #decide(change) {
    if (!this.decisions.mayDecide) return;
    this.decisions.decide([...this.#chosen()], change);
    this.#goOn(this.#span()[1]);
  }

  /** After a decision the next still has the focus; stills that no longer pass the filters have gone. */
  #goOn(last) {
    const tests = compile(this.wanted, this.index);
    const passes = (row) => tests.every((test) => test.passes(row));
    const next = this.rows.subarray(last + 1).find(passes);
    const hadFocus = this.grid.hasFocus || document.activeElement === document.body;
    this.#apply(this.wanted, { cursor: next === undefined ? null : this.index.frame[next] });
    if (next === undefined) this.#moveTo(this.rows.length - 1, { focus: false });
    if (this.rows.length === 0 || this.viewer.isOpen) return;
    if (hadFocus) this.grid.focus(this.cursor);
    else this.grid.reveal(this.cursor);
  }

  /** Takes back the last action or does it again; its stills come into sight, the first with the focus. */
  async #turn(way) {
    const states = await this.decisions.turn(way);
    if (states === null) return;
    const rows = states.map((state) => [this.index.rowOf(state.frame_index), state]).filter(([row]) => row >= 0);
    for (const [row, { verdict, stars }] of rows) this.index.decide(row, { verdict, stars, who: this.settings.user });
    const [first, state] = rows.sort(([a], [b]) => this.index.rank[a] - this.index.rank[b])[0] ?? [];
    if (first === undefined) return;
    this.#apply(this.wanted, { cursor: state.frame_index });
    const place = this.rows.indexOf(first);
    if (place >= 0) {
      this.#moveTo(place, { focus: !this.viewer.isOpen });
      if (this.viewer.isOpen) this.#open(place);
    }
    const what = rows.length > 1 ? `${number(rows.length)} stills are` : `${this.index.timecode[first]} is`;
    const now = rows.length > 1 && way === "undo" ? "as they were" : this.index.said(first) || "undecided";
    say(`${way === "undo" ? "Undone" : "Done again"}: ${what} ${now}${way === "undo" && rows.length === 1 ? " again" : ""}.`);
  }

  #bindBar() {
    this.bar.addEventListener("decide", ({ detail }) => this.#decide(detail));
    this.bar.addEventListener("undo", () => this.#turn("undo"));
    this.bar.addEventListener("open", () => this.#open(this.cursor));
    this.bar.addEventListener("compare", () => this.#compare());
    this.bar.addEventListener("size", () => {
      this.grid.layOut();
      this.grid.reveal(this.cursor);
    });
    this.decisions.addEventListener("refused", () => this.#arrange());
    this.decisions.addEventListener("new", async ({ detail: frame }) => {
      await this.#renew();
      if (this.viewer.isOpen) this.#openFrame(frame);
    });
  }

  #bindFilters() {
    this.filters.addEventListener("change", async () => {
      const wanted = this.#readFilters();
      await this.source.complete(wanted);
      this.#arrange(wanted);
      this.grid.reveal(this.cursor);
    });
    this.filters.addEventListener("empty", () => this.grid.focus(this.cursor));
  }

  // --- the large view ----------------------------------------------------------------------------------------

  #open(index) {
    const row = this.rows[index];
    if (row === undefined) return;
    const position = `${number(index + 1)} of ${number(this.rows.length)}`;
    this.viewer.open(this.index.frame[row], { preview: this.#preview(row), alt: this.index.alt(row), position, state: this.index.state(row) });
  }

  #openFrame(frame) {
    const place = this.#placeOf(frame);
    if (place < 0) return void this.viewer.open(frame);
    this.#moveTo(place, { focus: false });
    this.#open(place);
  }

  #preview(row) {
    return this.settings.urls.image.replace("{n}", this.index.id[row]);
  }

  /** The still so many places after a frame in the list, as the strip shows it; null past an end. */
  #near(frame, by) {
    const place = this.#placeOf(frame);
    const row = place < 0 ? undefined : this.rows[place + by];
    if (row === undefined) return null;
    const { verdict } = this.index.state(row);
    return { frame: this.index.frame[row], preview: this.#preview(row), alt: this.index.alt(row), mark: this.index.mark(row), verdict };
  }

  #bindViewer() {
    const { viewer } = this;
    if (viewer.isOpen) {
      const place = this.#placeOf(viewer.frame);
      if (place >= 0) this.#moveTo(place, { focus: false });
      if (place >= 0) viewer.tellPosition(`${number(place + 1)} of ${number(this.rows.length)}`);
      this.culling.tell(viewer.frame);
    }
    viewer.addEventListener("move", ({ detail: by }) => {
      const target = this.cursor + by;
      if (target < 0 || target >= this.rows.length) return;
      this.#moveTo(target, { focus: false });
      this.grid.reveal(this.cursor);
      this.#open(this.cursor);
    });
    viewer.addEventListener("show", ({ detail: frame }) => this.#openFrame(frame));
    viewer.addEventListener("decide", ({ detail: { frame, change } }) => this.#decideFrame(frame, change));
    viewer.addEventListener("take", ({ detail: { frame, ...instead } }) => this.decisions.mayDecide && this.decisions.takeInstead(frame, instead));
    viewer.addEventListener("turn", ({ detail: way }) => this.#turn(way));
    viewer.addEventListener("compare", ({ detail: frame }) => {
      const next = this.#near(frame, 1) ?? this.#near(frame, -1);
      if (next) this.comparing.open([frame, next.frame]);
    });
    viewer.addEventListener("close", () => this.rows.length && this.grid.focus(this.cursor));
    this.root.querySelector("[data-cull]")?.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || this.rows.length === 0) return;
      event.preventDefault();
      this.culling.begin();
      this.#open(this.cursor);
    });
  }

  async #decideFrame(frame, change) {
    if (!this.decisions.mayDecide) return;
    const row = this.index.rowOf(frame);
    if (row < 0) return void this.decisions.decideFrame(frame, change);
    this.decisions.decide([row], change);
    const place = this.rows.indexOf(row);
    const isShown = this.viewer.isOpen && this.viewer.frame === frame && !this.comparing.isOpen;
    if (place < 0 || !isShown) {
      this.#apply(this.wanted);
      if (isShown) this.viewer.showState(this.index.state(row));
      return;
    }
    this.#goOn(place);
    if (this.rows.length === 0) this.viewer.close();
    else if (this.rows[this.cursor] === row) this.viewer.showState(this.index.state(row));
    else this.#open(this.cursor);
  }

  // --- what the page's other behaviours ask for, and what others do -------------------------------------------

  #bindEvents() {
    this.root.addEventListener("ava:order", ({ detail: { frames } }) => {
      this.source.index.rankAnew(frames);
      this.#arrange();
    });
    this.root.addEventListener("ava:open", ({ detail: { frame } }) => this.#openFrame(frame));
  }

  /** What was decided, by others or in another window: shown where it is in sight, while the cursor stays. */
  #hear(states, who) {
    for (const { frame_index: frame, verdict, stars } of states) {
      const row = this.index.rowOf(frame);
      if (row < 0) return void this.#renew();
      this.index.decide(row, { verdict, stars, who });
      if (this.viewer.isOpen && this.viewer.frame === frame) this.viewer.showState(this.index.state(row));
      if (this.comparing.isOpen) this.comparing.showState(frame, this.index.state(row));
    }
    this.grid.refresh();
    this.#tell(arrange(this.wanted, this.index).counts);
    if (this.viewer.isOpen) this.culling.tell(this.viewer.frame);
  }

  /** Takes in stills that are new or ranked anew; the cursor stays on its frame. */
  async #renew() {
    await this.source.renew();
    const wanted = this.#readFilters();
    await this.source.complete(wanted);
    const { hasFocus } = this.grid;
    renameChoices(this.filters.form, this.source.index.cast.labels); // before filters are told by their names
    this.#arrange(wanted);
    if (hasFocus) this.grid.focus(this.cursor, { scroll: false });
    if (this.viewer.isUnexplained && this.index.rowOf(this.viewer.frame) >= 0) this.viewer.open(this.viewer.frame);
  }
}
