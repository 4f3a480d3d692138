// Deciding on the board: shown at once, sent in the background, taken back and done again action by action.
import { Decisions } from "./decisions.js";
import { say } from "./notices.js";

export class BoardDecisions extends EventTarget {
  /** Fires "refused" when the server refused what was shown already, "new" when a frame has become a still. */
  constructor(settings, { index }) {
    super();
    Object.assign(this, { settings, index, sender: new Decisions(settings) });
  }

  get mayDecide() {
    if (!this.settings.may_edit) say("Only editors and administrators of this title's teams decide on its stills.", { kind: "error" });
    return this.settings.may_edit;
  }

  /** One action on some stills: marked at once; what the server refuses is taken back, with its reason. */
  async decide(rows, change) {
    const index = this.index();
    const before = rows.map((row) => [row, index.state(row)]);
    const news = before.filter(([, state]) => Object.entries(change).some(([name, value]) => state[name] !== value));
    if (news.length === 0) return;
    for (const [row] of news) index.decide(row, { ...change, who: this.settings.user });
    const frames = news.map(([row]) => index.frame[row]);
    try {
      await this.sender.decide(frames, change);
    } catch (error) {
      const now = this.index(); // may be another one by now, with other rows
      frames.forEach((frame, place) => now.rowOf(frame) >= 0 && now.decide(now.rowOf(frame), news[place][1]));
      say(error.message, { kind: "error" });
      this.dispatchEvent(new Event("refused"));
    }
  }

  /** A frame that is none yet becomes a still by being decided on; so does one taken in place of another. */
  async decideFrame(frame, change) {
    await this.#keep(frame, () => this.sender.decide([frame], change), "This frame is a still now.");
  }

  async takeInstead(frame, { instead_of, left }) {
    await this.#keep(frame, () => this.sender.takeInstead(frame, { instead_of, left }), "This frame is picked in place of the other.");
  }

  async #keep(frame, send, sentence) {
    try {
      await send();
      this.dispatchEvent(new CustomEvent("new", { detail: frame }));
      say(sentence);
    } catch (error) {
      say(error.message, { kind: "error" });
    }
  }

  /** Takes back the last action, or does again what was taken back; gives the states that came of it, or null. */
  async turn(way) {
    if (!this.mayDecide) return null;
    try {
      const states = await (way === "undo" ? this.sender.undo() : this.sender.redo());
      if (states === null) say(way === "undo" ? "There is nothing left to undo." : "There is nothing to do again.");
      return states;
    } catch (error) {
      say(error.message, { kind: "error" });
      return null;
    }
  }
}
