// What colleagues decide and what an analysis renews, as it happens; after a break in the line all is fetched again.
import { onLive } from "./live.js";

const GATHER_MS = 400;

/** Calls `decided(states, who)` with what others and oneself said of this film, `renew()` when stills or people are new. */
export function followBoard({ video, scope, decided, renew }) {
  let waiting = null;
  const renewSoon = () => { // several messages in a row are one reason
    clearTimeout(waiting);
    waiting = setTimeout(renew, GATHER_MS);
  };
  onLive("decision", (message) => message.video_id === video && decided([message], message.user));
  onLive("decisions", (message) => message.video_id === video && decided(message.states, message.user));
  onLive("people", (message) => (message.video_id === video || message.scope_id === scope()) && renewSoon());
  onLive("stills", (message) => message.video_id === video && renewSoon());
  onLive("again", renew);
}
