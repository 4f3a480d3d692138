// Every still of a film in columns, and what of it passes the filters: the same rules as the server's.

const UNDECIDED = "";
const VERDICTS = ["undecided", "pick", "reject"];
const PLAIN_SORTS = ["rank", "time", "stars"];

export class StillIndex {
  constructor(columns) {
    this.columns = columns;
    this.rowOfFrame = new Map(columns.frame.map((frame, row) => [frame, row]));
  }

  get length() {
    return this.columns.frame.length;
  }

  /** "Still at 00:00:12:05, shot 4, sharp, bright" */
  alt(row) {
    const { timecode, shot } = this.columns;
    return [`Still at ${timecode[row]}`, shot[row] && `shot ${shot[row]}`, ...this.#words(row)].filter(Boolean).join(", ");
  }

  #words(row) {
    return this.columns.word_rules.map(({ source, name, low, low_word, high, high_word }) => {
      const value = this.columns[source][name]?.[row] ?? null;
      if (value === null) return "";
      return value < low ? low_word : value > high ? high_word : "";
    });
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
    if (filters.sort === "time") rows.sort((a, b) => frame[a] - frame[b]);
    else if (filters.sort === "stars") rows.sort((a, b) => stars[b] - stars[a] || byRank(a, b));
    else if (signals[column]) {
      const sign = filters.sort.startsWith("-") ? -1 : 1;
      const value = (row) => signals[column][row] ?? sign * Infinity; // what was not measured comes last
      rows.sort((a, b) => sign * (value(a) - value(b)) || byRank(a, b));
    }
    return rows;
  }

  passes(row, { verdict, leastStars, shots, ranges }) {
    const { columns } = this;
    if (verdict && columns.verdict[row] !== (verdict === "undecided" ? UNDECIDED : verdict)) return false;
    if (columns.stars[row] < leastStars) return false;
    if (shots.length && !shots.some(([first, last]) => columns.shot[row] >= first && columns.shot[row] <= last)) return false;
    return ranges.every(([name, low, high]) => {
      const value = columns.signals[name]?.[row];
      return value !== null && value !== undefined && value >= low && value <= high;
    });
  }
}

/** Reads the filters out of an address's query, as the server does. */
export function readFilters(query, index) {
  const ranges = [];
  for (const name of Object.keys(index.columns.signals)) {
    const [low, high] = [number(query.get(`${name}.min`), -Infinity), number(query.get(`${name}.max`), Infinity)];
    if (low <= high && (low !== -Infinity || high !== Infinity)) ranges.push([name, low, high]);
  }
  const spans = [...(query.get("shot") ?? "").matchAll(/(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?/g)];
  const [verdict, stars, sort] = [query.get("verdict") ?? "", query.get("stars") ?? "", query.get("sort") ?? ""];
  const knowsSort = PLAIN_SORTS.includes(sort) || sort.replace(/^-/, "") in index.columns.signals;
  return {
    verdict: VERDICTS.includes(verdict) ? verdict : "",
    leastStars: /^[1-5]$/.test(stars) ? Number(stars) : 0,
    shots: spans.map(([, first, last]) => [Number(first), Number(last ?? first)]).filter(([first, last]) => first > 0 && first <= last),
    ranges,
    sort: knowsSort ? sort : "rank",
  };
}

function number(text, fallback) {
  if (text === null || text.trim() === "") return fallback;
  const value = Number(text);
  return Number.isFinite(value) ? value : fallback;
}
