// A reel's page: joins the player, the clips and the steps sent to the server, and keeps them as the reel is now.
import { ReelClips } from "./reel_clips.js";
import { ReelPlayer } from "./reel_player.js";
import { StepLine } from "./step_line.js";

export function bind(root) {
  new ReelPage(root);
}

class ReelPage {
  constructor(root) {
    this.root = root;
    this.part = root.querySelector("#reel");
    this.mayEdit = "mayEdit" in root.dataset;
    this.line = new StepLine(this.part);
    this.player = new ReelPlayer(root.querySelector("[data-reel-player]"));
    this.clips = new ReelClips(this);
    this.part.addEventListener("ava:renewed", () => this.#draw(true));
    root.addEventListener("submit", (event) => this.#submit(event));
    this.#draw(false);
  }

  do(fields, address = this.root.dataset.do) {
    return this.line.send(address, fields);
  }

  step(kind) {
    return this.do({}, this.root.dataset[kind]);
  }

  /** What a form says goes without loading the page again; exports and the reel's own settings stay forms. */
  #submit(event) {
    const form = event.target;
    if (form.dataset.step) this.step(form.dataset.step);
    else if (form.closest("[data-clip], [data-proposal]")) this.clips.submit(form, event.submitter);
    else return;
    event.preventDefault();
  }

  #draw(isNew) {
    const head = this.part.querySelector("[data-head]");
    if (isNew && head) this.root.querySelector("[data-reel-head]").replaceChildren(head.content.cloneNode(true));
    for (const hidden of this.part.querySelectorAll("[data-only-script]")) hidden.hidden = false;
    const facts = JSON.parse(this.part.querySelector("#reel-facts").textContent);
    this.player.show(facts);
    this.clips.draw(facts);
  }
}
