// Every still of a film in columns, and what of it passes the filters: the same rules as the server's.

const UNDECIDED = "";
const VERDICTS = ["undecided", "pick", "reject"];
const PLAIN_SORTS = ["rank", "time", "stars"];
const PEOPLE_MODES = ["any", "all", "only", "none"];

export class StillIndex {
  constructor(columns) {
    this.columns = columns;
    this.rowOfFrame = new Map(columns.frame.map((frame, row) => [frame, row]));
  }

  get length() {
    return this.columns.frame.length;
  }

  /** "Still at 00:00:12:05, shot 4, two faces, medium shot, bright" */
  alt(row) {
    const { timecode, shot, word_rules } = this.columns;
    const words = word_rules.filter(({ test }) => this.holds(test, row)).map(({ word }) => word);
    return [`Still at ${timecode[row]}`, shot[row] && `shot ${shot[row]}`, this.#namePeople(row), ...words].filter(Boolean).join(", ");
  }

  /** "Anna and Person 3", "Anna, Ben, Cleo, Dan and 2 others" */
  #namePeople(row) {
    const { order, labels, most_named: most } = this.columns.cast;
    const seen = this.columns.people[row];
    let names = seen.length ? order.filter((character) => seen.includes(character)).map((character) => labels[character]) : [];
    if (names.length > most + 1) names = [...names.slice(0, most), `${names.length - most} others`];
    return [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(" and ");
  }

  /** Whether a fact of a still passes a test; a fact that is not known passes none. */
  holds({ source, name, equals, at_least, below }, row) {
    const values = source === "shot" ? this.columns[name] : this.columns[source][name];
    const value = values?.[row] ?? null;
    if (value === null || value === "") return false;
    if (equals !== null) return value === equals;
    return (at_least === null || value >= at_least) && (below === null || value < below);
  }

  /** "✓ Picked ★★★ Provisional" */
  mark(row) {
    const { verdict, stars, provisional } = this.columns;
    const said = { pick: "✓ Picked", reject: "✕ Rejected" }[verdict[row]];
    return [said, "★".repeat(stars[row]), provisional[row] && "Provisional"].filter(Boolean).join(" ");
  }

  decide(row, { verdict, stars }) {
    if (verdict !== undefined) this.columns.verdict[row] = verdict;
    if (stars !== undefined) this.columns.stars[row] = stars;
  }

  /** How many stills give each answer to a facet's question. */
  countChoices({ choices }) {
    const counts = {};
    for (const [value, test] of Object.entries(choices)) {
      counts[value] = 0;
      for (let row = 0; row < this.length; row++) if (this.holds(test, row)) counts[value] += 1;
    }
    return counts;
  }

  /** In how many stills each character is. */
  countPeople() {
    const counts = Object.fromEntries(this.columns.cast.order.map((character) => [character, 0]));
    for (const seen of this.columns.people) for (const character of seen) if (character in counts) counts[character] += 1;
    return counts;
  }

  /** Ranks stills as these frames follow each other, best first; those that are not named come behind, as before. */
  rankAnew(frames) {
    const { rank } = this.columns;
    const named = new Set(frames.map((frame) => this.rowOfFrame.get(frame)).filter((row) => row !== undefined));
    const rest = rank.map((_, row) => row).filter((row) => !named.has(row)).sort((a, b) => rank[a] - rank[b]);
    [...named, ...rest].forEach((row, place) => { rank[row] = place + 1; });
  }

  countVerdicts() {
    const counts = { all: this.length, undecided: 0, pick: 0, reject: 0 };
    for (const verdict of this.columns.verdict) counts[verdict || "undecided"] += 1;
    return counts;
  }

  /** Rows that pass, in the order asked for. */
  arrange(filters) {
    const rows = [];
    for (let row = 0; row < this.length; row++) if (this.passes(row, filters)) rows.push(row);
    const { frame, stars, rank, signals } = this.columns;
    const column = filters.sort.replace(/^-/, "");
    const byRank = (a, b) => rank[a] - rank[b] || a - b;
    if (filters.sort === "rank") rows.sort(byRank);
    else if (filters.sort === "time") rows.sort((a, b) => frame[a] - frame[b]);
    else if (filters.sort === "stars") rows.sort((a, b) => stars[b] - stars[a] || byRank(a, b));
    else if (signals[column]) {
      const sign = filters.sort.startsWith("-") ? -1 : 1;
      const value = (row) => signals[column][row] ?? sign * Infinity; // what was not measured comes last
      rows.sort((a, b) => sign * (value(a) - value(b)) || byRank(a, b));
    }
    return rows;
  }

  passes(row, { verdict, leastStars, shots, people, peopleMode, facets, ranges }) {
    const { columns } = this;
    if (verdict && columns.verdict[row] !== (verdict === "undecided" ? UNDECIDED : verdict)) return false;
    if (columns.stars[row] < leastStars) return false;
    if (shots.length && !shots.some(([first, last]) => columns.shot[row] >= first && columns.shot[row] <= last)) return false;
    if (people.length && !this.#passesPeople(row, people, peopleMode)) return false;
    if (!facets.every((facet) => this.#passesFacet(row, facet))) return false;
    return ranges.every(([name, low, high]) => {
      const value = columns.signals[name]?.[row];
      return value !== null && value !== undefined && value >= low && value <= high;
    });
  }

  /** A face that nobody has recognised stands in a still's people as 0. */
  #passesPeople(row, people, mode) {
    const seen = this.columns.people[row];
    const there = people.filter((character) => seen.includes(character)).length;
    if (mode === "none") return there === 0;
    if (mode === "any") return there > 0;
    return there === people.length && (mode === "all" || seen.length === there);
  }

  #passesFacet(row, { needs_all, tests }) {
    return needs_all ? tests.every((test) => this.holds(test, row)) : tests.some((test) => this.holds(test, row));
  }
}

/** Reads the filters out of an address's query, as the server does. */
export function readFilters(query, index) {
  const ranges = [];
  for (const name of Object.keys(index.columns.signals)) {
    const [low, high] = [number(query.get(`${name}.min`), -Infinity), number(query.get(`${name}.max`), Infinity)];
    if (low <= high && (low !== -Infinity || high !== Infinity)) ranges.push([name, low, high]);
  }
  const facets = index.columns.facets
    .map(({ name, needs_all, choices }) => ({ needs_all, tests: query.getAll(name).filter((value) => Object.hasOwn(choices, value)).map((value) => choices[value]) }))
    .filter(({ tests }) => tests.length > 0);
  const spans = [...(query.get("shot") ?? "").matchAll(/(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?/g)];
  const [verdict, stars, sort] = [query.get("verdict") ?? "", query.get("stars") ?? "", query.get("sort") ?? ""];
  const people = new Set(query.getAll("people"));
  const peopleMode = query.get("people_mode") ?? "";
  const knowsSort = PLAIN_SORTS.includes(sort) || sort.replace(/^-/, "") in index.columns.signals;
  return {
    verdict: VERDICTS.includes(verdict) ? verdict : "",
    leastStars: /^[1-5]$/.test(stars) ? Number(stars) : 0,
    shots: spans.map(([, first, last]) => [Number(first), Number(last ?? first)]).filter(([first, last]) => first > 0 && first <= last),
    people: index.columns.cast.order.filter((character) => people.has(String(character))),
    peopleMode: PEOPLE_MODES.includes(peopleMode) ? peopleMode : "any",
    facets,
    ranges,
    sort: knowsSort ? sort : "rank",
  };
}

function number(text, fallback) {
  if (text === null || text.trim() === "") return fallback;
  const value = Number(text);
  return Number.isFinite(value) ? value : fallback;
}
