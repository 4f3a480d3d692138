// The stills board: a grid of every still that passes the filters, decided on from the keyboard.
import { ActiveFilters } from "./active_filters.js";
import { Decisions } from "./decisions.js";
import { onLive } from "./live.js";
import { say } from "./notices.js";
import { bindPeopleSearch, renameChoices } from "./people_choices.js";
import { RangeFilter } from "./range_filter.js";
import { getJson } from "./server.js";
import { readFilters, StillIndex } from "./still_index.js";
import { isTyping } from "./typing.js";
import { Viewer } from "./viewer.js";
import { VirtualGrid } from "./virtual_grid.js";
import { number } from "./wording.js";

const SIZES_PX = [150, 205, 280, 380, 560];
const LINE_PX = 30;
const GAP_PX = 12;
const USUAL = { sort: "rank", people_mode: "any" }; // what an address need not say
const OF_ORDER = /^(purpose|variety|w\..+|v\..+)$/; // what the order's own panel writes into the address

export function bind(root) {
  new Board(root).start();
}

class Board {
  constructor(root) {
    this.root = root;
    this.settings = JSON.parse(document.getElementById(root.dataset.board).textContent);
    this.form = root.querySelector("[data-filters]");
    this.bar = root.querySelector("[data-decide-bar]");
    this.decisions = new Decisions(this.settings);
    this.viewer = new Viewer(root.querySelector("[data-viewer]"), { settings: this.settings });
    Object.assign(this, { rows: [], cursor: 0, anchor: null });
    this.size = Number(localStorage.getItem("still-size")) || 3;
  }

  async start() {
    foldOnNarrow(this.form);
    this.index = new StillIndex(await getJson(this.settings.urls.index));
    this.#makeGrid();
    this.ranges = [...this.form.querySelectorAll("[data-range]")].map(
      (field) => new RangeFilter(field, this.index.columns.signals[field.dataset.range] ?? []),
    );
    bindPeopleSearch(this.form);
    this.#bindFilters();
    this.#arrange();
    this.#bindGrid();
    this.#bindBar();
    this.#bindViewer();
    this.#bindLive();
    this.#bindEvents();
    if (document.activeElement === document.body && !this.viewer.isOpen) this.grid.focus(this.cursor, { scroll: false });
  }

  // --- showing -----------------------------------------------------------------------------------------------

  #makeGrid() {
    const scroller = this.root.querySelector("[data-scroller]");
    const list = document.createElement("div");
    list.className = "still-grid";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Stills");
    list.setAttribute("aria-multiselectable", "true");
    scroller.querySelector("[data-list]")?.remove();
    scroller.prepend(list);
    this.list = list;
    this.grid = new VirtualGrid(scroller, list, {
      create: makeCell,
      fill: (cell, index) => this.#fill(cell, index),
      aspect: this.settings.aspect,
      below_px: LINE_PX,
      gap_px: GAP_PX,
      columnsAt: (width) => Math.max(width < 500 && this.size < 5 ? 2 : 1, Math.round(width / (SIZES_PX[this.size - 1] + GAP_PX))),
    });
  }

  #fill(cell, index) {
    const row = this.rows[index];
    const { columns } = this.index;
    const [image, line, mark] = cell.children;
    const source = this.settings.urls.image.replace("{n}", columns.id[row]);
    if (image.getAttribute("src") !== source) {
      image.removeAttribute("src"); // else the picture that was here before stays until the new one has come
      image.src = source;
    }
    image.alt = this.index.alt(row);
    line.textContent = `${columns.rank[row]}  ${columns.timecode[row]}`;
    mark.textContent = this.index.mark(row);
    cell.dataset.verdict = columns.verdict[row];
    const isChosen = this.#isChosen(index);
    cell.setAttribute("aria-selected", String(isChosen));
    cell.setAttribute("aria-label", [image.alt, `rank ${columns.rank[row]}`, this.#said(row), columns.provisional[row] && "provisional"].filter(Boolean).join(", "));
    cell.setAttribute("aria-posinset", String(index + 1));
    cell.setAttribute("aria-setsize", String(this.rows.length));
    cell.tabIndex = index === this.cursor ? 0 : -1;
  }

  #said(row) {
    const { verdict, stars } = this.index.columns;
    return [{ pick: "picked", reject: "rejected" }[verdict[row]], stars[row] && `${stars[row]} stars`].filter(Boolean).join(", ");
  }

  /** Applies the filters that stand in the address; keeps the still that had the cursor where it can. */
  #arrange({ keep = true } = {}) {
    const kept = keep ? this.rows[this.cursor] : undefined;
    this.filters = readFilters(new URLSearchParams(location.search), this.index);
    this.rows = this.index.arrange(this.filters);
    this.anchor = null;
    const place = kept === undefined ? -1 : this.rows.indexOf(kept);
    this.cursor = place >= 0 ? place : Math.min(keep ? this.cursor : 0, Math.max(this.rows.length - 1, 0));
    this.grid.setCount(this.rows.length);
    this.root.querySelector("[data-none]").hidden = this.rows.length > 0;
    this.active.tell();
    this.#tell();
  }

  #tell() {
    const total = this.index.length;
    const provisional = this.index.columns.provisional[0] ? ", provisional: the film is still being measured" : "";
    this.root.querySelector("[data-count]").textContent =
      (this.rows.length === total ? `${number(total)} stills` : `${number(this.rows.length)} of ${number(total)} stills`) + provisional;
    const counts = this.index.countVerdicts();
    this.#tellChoices();
    for (const place of this.form.querySelectorAll("[data-verdict-count]")) place.textContent = number(counts[place.dataset.verdictCount]);
    this.#tellBar();
  }

  /** How many stills of the whole film each answer would give; once, for what is measured stays. */
  #tellChoices() {
    if (this.told === this.index) return;
    this.told = this.index;
    const people = this.index.countPeople();
    for (const place of this.form.querySelectorAll("[data-person-count]")) place.textContent = number(people[place.dataset.personCount] ?? 0);
    for (const facet of this.index.columns.facets) {
      const counts = this.index.countChoices(facet);
      for (const place of this.form.querySelectorAll(`[data-facet="${facet.name}"] [data-choice-count]`)) {
        place.textContent = number(counts[place.dataset.choiceCount]);
      }
    }
  }

  #tellBar() {
    const chosen = this.#chosen();
    this.bar.hidden = this.rows.length === 0;
    this.#tellSelection(chosen);
    if (chosen.length === 0) return;
    const { timecode, rank, verdict, stars } = this.index.columns;
    const [row] = chosen;
    this.bar.querySelector("[data-what]").textContent =
      chosen.length > 1 ? `${number(chosen.length)} stills selected` : `Rank ${rank[row]}, ${timecode[row]}`;
    for (const button of this.bar.querySelectorAll("[data-decide]")) {
      if (button.dataset.decide) button.setAttribute("aria-pressed", String(chosen.every((each) => verdict[each] === button.dataset.decide)));
    }
    for (const star of this.bar.querySelectorAll("[data-stars]")) {
      star.setAttribute("aria-pressed", String(chosen.every((each) => stars[each] >= Number(star.dataset.stars))));
    }
  }

  /** Lets the page's other behaviours know what is chosen now; they need not know the board. */
  #tellSelection(chosen) {
    const { frame } = this.index.columns;
    const detail = { frames: chosen.map((row) => frame[row]), cursor: frame[this.rows[this.cursor]] ?? null };
    this.root.dispatchEvent(new CustomEvent("ava:selection", { detail, bubbles: true }));
  }

  // --- cursor and selection ----------------------------------------------------------------------------------

  #isChosen(index) {
    if (this.anchor === null) return index === this.cursor;
    return index >= Math.min(this.anchor, this.cursor) && index <= Math.max(this.anchor, this.cursor);
  }

  #chosen() {
    return this.rows.filter((_, index) => this.#isChosen(index));
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
    this.#tellBar();
  }

  #bindGrid() {
    this.list.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault());
    this.list.addEventListener("click", (event) => {
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
    const isElsewhere = event.target !== document.body && !this.list.contains(event.target) && !this.bar.contains(event.target);
    if (isElsewhere || isTyping(event) || document.querySelector("dialog:modal") || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() === "z" && !event.shiftKey) {
        event.preventDefault();
        this.#undo();
      }
      return;
    }
    const extend = event.shiftKey;
    const go = (by) => () => this.#moveTo(this.cursor + by, { extend });
    const actions = {
      ArrowLeft: go(-1), ArrowRight: go(1), ArrowUp: go(-this.grid.columns), ArrowDown: go(this.grid.columns),
      PageUp: go(-this.grid.pageSize), PageDown: go(this.grid.pageSize), Home: go(-this.rows.length), End: go(this.rows.length),
      p: () => this.#decide({ verdict: "pick" }), x: () => this.#decide({ verdict: "reject" }), u: () => this.#decide({ verdict: "", stars: 0 }),
    };
    if (this.list.contains(event.target)) actions.Enter = () => this.#open(this.cursor);
    if (event.key === "Escape" && this.anchor !== null) actions.Escape = () => this.#moveTo(this.cursor);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (/^[0-5]$/.test(key)) actions[key] = () => this.#decide({ stars: Number(key) });
    if (!actions[key]) return;
    event.preventDefault();
    actions[key]();
  }

  // --- deciding ----------------------------------------------------------------------------------------------

  #decide(change) {
    if (!this.#mayDecide()) return;
    const chosen = this.#chosen();
    for (const row of chosen) this.#send(row, change);
    this.#goOn(Math.max(this.cursor, this.anchor ?? 0));
  }

  /** Marks a still at once and tells the server; what the server refuses is taken back, with its reason. */
  async #send(row, change) {
    const { columns } = this.index;
    const before = { verdict: columns.verdict[row], stars: columns.stars[row] };
    const isNews = Object.entries(change).some(([name, value]) => before[name] !== value);
    if (!isNews) return;
    this.index.decide(row, change);
    try {
      await this.decisions.decide(columns.frame[row], change);
    } catch (error) {
      this.index.decide(row, before);
      this.#arrange();
      say(error.message, { kind: "error" });
    }
  }

  /** After a decision the next still has the focus; stills that no longer pass the filters have gone. */
  #goOn(last) {
    const next = this.rows.slice(last + 1).find((row) => this.index.passes(row, this.filters));
    const hadFocus = this.list.contains(document.activeElement) || document.activeElement === document.body;
    this.rows = this.rows.filter((row) => this.index.passes(row, this.filters));
    this.anchor = null;
    this.cursor = next === undefined ? Math.max(this.rows.length - 1, 0) : this.rows.indexOf(next);
    this.grid.setCount(this.rows.length);
    this.root.querySelector("[data-none]").hidden = this.rows.length > 0;
    if (this.rows.length && !this.viewer.isOpen) {
      if (hadFocus) this.grid.focus(this.cursor);
      else this.grid.reveal(this.cursor);
    }
    this.#tell();
  }

  async #undo() {
    if (!this.#mayDecide()) return;
    try {
      const undone = await this.decisions.undo();
      if (undone === null) say("There is nothing left to undo.");
      else this.#bringBack(undone);
    } catch (error) {
      say(error.message, { kind: "error" });
    }
  }

  #bringBack({ frame_index: frame, verdict, stars }) {
    const row = this.index.rowOfFrame.get(frame);
    if (row === undefined) return;
    this.index.decide(row, { verdict, stars });
    if (!this.rows.includes(row)) this.rows = this.index.arrange(this.filters);
    const place = this.rows.indexOf(row);
    this.grid.setCount(this.rows.length);
    this.root.querySelector("[data-none]").hidden = this.rows.length > 0;
    if (place >= 0) {
      this.#moveTo(place, { focus: !this.viewer.isOpen });
      if (this.viewer.isOpen) this.#open(place);
    }
    this.#tell();
    say(`Undone: ${this.index.columns.timecode[row]} is ${this.#said(row) || "undecided"} again.`);
  }

  #mayDecide() {
    if (!this.settings.may_edit) say("Only editors and administrators of this title's teams decide on its stills.", { kind: "error" });
    return this.settings.may_edit;
  }

  #bindBar() {
    this.bar.hidden = this.rows.length === 0;
    this.bar.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.decide === "") this.#decide({ verdict: "", stars: 0 });
      else if (button.dataset.decide) this.#decide({ verdict: button.dataset.decide });
      else if (button.dataset.stars) this.#decide({ stars: Number(button.dataset.stars) });
      else if ("undo" in button.dataset) this.#undo();
      else if ("openStill" in button.dataset) this.#open(this.cursor);
    });
    const size = this.bar.querySelector("[data-size]");
    size.value = this.size;
    size.addEventListener("input", () => {
      this.size = Number(size.value);
      localStorage.setItem("still-size", size.value);
      this.grid.layOut();
      this.grid.reveal(this.cursor);
    });
  }

  // --- filters -----------------------------------------------------------------------------------------------

  #bindFilters() {
    let pending = null;
    const apply = () => {
      const query = new URLSearchParams([...new URLSearchParams(location.search)].filter(([name]) => OF_ORDER.test(name)));
      for (const [name, value] of new FormData(this.form)) if (value !== "" && value !== USUAL[name]) query.append(name, value);
      history.replaceState(null, "", `?${query}`);
      this.#arrange();
      this.grid.reveal(this.cursor);
    };
    this.active = new ActiveFilters(this.root.querySelector("[data-active]"), this.form);
    this.active.addEventListener("drop", () => {
      for (const range of this.ranges) range.read();
      apply();
      if (this.active.isEmpty) this.grid.focus(this.cursor);
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      apply();
      this.grid.focus(this.cursor);
    });
    this.form.addEventListener("input", () => {
      clearTimeout(pending);
      pending = setTimeout(apply, 80);
    });
    this.root.addEventListener("click", (event) => {
      if (!event.target.closest("[data-reset]")) return;
      event.preventDefault();
      this.active.dropAll();
    });
  }

  // --- the large view ----------------------------------------------------------------------------------------

  #open(index) {
    const row = this.rows[index];
    if (row === undefined) return;
    const { columns } = this.index;
    const preview = this.settings.urls.image.replace("{n}", columns.id[row]);
    this.viewer.open(columns.frame[row], { preview, alt: this.index.alt(row), position: this.#position(index) });
  }

  #position(index) {
    return `${number(index + 1)} of ${number(this.rows.length)}`;
  }

  #bindViewer() {
    const { viewer } = this;
    const place = viewer.isOpen ? this.rows.indexOf(this.index.rowOfFrame.get(viewer.frame)) : -1;
    if (place >= 0) this.#moveTo(place, { focus: false });
    if (viewer.isOpen && place >= 0) viewer.tellPosition(this.#position(place));
    viewer.addEventListener("move", ({ detail: by }) => {
      const target = this.cursor + by;
      if (target < 0 || target >= this.rows.length) return;
      this.#moveTo(target, { focus: false });
      this.grid.reveal(this.cursor);
      this.#open(this.cursor);
    });
    viewer.addEventListener("decide", ({ detail: { frame, change } }) => this.#decideLarge(frame, change));
    viewer.addEventListener("undo", () => this.#undo());
    viewer.addEventListener("close", () => this.rows.length && this.grid.focus(this.cursor));
  }

  async #decideLarge(frame, change) {
    if (!this.#mayDecide()) return;
    const row = this.index.rowOfFrame.get(frame);
    if (row === undefined) {
      await this.#decideNewFrame(frame, change);
      return;
    }
    this.#send(row, change);
    const place = this.rows.indexOf(row);
    if (place < 0) this.viewer.showState({ verdict: this.index.columns.verdict[row], stars: this.index.columns.stars[row] });
    else {
      this.#goOn(place);
      if (this.rows.length === 0) this.viewer.close();
      else if (this.rows[this.cursor] === row) this.viewer.showState({ verdict: this.index.columns.verdict[row], stars: this.index.columns.stars[row] });
      else this.#open(this.cursor);
    }
  }

  /** A neighbouring frame becomes a still by being decided on. */
  async #decideNewFrame(frame, change) {
    try {
      await this.decisions.decide(frame, change);
      await this.#renew();
      this.viewer.open(frame);
      say("This frame is a still now.");
    } catch (error) {
      say(error.message, { kind: "error" });
    }
  }

  // --- what the page's other behaviours ask for ---------------------------------------------------------------

  #bindEvents() {
    this.root.addEventListener("ava:order", ({ detail: { frames } }) => {
      this.index.rankAnew(frames);
      this.#arrange();
    });
    this.root.addEventListener("ava:open", ({ detail: { frame } }) => this.#openFrame(frame));
  }

  #openFrame(frame) {
    const place = this.rows.indexOf(this.index.rowOfFrame.get(frame));
    if (place < 0) return void this.viewer.open(frame);
    this.#moveTo(place, { focus: false });
    this.#open(place);
  }

  // --- what others do ----------------------------------------------------------------------------------------

  #bindLive() {
    onLive("decision", (message) => {
      if (message.video_id !== this.settings.video) return;
      const row = this.index.rowOfFrame.get(message.frame_index);
      if (row === undefined) return void this.#renew();
      this.index.decide(row, message);
      const place = this.rows.indexOf(row);
      if (place >= 0) this.grid.refreshAt(place);
      if (this.viewer.isOpen && this.viewer.frame === message.frame_index) this.viewer.showState(message);
      this.#tell();
    });
    onLive("people", ({ video_id: video, scope_id: scope }) => (video === this.settings.video || scope === this.index.columns.cast.scope) && this.#renew());
    onLive("stills", (message) => message.video_id === this.settings.video && this.#renew());
    onLive("again", () => this.#renew());
  }

  /** Takes in stills that are new or ranked anew; the cursor stays on its frame. */
  async #renew() {
    const { columns } = this.index;
    const frame = columns.frame[this.rows[this.cursor]];
    const hadFocus = this.list.contains(document.activeElement);
    this.index = new StillIndex(await getJson(this.settings.urls.index));
    this.filters = readFilters(new URLSearchParams(location.search), this.index);
    this.rows = this.index.arrange(this.filters);
    const place = this.rows.indexOf(this.index.rowOfFrame.get(frame));
    this.cursor = place >= 0 ? place : Math.min(this.cursor, Math.max(this.rows.length - 1, 0));
    this.anchor = null;
    renameChoices(this.form, this.index.columns.cast.labels);
    this.active.tell();
    this.grid.setCount(this.rows.length);
    if (hadFocus) this.grid.focus(this.cursor, { scroll: false });
    this.#tell();
    if (this.viewer.isUnexplained && this.index.rowOfFrame.has(this.viewer.frame)) this.viewer.open(this.viewer.frame);
  }
}

function makeCell() {
  const cell = document.createElement("div");
  cell.className = "still";
  cell.setAttribute("role", "option");
  const image = new Image();
  image.decoding = "async";
  const [line, mark] = [document.createElement("span"), document.createElement("span")];
  line.className = "still-line";
  mark.className = "still-mark";
  cell.append(image, line, mark);
  return cell;
}

/** On small screens the filters begin folded, so that pictures come first. */
function foldOnNarrow(form) {
  const fold = form.querySelector("[data-fold]");
  if (matchMedia("(max-width: 68rem)").matches) fold.open = false;
}
