// Speaking to the studio's own routes, in the language of the page.

/** What a route refuses: `message` is a sentence for the person, `code` what the scripts go by. */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The answer to a request, whole; a Refusal if it is one, a TypeError if nobody answered. */
export async function ask(method, path, body, more = {}) {
  const answer = await send(method, path, body, more);
  return answer.json();
}

/** The rows of an answer in JSON lines, as they come; a last line without its end is a connection that broke. */
export async function* askForLines(path, body, signal) {
  const answer = await send("POST", path, body, { signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line) yield JSON.parse(line);
  }
  if (rest) throw new TypeError("the answer broke off");
}

async function send(method, path, body, more) {
  const answer = await fetch(path, {
    method,
    headers: { "X-Moxu-Language": window.moxu.language, ...(body ? { "Content-Type": "application/json" } : {}) },
    body: body ? JSON.stringify(body) : undefined,
    ...more,
  });
  if (answer.ok) return answer;
  let error = {};
  try { error = (await answer.json()).error || {}; } catch { /* no sentence of ours */ }
  throw new Refusal(answer.status, error.code || "", error.message || "");
}
