// Decisions on their way to the server: one after the other, tried again when the line is down.
import { postForm, Refused } from "./server.js";

const TRIES = 4;
const WAIT_MS = 700;

export class Decisions {
  constructor({ urls }) {
    this.urls = urls;
    this.line = Promise.resolve();
  }

  /** Resolves with the frame's state as the server has it; rejects with a sentence. */
  decide(frame, { verdict, stars }) {
    const fields = {};
    if (verdict !== undefined) fields.verdict = verdict;
    if (stars !== undefined) fields.stars = String(stars);
    return this.#queue(() => postForm(this.urls.decide.replace("{n}", frame), fields));
  }

  /** Takes back this person's last decision; null when there is none left. */
  async undo() {
    try {
      return await this.#queue(() => postForm(this.urls.undo));
    } catch (error) {
      if (error instanceof Refused && error.status === 409) return null;
      throw error;
    }
  }

  #queue(send) {
    const sent = this.line.then(() => persist(send));
    this.line = sent.catch(() => {});
    return sent;
  }
}

async function persist(send) {
  for (let tried = 1; ; tried++) {
    try {
      return await send();
    } catch (error) {
      const isFinal = error instanceof Refused && error.status < 500;
      if (isFinal || tried === TRIES) {
        throw isFinal ? error : new Error("The decision could not be saved: the server does not answer. Try again.");
      }
      await new Promise((done) => setTimeout(done, WAIT_MS * 2 ** tried));
    }
  }
}
