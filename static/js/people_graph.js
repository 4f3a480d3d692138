// The graph of who meets whom: neighbours light up, and a slider hides those who are seen least.

const MOST_NAMED = 5;
const MOST_TOLD = 12;

export function bindGraph(root, page) {
  root.addEventListener("pointerover", (event) => light(event.target));
  root.addEventListener("focusin", (event) => light(event.target));
  root.addEventListener("pointerout", (event) => leave(root, event.relatedTarget));
  root.addEventListener("focusout", (event) => leave(root, event.relatedTarget));
  root.addEventListener("input", (event) => event.target.matches("[data-shown]") && show(root, event.target));
  // Where the graph is looked at from follows once the slider is let go.
  root.addEventListener("change", (event) => event.target.matches("[data-shown]") && page.renew());
}

const part = (element) => element?.closest?.(".graph-drawing .node, .graph-drawing .edge") ?? null;

function leave(root, towards) {
  const drawing = root.querySelector(".graph-drawing");
  if (!drawing || part(towards)) return;
  const focused = part(document.activeElement);
  if (focused?.matches(":focus-visible")) light(focused);
  else unlight(drawing);
}

function unlight(drawing) {
  drawing.classList.remove("is-lit");
  for (const lit of drawing.querySelectorAll(".lit")) lit.classList.remove("lit", "chosen", "told");
}

function light(target) {
  const chosen = part(target);
  if (!chosen || chosen.classList.contains("chosen")) return;
  const drawing = chosen.closest(".graph-drawing");
  unlight(drawing);
  drawing.classList.add("is-lit");
  chosen.classList.add("lit", "chosen");
  if (chosen.matches(".edge")) lightPair(drawing, chosen);
  else lightNeighbours(drawing, chosen);
}

const nodeOf = (drawing, pk) => drawing.querySelector(`[data-node="${pk}"]`);

function lightPair(drawing, edge) {
  const both = [edge.dataset.first, edge.dataset.second].map((pk) => nodeOf(drawing, pk));
  for (const node of both) {
    node.classList.add("lit");
    tellTogether(node, "");
  }
  const names = both.map((node) => node.dataset.name).join(" and ");
  tell(drawing, `${names}: ${edge.dataset.words}.`, null);
}

function lightNeighbours(drawing, node) {
  const pk = node.dataset.node;
  const edges = [...drawing.querySelectorAll(`.edge[data-first="${pk}"], .edge[data-second="${pk}"]`)];
  const met = edges.filter((edge) => !edge.hasAttribute("hidden")).map((edge) => {
    const other = nodeOf(drawing, edge.dataset.first === pk ? edge.dataset.second : edge.dataset.first);
    edge.classList.add("lit");
    other.classList.add("lit");
    return { other, together: edge.dataset.together, width: Number(edge.lastElementChild.getAttribute("stroke-width")) };
  });
  met.sort((one, other) => other.width - one.width);
  for (const { other, together } of met.slice(0, MOST_TOLD)) tellTogether(other, together);
  tellTogether(node, "");
  const named = met.slice(0, MOST_NAMED).map(({ other, together }) => `${other.dataset.name} (${together})`);
  if (met.length > MOST_NAMED) named.push(`${met.length - MOST_NAMED} more`);
  const meets = named.length ? `Meets ${new Intl.ListFormat("en").format(named)}.` : "Meets nobody here.";
  tell(drawing, `${node.dataset.words}. ${meets}`, node);
}

/** Beside the name, which is there as well then: for those met most, as there is no room for everybody. */
function tellTogether(node, words) {
  node.classList.add("told");
  node.querySelector(".node-together").textContent = words;
}

/** The sentence under the graph, with a way to the person's own page. */
function tell(drawing, words, node) {
  const caption = drawing.closest("[data-graph]").querySelector("[data-caption]");
  caption.querySelector("[data-caption-words]").textContent = words;
  const link = caption.querySelector("[data-caption-page]");
  link.hidden = !node;
  if (!node) return;
  link.href = node.dataset.page;
  link.textContent = `All faces of ${node.dataset.name}`;
}

function show(root, slider) {
  const shown = Number(slider.value);
  for (const each of root.querySelectorAll("#graph [data-rank]")) {
    each.toggleAttribute("hidden", Number(each.dataset.rank) >= shown);
  }
  slider.form.querySelector("output").textContent = `${shown} of ${slider.max}`;
  const address = new URL(location.href);
  address.searchParams.set("shown", String(shown));
  history.replaceState(history.state, "", address);
}
