// Every still of a film in arrays that 100,000 fit into, one place a still in the order of frames. What is measured,
// and what it tells of faces and colours, is fetched in pieces when something asks for it.

export const VERDICTS = ["", "pick", "reject"];

export class StillIndex {
  /** `core` as the server writes it; see `curation.board_index`. */
  /** `asked`: when the server was asked for it, in ms of the page's clock; what was said since may be missing in it. */
  constructor(core, { asked = performance.now() } = {}) {
    Object.assign(this, { asked, told: new Map(), of: core.of, cast: core.cast, facets: core.facets, timecode: core.timecode });
    this.frame = sumUp(core.frame_steps);
    this.id = sumUp(core.id_steps);
    this.rank = Int32Array.from(core.rank);
    this.shot = Int32Array.from(core.shot);
    this.provisional = Uint8Array.from(core.provisional);
    this.verdict = new Uint8Array(this.length);
    this.stars = new Uint8Array(this.length);
    this.who = new Map();
    Object.assign(this, { bits: null, words: [], people: new Map(), signals: {}, orders: new Map() });
    for (const [frame, verdict, stars, who] of core.decided) {
      const row = this.rowOf(frame);
      if (row >= 0) this.decide(row, { verdict, stars, who });
    }
    this.told.clear(); // that was the server's word, not news
  }

  get length() {
    return this.frame.length;
  }

  get hasFacts() {
    return this.bits !== null;
  }

  /** Takes in which answers and words each still earns; false when they are of other stills than these. */
  addFacts({ of, bits, words, people }) {
    if (of !== this.of) return false;
    this.bits = Object.fromEntries(Object.entries(bits).map(([name, values]) => [name, Int32Array.from(values)]));
    this.words = words;
    this.people = new Map(people.map(([frame, seen]) => [this.rowOf(frame), seen]));
    return true;
  }

  /** Takes in columns of measurements; false when they are of other stills than these. */
  addColumns({ of, signals }) {
    if (of !== this.of) return false;
    for (const [name, values] of Object.entries(signals)) {
      this.signals[name] = Float64Array.from(values, (value) => value ?? NaN);
    }
    return true;
  }

  /** The place of a frame's still; -1 where it is none. */
  rowOf(frame) {
    let [low, high] = [0, this.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.frame[middle] < frame) low = middle + 1;
      else high = middle;
    }
    return this.frame[low] === frame ? low : -1;
  }

  /** Ranks stills as these frames follow each other, best first; those that are not named come behind, as before. */
  rankAnew(frames) {
    const named = [...new Set(frames.map((frame) => this.rowOf(frame)).filter((row) => row >= 0))];
    const isNamed = new Uint8Array(this.length);
    for (const row of named) isNamed[row] = 1;
    const rest = this.order("rank").filter((row) => !isNamed[row]);
    [...named, ...rest].forEach((row, place) => { this.rank[row] = place + 1; });
    this.orders.clear();
  }

  /** All places in an order: "rank", "time", "stars", or a measured column, "-" before it for the highest first. */
  order(sort) {
    if (sort === "stars") return this.#byStars(); // decisions change it at any time
    if (!this.orders.has(sort)) this.orders.set(sort, this.#sort(sort));
    return this.orders.get(sort);
  }

  #sort(sort) {
    const rows = Uint32Array.from({ length: this.length }, (_, row) => row);
    if (sort === "time") return rows;
    const values = this.signals[sort.replace(/^-/, "")];
    if (!values) return this.#byRank(rows);
    const sign = sort.startsWith("-") ? -1 : 1;
    const keys = values.map((value) => (Number.isNaN(value) ? Infinity : sign * value)); // not measured comes last
    const { rank } = this;
    return rows.sort((a, b) => (keys[a] === keys[b] ? rank[a] - rank[b] : keys[a] < keys[b] ? -1 : 1));
  }

  /** Ranks are as many as stills, or hardly more: each goes to its place without a comparison. */
  #byRank(rows) {
    const most = this.rank.reduce((a, b) => Math.max(a, b), 0);
    if (most > 4 * this.length + 1000) return rows.sort((a, b) => this.rank[a] - this.rank[b] || a - b);
    const starts = new Uint32Array(most + 2);
    for (const rank of this.rank) starts[rank + 1] += 1;
    for (let rank = 1; rank < starts.length; rank++) starts[rank] += starts[rank - 1];
    for (let row = 0; row < this.length; row++) rows[starts[this.rank[row]]++] = row;
    return rows;
  }

  #byStars() {
    const byRank = this.order("rank");
    const rows = new Uint32Array(this.length);
    let count = 0;
    for (const stars of [5, 4, 3, 2, 1, 0]) {
      for (const row of byRank) if (this.stars[row] === stars) rows[count++] = row;
    }
    return rows;
  }

  decide(row, { verdict, stars, who }) {
    if (verdict !== undefined) this.verdict[row] = VERDICTS.indexOf(verdict);
    if (stars !== undefined) this.stars[row] = stars;
    if (this.verdict[row] || this.stars[row]) who !== undefined && this.who.set(row, who);
    else this.who.delete(row);
    this.told.set(this.frame[row], performance.now());
  }

  /** Takes over what was said on an older index while the server was asked for this one. */
  takeOver(older) {
    for (const [frame, at] of older.told) {
      const row = this.rowOf(frame);
      if (at >= this.asked && row >= 0) this.decide(row, older.state(older.rowOf(frame)));
    }
  }

  /** A still's decision: { verdict, stars, who }. */
  state(row) {
    return { verdict: VERDICTS[this.verdict[row]], stars: this.stars[row], who: this.who.get(row) ?? "" };
  }

  /** "Still at 00:00:12:05, shot 4, two faces, medium shot, bright" */
  alt(row) {
    const shot = this.shot[row] && `shot ${this.shot[row]}`;
    const words = this.words.filter((_, bit) => this.bits.words[row] & (1 << bit));
    return [`Still at ${this.timecode[row]}`, shot, this.#namePeople(row), ...words].filter(Boolean).join(", ");
  }

  /** "Anna and Person 3", "Anna, Ben, Cleo, Dan and 2 others" */
  #namePeople(row) {
    const { order, labels, most_named: most } = this.cast;
    const seen = this.people.get(row) ?? [];
    let names = seen.length ? order.filter((character) => seen.includes(character)).map((character) => labels[character]) : [];
    if (names.length > most + 1) names = [...names.slice(0, most), `${names.length - most} others`];
    return [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(" and ");
  }

  /** "✓ Picked ★★★ Provisional" */
  mark(row) {
    const said = ["", "✓ Picked", "✕ Rejected"][this.verdict[row]];
    return [said, "★".repeat(this.stars[row]), this.provisional[row] && "Provisional"].filter(Boolean).join(" ");
  }

  /** "picked, 3 stars" */
  said(row) {
    return [["", "picked", "rejected"][this.verdict[row]], this.stars[row] && `${this.stars[row]} stars`].filter(Boolean).join(", ");
  }
}

function sumUp(steps) {
  const sums = new Int32Array(steps.length);
  let sum = 0;
  for (let place = 0; place < steps.length; place++) sums[place] = sum += steps[place];
  return sums;
}
