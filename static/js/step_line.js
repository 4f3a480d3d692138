// Steps that a person takes on a list, sent one after the other, each followed by the part drawn as it is now.
import { say } from "./notices.js";
import { postForm } from "./server.js";

export class StepLine {
  #sent = Promise.resolve();

  constructor(part) {
    this.part = part;
  }

  send(address, fields) {
    this.#sent = this.#sent.then(async () => {
      try {
        const { sentence } = await postForm(address, fields);
        if (sentence) say(sentence);
      } catch (error) {
        say(error.message, { kind: "error" });
      }
      this.part.dispatchEvent(new Event("ava:renew"));
    });
    return this.#sent;
  }
}
