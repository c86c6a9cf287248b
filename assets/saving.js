// Keeps a manuscript on the server: what changed since the last saving, as splices of code points, each with a mark so that one
// that is sent twice is made once. What could not be sent waits in IndexedDB, and goes first after a reload.
import { ask, Refusal } from "./asking.js";
import { commonStart, notToSave } from "./sheet.js";
import { ChangeSet } from "./vendor/codemirror.js";

const PAUSE = 800;
const LONGEST_PAUSE = 3000;
const KEPT_LOCALLY_AFTER = 300;
const LONGEST_INSERT = 100_000;
const LARGEST_BATCH = 250_000;
// The browser lets a page that leaves send so much.
const LARGEST_FAREWELL = 60_000;
const PATIENCE = [1000, 2000, 3000, 5000];

/** How many code points a text has: JavaScript counts UTF-16 units. */
export function points(text) {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit <= 0xdbff) { const next = text.charCodeAt(at + 1); if (next >= 0xdc00 && next <= 0xdfff) { count -= 1; at += 1; } }
  }
  return count;
}

/** The UTF-16 offset of a code point. */
export function units(text, point) {
  let at = 0;
  for (let left = point; left > 0 && at < text.length; left -= 1) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return at;
}

/** One change that makes `now` of `before`, in UTF-16. */
export function difference(before, now) {
  const from = commonStart(before, now);
  let end = 0;
  const most = Math.min(before.length, now.length) - from;
  while (end < most && before.charCodeAt(before.length - 1 - end) === now.charCodeAt(now.length - 1 - end)) end += 1;
  const first = before.charCodeAt(before.length - end);
  if (end > 0 && first >= 0xdc00 && first <= 0xdfff) end -= 1;
  return { from, to: before.length - end, insert: now.slice(from, now.length - end) };
}

const spliceOf = (text, change) => ({
  at: points(text.slice(0, change.from)),
  removed: points(text.slice(change.from, change.to)),
  inserted: change.insert,
  by: "writer",
  mark: crypto.randomUUID(),
});

export class Saver {
  /** `heard`: state("saved" | "saving" | "unsaved"), offline(boolean, sentence), conflict(), gone(), refused(sentence). */
  constructor(sheet, heard) {
    // A mark says which page made a change, in which collection of its changes, and whether it was the last one there.
    this.page = crypto.randomUUID();
    this.collected = 0;
    this.sheet = sheet;
    this.heard = heard;
    this.id = null;
    this.rest = ChangeSet.empty(0);
    this.queue = [];
    this.turn = Promise.resolve();
  }

  /** From now on keep this manuscript, which the server has as `before`. */
  begin(id, version, before) {
    clearTimeout(this.timer);
    clearTimeout(this.local);
    this.local = this.since = null;
    this.id = id;
    this.version = version;
    this.before = before;
    this.rest = ChangeSet.empty(before.length);
    this.queue = [];
    this.failures = 0;
    this.stopped = false;
  }

  /** Send these first: the text shows them already, the server may not have them. */
  resume(splices) {
    this.queue = [...splices];
    this.before = this.sheet.doc;
    this.rest = ChangeSet.empty(this.before.length);
    this.save();
  }

  get dirty() { return this.queue.length > 0 || !this.rest.empty; }
  /** Whether leaving now would lose something that this page cannot send in passing. */
  get atRisk() { return this.dirty && (this.stopped || this.failures > 0 || this.size() > LARGEST_FAREWELL); }

  changed(transactions) {
    let news = false;
    for (const transaction of transactions) {
      if (!transaction.docChanged || transaction.annotation(notToSave) || !this.id) continue;
      this.rest = this.rest.compose(transaction.changes);
      news = true;
    }
    if (!news) return;
    this.heard.state("unsaved");
    this.local ||= setTimeout(() => this.keep(), KEPT_LOCALLY_AFTER);
    this.soon(PAUSE);
  }

  /** Save after a pause, or when it was put off for long, as by a text that streams in. */
  soon(milliseconds) {
    if (this.stopped || this.failures > 0) return;
    this.since ??= performance.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), Math.max(0, Math.min(milliseconds, this.since + LONGEST_PAUSE - performance.now())));
  }

  /** What is not queued yet, as splices for the text after those before it. */
  splices() {
    const made = [];
    const text = this.sheet.text;
    const before = this.before;
    this.rest.iterChanges((fromBefore, toBefore, from, to) => {
      let removed = points(before.sliceString(fromBefore, toBefore));
      const pieces = this.pieces(from, to);
      if (!pieces.length) pieces.push({ from, to: from, origin: null });
      for (const piece of pieces) {
        const origin = piece.origin;
        made.push({
          at: points(text.slice(0, piece.from)), removed, inserted: text.slice(piece.from, piece.to),
          by: origin ? "model" : "writer", mark: crypto.randomUUID(), ...(origin || {}),
        });
        removed = 0;
      }
    });
    return made;
  }

  /** [from, to) by whose words they are, in parts that one request can carry. */
  pieces(from, to) {
    const found = [];
    let at = from;
    this.sheet.marks.between(from, to, (start, end, mark) => {
      if (start >= to || end <= from) return;
      if (start > at) found.push({ from: at, to: start, origin: null });
      found.push({ from: Math.max(at, start), to: Math.min(to, end), origin: mark.spec.origin });
      at = Math.min(to, end);
    });
    if (at < to) found.push({ from: at, to, origin: null });
    return found.flatMap((piece) => this.parts(piece));
  }

  parts(piece) {
    const made = [];
    for (let at = piece.from; at < piece.to;) {
      let end = Math.min(piece.to, at + LONGEST_INSERT);
      const last = this.sheet.doc.sliceString(end - 1, end).charCodeAt(0);
      if (end < piece.to && last >= 0xd800 && last <= 0xdbff) end -= 1;
      made.push({ ...piece, from: at, to: end });
      at = end;
    }
    return made;
  }

  collect() {
    if (this.rest.empty) return;
    this.collected += 1;
    const made = this.splices();
    made.forEach((splice, number) => { splice.mark = `${this.page}:${this.collected}:${number}:${number === made.length - 1 ? "end" : ""}`; });
    this.queue.push(...made);
    this.before = this.sheet.doc;
    this.rest = ChangeSet.empty(this.before.length);
  }

  size() { return this.queue.reduce((sum, splice) => sum + splice.inserted.length * 3 + 200, 0) + this.rest.newLength - this.rest.length; }

  /** Send what there is; one after the other, however often it is called. */
  save() {
    const id = this.id;
    // A mistake in one saving shall not be the end of all that follow.
    this.turn = this.turn.catch(() => {}).then(() => (this.id === id ? this.send() : undefined));
    return this.turn;
  }

  async send() {
    clearTimeout(this.timer);
    this.since = null;
    if (this.stopped || !this.id) return;
    this.collect();
    const id = this.id;
    try {
      while (this.queue.length) {
        this.heard.state("saving");
        const batch = this.batch();
        const answer = await ask("PATCH", `/api/manuscripts/${encodeURIComponent(id)}`, { base_version: this.version, changes: batch });
        if (this.id !== id) return;
        this.version = answer.version;
        this.queue.splice(0, batch.length);
      }
      this.recovered();
      if (!this.dirty) { await forget(id); this.heard.state("saved"); }
    } catch (error) {
      if (this.id === id) this.failed(error);
    }
  }

  batch() {
    let size = 0, count = 0;
    while (count < this.queue.length && count < 500 && (count === 0 || size + this.queue[count].inserted.length < LARGEST_BATCH)) size += this.queue[count++].inserted.length;
    return this.queue.slice(0, count);
  }

  recovered() {
    if (this.failures > 0) this.heard.offline(false);
    this.failures = 0;
  }

  failed(error) {
    this.keep();
    this.heard.state("unsaved");
    if (error instanceof Refusal && error.status < 500) {
      this.stopped = true;
      if (error.code === "manuscript_changed") this.heard.conflict();
      else if (error.code === "no_manuscript") this.heard.gone();
      else if (error.code === "in_use") { this.stopped = false; this.again(); }
      else this.heard.refused(error.message);
      return;
    }
    // A server that answers has a sentence of its own, as for a full disk.
    this.heard.offline(true, error instanceof Refusal ? error.message : "");
    this.again();
  }

  again() {
    const pause = PATIENCE[Math.min(this.failures, PATIENCE.length - 1)];
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  /** Try at once, as when the browser says that it is online again. */
  hurry() { if (this.failures > 0) { clearTimeout(this.timer); this.save(); } }

  /** The page is left: send what there is in passing. What was sent already, and not answered, goes along and is made once. */
  leave() {
    if (!this.id || this.stopped) return;
    this.collect();
    if (!this.queue.length) return;
    this.keep();
    if (this.size() > LARGEST_FAREWELL) return;
    ask("PATCH", `/api/manuscripts/${encodeURIComponent(this.id)}`, { base_version: this.version, changes: this.queue }, { keepalive: true }).catch(() => {});
    this.soon(PAUSE);
  }

  /** What is not on the server yet, in this browser. */
  keep() {
    clearTimeout(this.local);
    this.local = null;
    if (!this.id || !this.dirty) return;
    keepLocally({ id: this.id, base: this.version, splices: [...this.queue, ...this.splices()], text: this.sheet.text,
      page: this.page, collected: this.collected + (this.rest.empty ? 0 : 1) });
  }

  /** Two texts differ: from here on the server's is `theirs`. Both are in the history, whichever stays. */
  async settle(theirs, mine, keepMine) {
    const there = difference(theirs.text, mine);
    const changes = [spliceOf(theirs.text, there)];
    if (!keepMine) changes.push(spliceOf(mine, difference(mine, theirs.text)));
    const answer = await ask("PATCH", `/api/manuscripts/${encodeURIComponent(theirs.id)}`, { base_version: theirs.version, changes });
    await forget(theirs.id);
    return answer.version;
  }
}

/** Whether the server has all that was kept here: a later collection of the same page's changes holds the earlier ones. */
export function arrived(kept, mark) {
  const [page, collected, , end] = mark.split(":");
  return page === kept.page && (Number(collected) > kept.collected || (Number(collected) === kept.collected && end === "end"));
}

// ---- this browser's own store: only what the server has not got yet ----

let opened = null;
function store() {
  opened ||= new Promise((resolve, reject) => {
    const asked = indexedDB.open("moxu", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("unsaved", { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function transact(mode, act) {
  try {
    const transaction = (await store()).transaction("unsaved", mode);
    const asked = act(transaction.objectStore("unsaved"));
    return await new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  } catch {
    // Private browsing may have no such store: then the page alone keeps the words.
    return undefined;
  }
}

const keepLocally = (row) => transact("readwrite", (rows) => rows.put(row));
export const keptLocally = (id) => transact("readonly", (rows) => rows.get(id));
export const forget = (id) => transact("readwrite", (rows) => rows.delete(id));
