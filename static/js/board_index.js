// Fetches what the board knows of a film's stills, piece by piece; starts over where pieces turn out not to match.
import { getJson } from "./server.js";
import { missing } from "./still_filters.js";
import { StillIndex } from "./still_index.js";

const OF_ORDER = /^(purpose|variety|[wv]\..+)$/;

export class IndexSource {
  constructor(address) {
    this.address = address;
    this.index = null;
  }

  /** The stills anew, with what they earn where that was known; measurements are fetched again when they are needed. */
  async renew() {
    const hadFacts = this.index?.hasFacts;
    const asked = performance.now();
    this.index = new StillIndex(await getJson(this.#base()), { asked });
    if (hadFacts) this.index.addFacts(await this.#piece({ part: "facts" }));
    return this.index;
  }

  /** Fetches what filters need. */
  async complete(filters) {
    const { facts, columns } = missing(filters, this.index);
    if (facts) await this.fetchFacts();
    if (columns.length) await this.fetchColumns(columns);
  }

  async fetchFacts() {
    if (this.index.hasFacts) return;
    const { index } = this;
    this.facts ??= this.#piece({ part: "facts" }).finally(() => { this.facts = null; });
    if (!index.addFacts(await this.facts)) (await this.renew()).addFacts(await this.#piece({ part: "facts" }));
  }

  /** Measurements by name; those at hand are not fetched again. */
  async fetchColumns(names) {
    const wanted = names.filter((name) => !(name in this.index.signals));
    if (wanted.length && !this.index.addColumns(await this.#piece({ columns: wanted.join(",") }))) {
      (await this.renew()).addColumns(await this.#piece({ columns: wanted.join(",") }));
    }
    return this.index.signals;
  }

  #piece(query) {
    const address = this.#base();
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
    return getJson(address);
  }

  /** In the order that the page's own address asks for now. */
  #base() {
    const address = new URL(this.address, location.href);
    for (const name of [...address.searchParams.keys()]) if (OF_ORDER.test(name)) address.searchParams.delete(name);
    for (const [name, value] of new URLSearchParams(location.search)) if (OF_ORDER.test(name)) address.searchParams.set(name, value);
    return address;
  }
}
