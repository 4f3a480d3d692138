// One websocket a page: passes messages on by their type, and tells when it was away and is back.
import { say } from "./notices.js";

const SIGNED_OUT = 4401;
const LONGEST_WAIT_MS = 15000;
const listeners = new Map();
let wait_ms = 1000;
let wasOpen = false;

/** Calls back with every message of a type: "job", "stills", "decision"; "again" after a break in the line. */
export function onLive(type, listener) {
  if (!listeners.has(type)) listeners.set(type, new Set());
  listeners.get(type).add(listener);
}

export function bind(body) {
  connect(new URL(body.dataset.live, location.href.replace(/^http/, "ws")));
}

function connect(address) {
  const socket = new WebSocket(address);
  socket.addEventListener("open", () => {
    wait_ms = 1000;
    if (wasOpen) tell("again", {});
    wasOpen = true;
  });
  socket.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    tell(message.type, message);
  });
  socket.addEventListener("close", (event) => {
    if (event.code === SIGNED_OUT) {
      say("You are signed out. Reload the page to sign in again.", { kind: "error", lasting_ms: 0 });
      return;
    }
    setTimeout(() => connect(address), wait_ms);
    wait_ms = Math.min(wait_ms * 2, LONGEST_WAIT_MS);
  });
}

function tell(type, message) {
  for (const listener of listeners.get(type) ?? []) listener(message);
}
