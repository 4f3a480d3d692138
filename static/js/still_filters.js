// What of a film's stills passes the filters: the same rules as the server's, quick enough for 100,000 at a keystroke.
import { VERDICTS } from "./still_index.js";

const ASKED_VERDICTS = ["undecided", "pick", "reject"];
const PLAIN_SORTS = ["rank", "time", "stars"];
const PEOPLE_MODES = ["any", "all", "only", "none"];

/** Reads the filters out of an address's query, as the server does. `columns`: what there are measurements of;
 * `only`: frames that the board is narrowed to, or null. */
export function readFilters(query, index, { columns, only = null }) {
  const ranges = [];
  for (const name of columns) {
    const [low, high] = [number(query.get(`${name}.min`), -Infinity), number(query.get(`${name}.max`), Infinity)];
    if (low <= high && (low !== -Infinity || high !== Infinity)) ranges.push([name, low, high]);
  }
  const facets = index.facets
    .map(({ name, needs_all, values }) => ({ name, needs_all, mask: mask(values, query.getAll(name)) }))
    .filter(({ mask }) => mask !== 0);
  const spans = [...(query.get("shot") ?? "").matchAll(/(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?/g)];
  const [verdict, stars, sort] = [query.get("verdict") ?? "", query.get("stars") ?? "", query.get("sort") ?? ""];
  const people = new Set(query.getAll("people"));
  const peopleMode = query.get("people_mode") ?? "";
  const knowsSort = PLAIN_SORTS.includes(sort) || columns.includes(sort.replace(/^-/, ""));
  return {
    verdict: ASKED_VERDICTS.includes(verdict) ? verdict : "",
    leastStars: /^[1-5]$/.test(stars) ? Number(stars) : 0,
    shots: spans.map(([, first, last]) => [Number(first), Number(last ?? first)]).filter(([first, last]) => first > 0 && first <= last),
    people: index.cast.order.filter((character) => people.has(String(character))),
    peopleMode: PEOPLE_MODES.includes(peopleMode) ? peopleMode : "any",
    facets,
    ranges,
    sort: knowsSort ? sort : "rank",
    only,
  };
}

/** What has to be fetched before these filters can be applied: `{ facts, columns }`. */
export function missing({ facets, people, ranges, sort }, index) {
  const columns = ranges.map(([name]) => name);
  if (!PLAIN_SORTS.includes(sort)) columns.push(sort.replace(/^-/, ""));
  return {
    facts: !index.hasFacts && (facets.length > 0 || people.length > 0),
    columns: [...new Set(columns)].filter((name) => !(name in index.signals)),
  };
}

/** The tests that a still has to pass, one for each filter in force: `{ key, passes(row) }`. */
export function compile(filters, index) {
  const { verdict, leastStars, shots, people, peopleMode, facets, ranges, only } = filters;
  const tests = [];
  const add = (key, passes) => tests.push({ key, passes });
  if (verdict) {
    const wanted = verdict === "undecided" ? 0 : VERDICTS.indexOf(verdict);
    add("verdict", (row) => index.verdict[row] === wanted);
  }
  if (leastStars) add("stars", (row) => index.stars[row] >= leastStars);
  if (shots.length) add("shots", (row) => shots.some(([first, last]) => index.shot[row] >= first && index.shot[row] <= last));
  if (only) add("only", (row) => only.has(index.frame[row]));
  if (people.length) add("people", (row) => passesPeople(index.people.get(row) ?? [], people, peopleMode));
  for (const { name, needs_all, mask } of facets) {
    const bits = index.bits[name];
    add(name, needs_all ? (row) => (bits[row] & mask) === mask : (row) => (bits[row] & mask) !== 0);
  }
  for (const [name, low, high] of ranges) {
    const values = index.signals[name] ?? [];
    add(`${name} range`, (row) => values[row] >= low && values[row] <= high); // NaN passes neither
  }
  return tests;
}

/** A face that nobody has recognised stands in a still's people as 0. */
function passesPeople(seen, people, mode) {
  const there = people.filter((character) => seen.includes(character)).length;
  if (mode === "none") return there === 0;
  if (mode === "any") return there > 0;
  return there === people.length && (mode === "all" || seen.length === there);
}

/** The rows that pass, in order, and how many stills each answer would leave beside the other filters in force. */
export function arrange(filters, index, tests = compile(filters, index)) {
  const rows = new Uint32Array(index.length);
  const counter = new Counter(filters, index);
  let count = 0;
  for (const row of index.order(filters.sort)) {
    let failed = null;
    let isOut = false;
    for (const test of tests) {
      if (test.passes(row)) continue;
      if (failed !== null) {
        isOut = true;
        break;
      }
      failed = test.key;
    }
    if (isOut) continue;
    if (failed === null) rows[count++] = row;
    counter.add(row, failed);
  }
  return { rows: rows.slice(0, count), counts: counter.finish() };
}

/** Counts stills that fail at most one filter: what fails only the one that an answer replaces would be there. */
class Counter {
  constructor({ people, peopleMode }, index) {
    this.index = index;
    this.verdicts = [0, 0, 0];
    this.people = new Map();
    this.addsPeople = people.length > 0 && (peopleMode === "all" || peopleMode === "only");
    this.facets = index.hasFacts
      ? index.facets.map(({ name, needs_all, values }) => ({
          name, values, bits: index.bits[name], seen: new Uint32Array(1 << values.length), replaces: !needs_all,
        }))
      : [];
  }

  add(row, failed) {
    const { index } = this;
    if (failed === null || failed === "verdict") this.verdicts[index.verdict[row]] += 1;
    for (const facet of this.facets) {
      if (failed === null || (failed === facet.name && facet.replaces)) facet.seen[facet.bits[row]] += 1;
    }
    if (failed === null || (failed === "people" && !this.addsPeople)) {
      for (const character of index.people.get(row) ?? []) this.people.set(character, (this.people.get(character) ?? 0) + 1);
    }
  }

  /** `{ verdicts: {all, undecided, pick, reject}, facets: {name: {value: count}} or null, people: {character: count} }` */
  finish() {
    const [undecided, pick, reject] = this.verdicts;
    const facets = Object.fromEntries(this.facets.map((facet) => [facet.name, countBits(facet)]));
    return {
      verdicts: { all: undecided + pick + reject, undecided, pick, reject },
      facets: this.index.hasFacts ? facets : null,
      people: Object.fromEntries(this.people),
    };
  }
}

function countBits({ values, seen }) {
  return Object.fromEntries(
    values.map((value, bit) => {
      let count = 0;
      for (let bits = 0; bits < seen.length; bits++) if (bits & (1 << bit)) count += seen[bits];
      return [value, count];
    }),
  );
}

function mask(values, chosen) {
  return values.reduce((bits, value, bit) => (chosen.includes(value) ? bits | (1 << bit) : bits), 0);
}

function number(text, fallback) {
  if (text === null || text.trim() === "") return fallback;
  const value = Number(text);
  return Number.isFinite(value) ? value : fallback;
}
