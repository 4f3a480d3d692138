// The board's filters: between the form, the address and what is shown. Tells how many stills each answer would leave.
import { ActiveFilters } from "./active_filters.js";
import { bindPeopleSearch } from "./people_choices.js";
import { RangeFilter } from "./range_filter.js";
import { number } from "./wording.js";

const USUAL = { sort: "rank", people_mode: "any" }; // what an address need not say
const NARROWING = ["frames", "cluster", "group"];
const KEPT = /^(purpose|variety|w\..+|v\..+|frames|cluster|group)$/; // in the address, but in no field of the form
const TYPING_MS = 80;

export class BoardFilters extends EventTarget {
  /** Fires "change" when the address says something new. `fetchColumns(names)` gets measurements for histograms. */
  constructor(root, { fetchColumns }) {
    super();
    this.root = root;
    this.form = root.querySelector("[data-filters]");
    this.fetchColumns = fetchColumns;
    this.fields = [...this.form.querySelectorAll("[data-range]")];
    this.columns = this.fields.map((field) => field.dataset.range);
    this.ranges = new Map();
    this.active = new ActiveFilters(root.querySelector("[data-active]"), this.form);
    foldOnNarrow(this.form);
    bindPeopleSearch(this.form);
    this.#bind();
  }

  #bind() {
    let pending = null;
    const apply = () => {
      clearTimeout(pending);
      this.#address();
      this.dispatchEvent(new Event("change"));
    };
    this.active.addEventListener("drop", () => {
      for (const range of this.ranges.values()) range.read();
      apply();
      if (this.active.isEmpty) this.dispatchEvent(new Event("empty"));
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      apply();
      this.dispatchEvent(new Event("empty"));
    });
    this.form.addEventListener("input", () => {
      clearTimeout(pending);
      pending = setTimeout(apply, TYPING_MS);
    });
    this.root.addEventListener("click", (event) => {
      if (!event.target.closest("[data-reset]")) return;
      event.preventDefault();
      this.active.dropAll();
    });
    this.form.addEventListener("toggle", () => this.drawOpenGroups(), { capture: true });
  }

  #address() {
    const kept = [...new URLSearchParams(location.search)].filter(([name]) => KEPT.test(name));
    const query = new URLSearchParams(this.active.isNarrowed ? kept : kept.filter(([name]) => !NARROWING.includes(name)));
    for (const [name, value] of new FormData(this.form)) if (value !== "" && value !== USUAL[name]) query.append(name, value);
    history.replaceState(null, "", `?${query}`);
  }

  /** Draws the histograms of the groups that are unfolded; the others' measurements are not even fetched. */
  async drawOpenGroups() {
    const isSeen = (field) => !this.ranges.has(field) && field.closest("[data-group]")?.open && field.checkVisibility?.() !== false;
    const fields = this.fields.filter(isSeen);
    if (fields.length === 0) return;
    const signals = await this.fetchColumns(fields.map((field) => field.dataset.range));
    for (const field of fields) {
      if (!this.ranges.has(field)) this.ranges.set(field, new RangeFilter(field, signals[field.dataset.range] ?? []));
    }
  }

  /** Shows counts as `arrange` gives them. */
  tell({ verdicts, facets, people }) {
    const { form } = this;
    this.active.tell();
    for (const place of form.querySelectorAll("[data-verdict-count]")) place.textContent = number(verdicts[place.dataset.verdictCount]);
    if (!facets) return;
    for (const place of form.querySelectorAll("[data-person-count]")) place.textContent = number(people[place.dataset.personCount] ?? 0);
    for (const place of form.querySelectorAll("[data-facet] [data-choice-count]")) {
      const facet = place.closest("[data-facet]").dataset.facet;
      const count = facets[facet]?.[place.dataset.choiceCount] ?? 0;
      place.textContent = number(count);
      place.closest("label").classList.toggle("gives-none", count === 0);
    }
  }
}

/** On small screens the filters begin folded, so that pictures come first. */
function foldOnNarrow(form) {
  const fold = form.querySelector("[data-fold]");
  if (matchMedia("(max-width: 68rem)").matches) fold.open = false;
}
