// Decisions on their way to the server: one after the other, tried again when the line is down.
import { persist } from "./persist.js";
import { postForm, Refused } from "./server.js";

export class Decisions {
  constructor({ urls }) {
    this.urls = urls;
    this.line = Promise.resolve();
    this.undone = []; // actions taken back since the last new one, for doing them again
  }

  /** One action on one frame or several; resolves when the server has it, rejects with a sentence. */
  decide(frames, change) {
    this.undone.length = 0;
    return this.#send(frames, change);
  }

  /** Picks a frame in place of another, which gets the verdict `left`. */
  takeInstead(frame, { instead_of, left }) {
    this.undone.length = 0;
    return this.#queue(() => postForm(this.urls.decide.replace("{n}", frame), { instead_of, left }));
  }

  /** Takes back this person's last action: the states that its frames have again; null when there is none left. */
  async undo() {
    try {
      const { states } = await this.#queue(() => postForm(this.urls.undo));
      this.undone.push(states);
      return states;
    } catch (error) {
      if (error instanceof Refused && error.status === 409) return null;
      throw error;
    }
  }

  /** Does again what was taken back last, as one action; null when there is nothing. */
  async redo() {
    const states = this.undone.pop();
    if (!states) return null;
    const action = crypto.randomUUID?.() ?? "";
    const alike = groupBy(states);
    const again = [];
    for (const [said, group] of alike) {
      const frames = group.map(({ frame_index: frame }) => frame);
      await this.#send(frames, JSON.parse(said), action);
      again.push(...frames.map((frame) => ({ frame_index: frame, ...JSON.parse(said) })));
    }
    return again;
  }

  #send([first, ...others], { verdict, stars }, action = "") {
    const fields = {};
    if (verdict !== undefined) fields.verdict = verdict;
    if (stars !== undefined) fields.stars = String(stars);
    if (others.length) fields.frames = others.join(",");
    if (action) fields.action = action;
    return this.#queue(() => postForm(this.urls.decide.replace("{n}", first), fields));
  }

  #queue(send) {
    const sent = this.line.then(() => persist(send));
    this.line = sent.catch(() => {});
    return sent;
  }
}

function groupBy(states) {
  const groups = new Map();
  for (const state of states) {
    const key = JSON.stringify(state.undone);
    groups.set(key, [...(groups.get(key) ?? []), state]);
  }
  return groups;
}
