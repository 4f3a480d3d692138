// Talking to the server: pages' own parts, JSON, and forms with the token that guards them.

/** A refusal with the server's own sentence. */
export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

/** Fetches the part of a page that an address stands for, as an element. */
export async function getPartial(address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true", Accept: "text/html" } });
  if (!answer.ok) throw new Refused(answer.status, "The server did not answer as expected. Reload the page.");
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  return template.content.firstElementChild;
}

/** Fetches a whole page, for a part of it that has no address of its own. */
export async function getText(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Refused(answer.status, "The server did not answer as expected. Reload the page.");
  return answer.text();
}

export async function getJson(address, { signal } = {}) {
  return read(await fetch(address, { headers: { Accept: "application/json" }, signal }));
}

export async function postForm(address, fields = {}) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
    body: new URLSearchParams(fields),
  });
  return read(answer);
}

export function csrfToken() {
  return document.body.dataset.csrf;
}

async function read(answer) {
  const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
  const content = isJson ? await answer.json() : null;
  if (answer.ok && content !== null) return content;
  const signedOut = answer.redirected || answer.status === 401;
  const fallback = signedOut ? "You are signed out. Reload the page to sign in again." : `The server answered ${answer.status}.`;
  throw new Refused(answer.status, content?.detail ?? fallback);
}
