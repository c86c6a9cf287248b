// Continuations side by side, each a card whose text grows while it is written; earlier batches stay within reach.

export class Candidates {
  /** `take(text, number)` is called with what somebody chose. */
  constructor(parent, words, take) {
    this.words = words;
    this.take = take;
    this.batches = [];
    this.shown = -1;
    this.list = document.createElement("div");
    this.list.className = "candidates";
    this.list.setAttribute("role", "group");
    this.list.setAttribute("aria-label", words.candidates);
    this.pages = this.makePages();
    parent.append(this.pages, this.list);
    this.draw();
  }

  makePages() {
    const bar = document.createElement("div");
    bar.className = "candidate-pages";
    this.earlier = button("‹", this.words.earlier, () => this.show(this.shown - 1));
    this.later = button("›", this.words.later, () => this.show(this.shown + 1));
    this.count = document.createElement("span");
    bar.append(this.earlier, this.count, this.later);
    return bar;
  }

  /** A new place: what was written for the last one is of no use here. */
  clear() { this.batches = []; this.shown = -1; this.draw(); }

  /** Another batch at the same place. */
  begin(count) {
    this.batches.push({ texts: Array(count).fill(""), reasons: Array(count).fill(null), taken: -1, done: false, origin: null });
    this.show(this.batches.length - 1);
  }

  update(candidates, origin) {
    const batch = this.batches.at(-1);
    batch.texts = candidates.map((one) => one.text);
    batch.reasons = candidates.map((one) => one.reason);
    batch.origin = origin;
    this.fill();
  }

  end(reason) {
    const batch = this.batches.at(-1);
    if (!batch) return;
    batch.done = true;
    batch.reasons = batch.reasons.map((known) => known || reason);
    // A batch in which nothing was written is none.
    if (batch.texts.every((text) => !text)) { this.batches.pop(); this.shown = this.batches.length - 1; this.draw(); }
    else this.fill();
  }

  choose(number) {
    const batch = this.batches[this.shown];
    if (!batch || !batch.texts[number]) return false;
    this.take(batch.texts[number], batch.origin);
    batch.taken = number;
    this.fill();
    return true;
  }

  /** Which one stands in the text now, if any: somebody may have undone it. */
  mark(text) {
    const batch = this.batches[this.shown];
    if (!batch) return;
    const taken = text ? batch.texts.indexOf(text) : -1;
    if (taken === batch.taken) return;
    batch.taken = taken;
    this.fill();
  }

  show(which) {
    if (which < 0 || which >= this.batches.length) return;
    this.shown = which;
    this.draw();
  }

  draw() {
    const batch = this.batches[this.shown];
    this.pages.hidden = this.batches.length < 2;
    this.list.hidden = !batch;
    this.count.textContent = `${this.shown + 1} / ${this.batches.length}`;
    this.earlier.disabled = this.shown <= 0;
    this.later.disabled = this.shown >= this.batches.length - 1;
    this.cards = batch ? batch.texts.map((_, number) => this.card(number)) : [];
    this.list.replaceChildren(...this.cards.map((card) => card.element));
    this.fill();
  }

  card(number) {
    const element = document.createElement("article");
    element.className = "card candidate";
    const name = fill(this.words.candidate, { number: number + 1 });
    element.setAttribute("aria-label", name);
    const text = document.createElement("p");
    text.className = "sheet";
    text.tabIndex = 0;
    const foot = document.createElement("div");
    foot.className = "bar";
    const reason = document.createElement("span");
    reason.className = "quiet";
    const chosen = button(this.words.take, `${this.words.take} · ${name}`, () => this.choose(number));
    chosen.title = fill(this.words.take_hint, { number: number + 1 });
    foot.append(chosen, reason);
    element.append(text, foot);
    return { element, text, reason, chosen };
  }

  fill() {
    const batch = this.batches[this.shown];
    if (!batch) return;
    this.cards.forEach((card, number) => {
      const text = batch.texts[number] || (batch.done ? this.words.blank : "");
      if (card.text.textContent !== text) {
        card.text.textContent = text;
        card.text.lang = languageOf(text);
      }
      const reason = batch.reasons[number];
      card.reason.textContent = reason ? this.words[`reason_${reason}`] || "" : this.words.writing;
      card.chosen.disabled = !batch.texts[number];
      card.chosen.textContent = batch.taken === number ? this.words.taken : this.words.take;
      card.element.classList.toggle("taken", batch.taken === number);
    });
  }
}

/** `{name}` in a sentence -> its value. */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The language of a text, for fonts and for whoever reads it aloud. */
export function languageOf(text) {
  if (!text) return window.moxu.language;
  return /\p{Script=Han}/u.test(text.slice(0, 2000)) ? "zh" : "en";
}

export function button(text, label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "plain-button";
  made.textContent = text;
  if (label && label !== text) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}
