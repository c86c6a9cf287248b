// The writing desk: the sheet, its bar, the candidates and the line of facts below; asks a model to go on, and takes what comes.
import { askForLines, ask, Refusal } from "./asking.js";
import { Candidates, button, fill, languageOf } from "./candidates.js";
import { Manuscripts } from "./manuscripts.js";
import { Saver, points } from "./saving.js";
import { Sheet } from "./sheet.js";

// More than any of our networks can look back.
const LONGEST_PROMPT = 8000;
// Text appears in steps, never faster than this.
const STEP = 60;

/** Called by the page when the desk's place is there; the words come with it. */
export function mount(element) {
  const place = element.querySelector(".writing");
  if (!place || place.dataset.mounted) return;
  place.dataset.mounted = "yes";
  const desk = new Desk(place, JSON.parse(place.dataset.words));
  desk.manuscripts.begin();
}

class Desk {
  constructor(place, words) {
    this.words = { ...words, phrases: window.moxu.language === "zh" ? PHRASES : {} };
    this.writing = null;
    this.last = null;
    this.build(place);
    this.sheet = new Sheet(this.frame, this.words, {
      changed: (transactions) => this.changed(transactions),
      takenOver: () => this.stop("taken_over"),
      beforeUndo: () => this.stop(),
      languageOf,
    });
    this.saver = new Saver(this.sheet, {
      state: (state) => this.tellSaved(state),
      offline: (off, sentence) => this.tellOffline(off, sentence),
      conflict: () => this.manuscripts.disagree(),
      gone: () => this.manuscripts.gone(),
      refused: (sentence) => this.notice(sentence),
    });
    this.manuscripts = new Manuscripts(this.head, this);
    this.head.append(this.saved);
    this.cards = new Candidates(this.below, this.words, (text, origin) => this.take(text, origin));
    this.listen(place);
    this.controls();
  }

  build(place) {
    const words = this.words;
    this.place = place;
    this.head = part("div", "bar desk-head");
    this.saved = part("span", "quiet saved");
    this.strip = part("div", "strip");
    this.strip.setAttribute("role", "alert");
    this.strip.hidden = true;
    this.frame = part("div", "sheet-frame");
    this.start = part("div", "start");
    this.start.hidden = true;
    this.bar = part("div", "bar desk-bar");
    this.going = button(words.continue, "", () => this.goOn());
    this.going.classList.add("primary");
    this.going.title = words.continue_hint;
    this.stopping = button(words.stop, "", () => this.stop());
    this.stopping.title = words.stop_hint;
    this.againing = button(words.again, "", () => this.goOn(true));
    this.againing.title = words.again_hint;
    this.undoing = button("↶", words.undo, () => this.sheet.undo());
    this.undoing.title = words.undo;
    this.redoing = button("↷", words.redo, () => this.sheet.redo());
    this.redoing.title = words.redo;
    this.settings = button("⚙", words.settings, () => this.fold());
    this.settings.title = words.settings;
    this.settings.classList.add("only-phone");
    this.settings.setAttribute("aria-expanded", "false");
    this.bar.append(this.going, this.stopping, this.againing, this.undoing, this.redoing, this.settings);
    this.below = part("div", "desk-below");
    this.facts = part("div", "quiet desk-facts");
    this.spoken = part("div", "sr-only");
    this.spoken.setAttribute("aria-live", "polite");
    place.append(this.head, this.strip, this.start, this.frame, this.bar, this.facts, this.below, this.spoken);
  }

  listen(place) {
    // Also where nothing has the focus, as after a reload.
    document.addEventListener("keydown", (event) => {
      if (place.offsetParent && (place.contains(event.target) || event.target === document.body)) this.key(event);
    }, true);
    document.addEventListener("moxu:writing", () => this.controls());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.saver.save() : this.manuscripts.refresh()));
    window.addEventListener("focus", () => this.manuscripts.refresh());
    window.addEventListener("online", () => this.saver.hurry());
    window.addEventListener("pagehide", () => { this.manuscripts.keepCaret(); this.saver.leave(); });
    window.addEventListener("beforeunload", (event) => { if (this.saver.atRisk) event.preventDefault(); });
  }

  /** By `code`, since an input method gives keys other names; not while it puts a word together. */
  key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const command = event.ctrlKey || event.metaKey;
    const digit = /^(?:Digit|Numpad)([1-4])$/.exec(event.code);
    let done = true;
    if (command && !event.altKey && (event.code === "Enter" || event.code === "NumpadEnter")) { if (!event.repeat) this.goOn(); }
    else if (event.code === "Escape" && this.writing) this.stop();
    else if (event.altKey && !command && event.code === "KeyR") { if (!event.repeat && !this.againing.disabled) this.goOn(true); }
    else if (event.altKey && !command && digit) done = this.cards.choose(Number(digit[1]) - 1);
    else if (command && !event.altKey && event.code === "KeyS") this.saver.save();
    else done = false;
    if (done) { event.preventDefault(); event.stopPropagation(); }
  }

  // ---- going on ----

  /** Write on at the caret, or anew where the last was written. */
  async goOn(anew = false) {
    if (this.writing || !this.manuscripts.open) return;
    const { bundle, settings } = this.wish();
    if (!bundle) { this.notice(this.words.no_model); return; }
    const single = settings.candidates === 1;
    const where = anew && this.sheet.place ? this.sheet.again(single) : undefined;
    if (!anew || where === undefined || single) this.cards.clear();
    const taken = this.sheet.taken;
    const prompt = this.sheet.begin(where, single);
    if (anew && !single && taken) this.sheet.keepTaken(taken);
    if (!single) this.cards.begin(settings.candidates);
    this.place.classList.toggle("choosing", !single);
    this.sheet.showCaret();
    const wish = { bundle, ...settings, prompt: lastOf(prompt, LONGEST_PROMPT) };
    const writing = { stop: new AbortController(), single, begun: performance.now(), written: 0, seed: null, origin: null, waiting: null, told: 0 };
    this.writing = writing;
    this.buttons();
    this.tell(this.words.loading);
    let reason = "";
    try {
      for await (const row of askForLines("/api/continue", wish, writing.stop.signal)) {
        if (this.writing !== writing) return;
        if (row.error) throw new Refusal(200, row.error.code, row.error.message);
        if (row.state) this.tell(fill(this.words[row.state] || "", row));
        else reason = this.news(writing, row, { bundle, settings });
      }
    } catch (error) {
      if (this.writing !== writing) return;
      reason = "broken";
      this.notice(error instanceof Refusal ? error.message || fill(this.words.trouble, { status: error.status }) : this.words.broke);
    }
    if (this.writing === writing) this.end(reason);
  }

  /** The controls' values as a request has them. */
  wish() {
    const { bundle = null, settings = {} } = window.moxu.writing || {};
    const { keep_seed: keep, preset: _, seed, ...rest } = settings;
    const wish = Object.fromEntries(Object.entries(rest).filter(([, value]) => typeof value === "number"));
    if (typeof seed === "number") wish.seed = seed;
    else if (keep && this.last) wish.seed = this.last.seed;
    return { bundle, settings: { candidates: 3, ...wish } };
  }

  news(writing, row, { bundle, settings }) {
    if (writing.seed === null) { writing.begun = performance.now(); this.tell(this.words.writing); }
    writing.seed = row.seed;
    const { candidates, seed, ...rest } = settings;
    writing.origin = { bundle, seed: row.seed, settings: { ...rest, candidates } };
    writing.candidates = row.candidates;
    writing.written = row.candidates.reduce((sum, one) => sum + points(one.text), 0);
    const pause = writing.told + STEP - performance.now();
    if (pause <= 0) this.step(writing);
    else writing.waiting ||= setTimeout(() => this.step(writing), pause);
    return row.candidates[0].reason;
  }

  step(writing) {
    clearTimeout(writing.waiting);
    writing.waiting = null;
    writing.told = performance.now();
    if (this.writing !== writing || !writing.candidates) return;
    if (writing.single) this.sheet.write(writing.candidates[0].text, writing.origin);
    else this.cards.update(writing.candidates, writing.origin);
  }

  stop(reason = "stopped") {
    if (!this.writing) return;
    this.writing.stop.abort();
    this.end(reason);
  }

  end(reason) {
    const writing = this.writing;
    this.step(writing);
    this.writing = null;
    const seconds = (performance.now() - writing.begun) / 1000;
    const text = writing.single ? this.sheet.finish() : "";
    if (!writing.single) { this.cards.end(reason); this.sheet.hidePlace(); }
    if (writing.seed !== null) this.last = { seed: writing.seed, reason, speed: writing.written / Math.max(seconds, 0.05), characters: points(text) };
    this.buttons();
    this.summary(writing, text, reason);
    this.saver.save();
  }

  summary(writing, text, reason) {
    const words = this.words;
    const several = !writing.single && this.cards.batches.length;
    const done = several ? fill(words.done_several, { count: writing.candidates ? writing.candidates.length : 0 }) : fill(words.done, { characters: points(text) });
    const nothing = !writing.written;
    // Each candidate says on its card why it ended.
    const why = several && reason in { length: 0, end_of_text: 0 } ? "" : words[`reason_${reason}`];
    this.tell(nothing && reason !== "stopped" ? words.nothing : why ? `${done} · ${why}` : done);
    this.spoken.textContent = this.message.textContent;
  }

  take(text, origin) {
    if (this.writing) this.stop();
    this.sheet.put(text, origin);
    this.saver.save();
    this.spoken.textContent = this.words.taken;
  }

  // ---- what the desk shows ----

  opened(found) {
    this.last = null;
    this.cards.clear();
    this.place.classList.remove("choosing");
    this.start.hidden = Boolean(found);
    this.frame.hidden = this.bar.hidden = this.facts.hidden = !found;
    if (found) this.tellSaved("saved", found.changed);
    else { this.saved.textContent = ""; this.offer(); }
    this.tell("");
    this.buttons();
  }

  /** Nothing is written yet: a blank sheet, or how a chapter begins that the model has not read. */
  async offer() {
    const words = this.words;
    const { bundle } = window.moxu.writing || {};
    const title = part("h3", "", words.start_title);
    const about = part("p", "", words.start_text);
    const bar = part("div", "bar");
    const blank = button(words.start_blank, "", () => this.manuscripts.create(words.untitled));
    blank.classList.add("primary");
    bar.append(blank);
    this.start.className = "start empty";
    this.start.replaceChildren(title, about, bar);
    if (!bundle) return;
    const found = await ask("GET", `/api/openings/${encodeURIComponent(bundle)}`).catch(() => ({ text: "" }));
    if (!found.text || this.start.hidden || !bar.isConnected) return;
    const shown = part("blockquote", "sheet", found.text);
    shown.lang = languageOf(found.text);
    this.start.insertBefore(shown, bar);
    bar.append(button(words.start_opening, "", () => this.manuscripts.create(words.untitled, found.text)));
  }

  controls() {
    if (this.start.isConnected && !this.start.hidden && !this.manuscripts?.open) this.offer();
    this.buttons();
  }

  changed(transactions) {
    this.saver?.changed(transactions);
    if (transactions.some((transaction) => transaction.docChanged)) {
      this.counting ||= setTimeout(() => this.count(), 300);
      if (this.cards && !this.writing) this.cards.mark(this.sheet.atPlace());
    }
    this.buttons();
  }

  buttons() {
    if (!this.sheet || !this.cards) return;
    const ready = Boolean(this.manuscripts.open) && Boolean((window.moxu.writing || {}).bundle);
    this.going.hidden = Boolean(this.writing);
    this.going.disabled = !ready;
    this.stopping.hidden = !this.writing;
    this.againing.disabled = Boolean(this.writing) || !ready || !this.sheet.place;
    this.undoing.disabled = !this.sheet.undoable;
    this.redoing.disabled = !this.sheet.redoable;
  }

  tell(sentence) {
    this.message ||= part("span", "desk-message");
    this.message.textContent = sentence;
    this.count();
  }

  count() {
    clearTimeout(this.counting);
    this.counting = null;
    const words = this.words;
    const text = this.sheet.text.replace(/\s+/g, "");
    const share = this.sheet.share();
    const facts = [
      this.message,
      fact(fill(words.characters, { count: points(text).toLocaleString() }), words.characters_hint),
      share > 0 && fact(fill(words.models, { share: Math.max(1, Math.round(share * 100)) }), words.models_hint),
      this.last && !this.writing && fact(fill(words.speed, { speed: this.last.speed.toFixed(this.last.speed < 10 ? 1 : 0) }), words.speed_hint),
      this.last && fact(fill(words.seed, { seed: this.last.seed }), words.seed_hint),
    ];
    this.facts.replaceChildren(...facts.filter((one) => one && one.textContent));
  }

  tellSaved(state, when) {
    const words = this.words;
    const time = (when ? new Date(when) : new Date()).toLocaleTimeString([], { hour12: false });
    this.saved.textContent = state === "saved" ? fill(words.saved, { time }) : words[state];
  }

  /** A strip above the text, with what can be done about it. */
  notice(sentence, buttons = [], hint = "") {
    const text = part("span", "", sentence);
    const close = button("×", this.words.dismiss, () => this.hideNotice());
    if (hint) text.title = hint;
    this.strip.replaceChildren(text, ...(hint ? [part("span", "quiet", hint)] : []), ...buttons, ...(buttons.length ? [] : [close]));
    this.strip.hidden = false;
    this.noticed = sentence;
  }

  /** That saving fails, in the server's own words if it answers, until it does no more. */
  tellOffline(off, sentence) {
    if (!off) { if (this.offline) this.hideNotice(this.offline); return; }
    this.offline = sentence || this.words.offline;
    this.notice(this.offline);
  }

  hideNotice(only) {
    if (only && this.noticed !== only) return;
    this.strip.hidden = true;
    this.noticed = null;
  }

  trouble(error) {
    this.notice(error instanceof Refusal ? error.message || fill(this.words.trouble, { status: error.status }) : this.words.offline);
  }

  fold() {
    const open = document.getElementById("writing-controls").classList.toggle("open");
    this.settings.setAttribute("aria-expanded", String(open));
    if (open) document.getElementById("writing-controls").scrollIntoView({ block: "nearest" });
  }
}

function part(name, classes, text) {
  const made = document.createElement(name);
  if (classes) made.className = classes;
  if (text) made.textContent = text;
  return made;
}

function fact(text, hint) {
  const made = part("span", "", text);
  made.title = hint;
  return made;
}

/** The end of a text, from a whole character on. */
function lastOf(text, most) {
  const cut = text.slice(-most);
  const first = cut.charCodeAt(0);
  return first >= 0xdc00 && first <= 0xdfff ? cut.slice(1) : cut;
}

// The words of the editor's own bar of search.
const PHRASES = {
  Find: "查找", Replace: "替换为", next: "下一处", previous: "上一处", all: "全部", "match case": "区分大小写", regexp: "正则",
  "by word": "整词", replace: "替换", "replace all": "全部替换", close: "关闭",
};
