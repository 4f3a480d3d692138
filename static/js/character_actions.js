// What is said about people on its way to the server, one after the other; the server's sentence tells what it did.
import { say } from "./notices.js";
import { postForm, Refused } from "./server.js";

const NOTHING_LEFT = 409;

export class CharacterActions {
  /** `urls` are `do` and `undo`; `renew(answer)` draws the page anew after each, whatever came of it. */
  constructor(urls, { renew }) {
    this.urls = urls;
    this.renew = renew;
    this.line = Promise.resolve();
    this.waiting = 0;
  }

  get isBusy() {
    return this.waiting > 0;
  }

  /** Resolves with the server's answer, null when it refused. Fields are pairs or an object. */
  do(fields) {
    return this.#queue(() => postForm(this.urls.do, fields));
  }

  undo() {
    return this.#queue(() => postForm(this.urls.undo));
  }

  #queue(send) {
    this.waiting += 1;
    const sent = this.line.then(async () => {
      const answer = await tell(send);
      this.waiting -= 1;
      await this.renew(answer);
      return answer;
    });
    this.line = sent;
    return sent;
  }
}

async function tell(send) {
  try {
    const answer = await send();
    say(answer.sentence);
    return answer;
  } catch (error) {
    say(error.message, { kind: error instanceof Refused && error.status === NOTHING_LEFT ? "" : "error" });
    return null;
  }
}

/** What a form says, with the button that sent it. */
export function formFields(form, submitter) {
  return [...new FormData(form, submitter)].filter(([name]) => name !== "csrfmiddlewaretoken" && name !== "next");
}

export function isUndo(event) {
  return event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
}

/** Whether a message is about the cast of this page; those of an analysis do not say whose cast it is. */
export function isAbout(root, message) {
  return message.scope_id === undefined || String(message.scope_id) === root.dataset.scope;
}
