// What people decide reaches the server though the line is down for a while.
import { Refused } from "./server.js";

const TRIES = 4;
const WAIT_MS = 700;

/** Asks until the server answers, with longer and longer waits; what the server refuses is not asked again. */
export async function persist(ask) {
  for (let tried = 1; ; tried++) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof Refused && error.status < 500) throw error;
      if (tried === TRIES) throw new Error("The decision could not be saved: the server does not answer. Try again.");
      await new Promise((done) => setTimeout(done, WAIT_MS * 2 ** tried));
    }
  }
}
