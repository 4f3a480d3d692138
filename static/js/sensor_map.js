// The sensor map: zoomed and moved at once by its own view box, then drawn anew by the server for the part that is seen.
import { getPartial } from "./server.js";

const LEAST_PX = 24;
const REST_MS = 350;
const REACH_PX = 9;
const KEYS = { "+": "in", "=": "in", "-": "out", 0: "whole", ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };
const MOVES = { left: [-0.25, 0], right: [0.25, 0], up: [0, -0.25], down: [0, 0.25] };

export function bind(root) {
  if (root.querySelector("[data-sensor-map]")) new SensorMap(root);
}

class SensorMap {
  constructor(root) {
    this.root = root;
    this.take();
    root.addEventListener("click", (event) => this.follow(event));
    root.addEventListener("change", (event) => event.target.form?.matches("[data-sensor-filters]") && event.target.form.requestSubmit());
    addEventListener("popstate", () => location.reload());
  }

  /** Finds its way in what the server has drawn, at first and anew. */
  take() {
    const { root } = this;
    this.frame = root.querySelector("[data-sensor-frame]");
    this.map = root.querySelector("[data-sensor-map]");
    this.tip = root.querySelector("[data-sensor-tip]");
    this.points = JSON.parse(root.querySelector("[data-sensor-points] script").textContent);
    this.size = { width: Number(this.map.dataset.width), height: Number(this.map.dataset.height) };
    const { x, y, width } = this.map.viewBox.baseVal;
    this.box = { x, y, width };
    root.querySelector("[data-sensor-how]").hidden = false;
    this.measure();
    this.frame.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.frame.addEventListener("pointerdown", (event) => this.press(event));
    this.frame.addEventListener("pointermove", (event) => this.point(event));
    this.frame.addEventListener("pointerleave", () => this.tell(null));
    this.frame.addEventListener("keydown", (event) => this.key(event));
  }

  get scale() {
    return this.box.width / this.map.clientWidth;
  }

  measure() {
    this.map.style.setProperty("--unit", this.scale.toFixed(4));
  }

  wheel(event) {
    event.preventDefault();
    const at = this.place(event);
    this.zoom(Math.exp(event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), at);
  }

  place(event) {
    const edge = this.map.getBoundingClientRect();
    return { x: this.box.x + (event.clientX - edge.left) * this.scale, y: this.box.y + (event.clientY - edge.top) * this.scale };
  }

  /** Keeps the point where it is on the screen. */
  zoom(factor, at = { x: this.box.x + this.box.width / 2, y: this.box.y + (this.box.width * this.ratio) / 2 }) {
    const width = Math.min(Math.max(this.box.width * factor, Math.min(LEAST_PX, this.size.width)), this.size.width);
    const by = width / this.box.width;
    this.show({ x: at.x - (at.x - this.box.x) * by, y: at.y - (at.y - this.box.y) * by, width });
  }

  get ratio() {
    return this.size.height / this.size.width;
  }

  show({ x, y, width }) {
    const height = width * this.ratio;
    this.box = {
      x: Math.min(Math.max(x, 0), this.size.width - width),
      y: Math.min(Math.max(y, 0), this.size.height - height),
      width,
    };
    this.map.setAttribute("viewBox", `${this.box.x} ${this.box.y} ${width} ${height}`);
    this.measure();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.renew(this.address()), REST_MS);
  }

  /** The page's address for the part that is seen. */
  address() {
    const address = new URL(location.href);
    const { x, y, width } = this.box;
    address.searchParams.delete("page");
    if (width >= this.size.width) address.searchParams.delete("box");
    else address.searchParams.set("box", [x, y, x + width, y + width * this.ratio].map((edge) => edge.toFixed(1)).join(","));
    return address.href;
  }

  async renew(address) {
    this.asked = address;
    history.replaceState(null, "", address);
    const fresh = await getPartial(address).catch(() => null);
    if (!fresh || this.asked !== address || this.isHeld) return;
    const hadFocus = this.root.contains(document.activeElement) ? document.activeElement : null;
    const name = hadFocus?.dataset.sensorMove;
    const inFrame = hadFocus === this.frame;
    this.root.replaceChildren(...fresh.childNodes);
    this.take();
    if (inFrame) this.frame.focus({ preventScroll: true });
    if (name) this.root.querySelector(`[data-sensor-move="${name}"]`)?.focus({ preventScroll: true });
  }

  follow(event) {
    const link = event.target.closest("[data-sensor-move], [data-sensor-zoom]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.sensorMove) this.move(link.dataset.sensorMove);
    else this.renew(link.href).then(() => this.frame.scrollIntoView({ block: "nearest" }));
  }

  move(name) {
    if (name === "in") this.zoom(0.5);
    else if (name === "out") this.zoom(2);
    else if (name === "whole") this.show({ x: 0, y: 0, width: this.size.width });
    else this.show({ ...this.box, x: this.box.x + MOVES[name][0] * this.box.width, y: this.box.y + MOVES[name][1] * this.box.width * this.ratio });
  }

  key(event) {
    const name = KEYS[event.key];
    if (!name || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.move(name);
  }

  press(event) {
    if (event.button !== 0 || event.pointerType === "touch") return;
    const start = { x: event.clientX, y: event.clientY, box: { ...this.box } };
    this.frame.setPointerCapture(event.pointerId);
    const drag = (moved) => {
      const [across, down] = [moved.clientX - start.x, moved.clientY - start.y];
      if (!this.isHeld && Math.hypot(across, down) < 4) return;
      this.isHeld = true;
      this.frame.classList.add("is-moving");
      this.show({ ...start.box, x: start.box.x - across * this.scale, y: start.box.y - down * this.scale });
    };
    const end = (ended) => {
      this.frame.removeEventListener("pointermove", drag);
      this.frame.classList.remove("is-moving");
      if (!this.isHeld && ended.type === "pointerup") this.open(ended);
      this.isHeld = false;
    };
    this.frame.addEventListener("pointermove", drag);
    this.frame.addEventListener("pointerup", end, { once: true });
    this.frame.addEventListener("pointercancel", end, { once: true });
  }

  nearest(event) {
    const at = this.place(event);
    let [found, least] = [null, REACH_PX * this.scale];
    for (const point of this.points) {
      const away = Math.hypot(point[1] - at.x, point[2] - at.y);
      if (away < least) [found, least] = [point, away];
    }
    return found;
  }

  point(event) {
    this.tell(this.isHeld ? null : this.nearest(event), event);
  }

  tell(point, event) {
    this.frame.classList.toggle("is-on-flag", Boolean(point));
    this.tip.hidden = !point;
    if (!point) return;
    this.tip.textContent = point[3];
    const edge = this.frame.getBoundingClientRect();
    const isRight = event.clientX - edge.left > edge.width / 2;
    this.tip.style.left = isRight ? "auto" : `${event.clientX - edge.left + 12}px`;
    this.tip.style.right = isRight ? `${edge.right - event.clientX + 12}px` : "auto";
    this.tip.style.top = `${Math.min(event.clientY - edge.top + 12, edge.height - 32)}px`;
  }

  /** A click on a flag opens it; elsewhere on a crowded map it zooms in there. */
  open(event) {
    const point = this.nearest(event);
    if (point) location.assign(this.map.dataset.flag.replace("/0/", `/${point[0]}/`));
    else if (this.map.querySelector(".sensor-cells")) this.zoom(0.4, this.place(event));
  }
}
