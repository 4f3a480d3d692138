// One film on its way to the server by tus: can pause, goes on after a lost connection, and asks how it ended.
import "../vendor/tus.js";
import { csrfToken, getJson } from "./server.js";

const CHUNK_BYTES = 16 * 2 ** 20;
const RETRY_DELAYS_MS = [0, 1000, 3000, 5000, 10000, 20000, 30000];
const SPEED_OVER_MS = 8000;
const ASK_EVERY_MS = 1000;

/** Fires "change" whenever `state`, `sent`, `per_s` or `sentence` changed. States: sending, waiting, paused,
 *  checking, done, duplicate, failed. */
export class Transfer extends EventTarget {
  constructor(file, { endpoint, titleId, address = null, received = 0 }) {
    super();
    Object.assign(this, { file, state: "sending", sent: received, size: file.size, per_s: null, sentence: "", outcome: null });
    this.samples = [];
    this.upload = new window.tus.Upload(file, {
      endpoint,
      uploadUrl: address,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_DELAYS_MS,
      storeFingerprintForResuming: false, // the server's own list says what is unfinished, on any machine
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
      metadata: { filename: file.name, title: String(titleId), filetype: file.type },
      onProgress: (sent) => this.#progress(sent),
      onShouldRetry: (error) => this.#shouldRetry(error),
      onError: (error) => this.#failed(error),
      onSuccess: () => this.#sentAll(),
    });
  }

  start() {
    this.samples = [];
    this.#become("sending");
    this.upload.start();
  }

  async pause() {
    await this.upload.abort();
    this.#become("paused");
  }

  /** Stops and has the server forget what it received. */
  async discard() {
    await this.upload.abort(Boolean(this.upload.url));
  }

  get seconds_left() {
    return this.per_s ? (this.size - this.sent) / this.per_s : null;
  }

  #progress(sent) {
    const now = performance.now();
    this.samples = [...this.samples.filter(([at]) => now - at < SPEED_OVER_MS), [now, sent]];
    const [at, before] = this.samples[0];
    this.per_s = now - at > 500 ? Math.max(0, ((sent - before) / (now - at)) * 1000) : this.per_s;
    this.sent = sent;
    this.#become("sending");
  }

  #shouldRetry(error) {
    const status = error.originalResponse?.getStatus() ?? 0;
    const again = status === 0 || status >= 500 || status === 409 || status === 423;
    if (again && status !== 507) this.#become("waiting", "The connection was lost. It goes on by itself when it is back.");
    return again && status !== 507;
  }

  #failed(error) {
    const answer = error.originalResponse;
    const status = answer?.getStatus() ?? 0;
    if (status === 0) {
      this.#become("paused", "The connection was lost for too long. Nothing that arrived is lost; go on when it is back.");
    } else {
      this.#become("failed", sentenceOf(answer) ?? `The server answered ${status}.`);
    }
  }

  async #sentAll() {
    this.sent = this.size;
    this.#become("checking");
    for (;;) {
      try {
        const outcome = await getJson(this.upload.url);
        if (outcome.state === "failed") return this.#become("failed", outcome.error);
        if (outcome.state === "done") {
          this.outcome = outcome;
          return this.#become(outcome.is_duplicate ? "duplicate" : "done");
        }
      } catch (error) {
        if (error.status === 404) return this.#become("failed", "The server no longer knows this upload.");
      }
      await new Promise((done) => setTimeout(done, ASK_EVERY_MS));
    }
  }

  #become(state, sentence = "") {
    this.state = state;
    this.sentence = sentence;
    this.dispatchEvent(new Event("change"));
  }
}

function sentenceOf(answer) {
  try {
    const content = JSON.parse(answer.getBody());
    return content.detail ?? null;
  } catch {
    return null;
  }
}
