// Which manuscript is on the desk: the list, opening, making, renaming and deleting, and what to do when two windows disagree.
import { ask, Refusal } from "./asking.js";
import { button, fill } from "./candidates.js";
import { arrived, difference, forget, keptLocally, units } from "./saving.js";

const REMEMBERED = "moxu-writing-manuscript";
const CARET = "moxu-writing-caret";
const path = (id) => `/api/manuscripts/${encodeURIComponent(id)}`;

export class Manuscripts {
  /** `desk` has words, sheet, saver, notice(text, buttons), hideNotice(), opened(), trouble(error). */
  constructor(parent, desk) {
    this.desk = desk;
    this.known = [];
    this.open = null;
    const words = desk.words;
    const label = document.createElement("label");
    label.className = "sr-only";
    label.textContent = words.manuscript;
    label.htmlFor = "writing-manuscript";
    this.list = document.createElement("select");
    this.list.id = "writing-manuscript";
    this.list.addEventListener("change", () => this.show(this.list.value));
    this.renaming = button(words.rename, "", () => this.rename());
    this.deleting = button(words.delete, "", () => this.discard());
    parent.append(label, this.list, button(words.new, "", () => this.make()), this.renaming, this.deleting);
  }

  /** Read the list, and open what was open here last, or the newest. */
  async begin() {
    try {
      this.known = await ask("GET", "/api/manuscripts");
    } catch (error) {
      this.desk.trouble(error);
      setTimeout(() => this.begin(), 3000);
      return;
    }
    const last = window.moxu.remembered(REMEMBERED);
    const wanted = this.known.find((one) => one.id === last) || this.known[0];
    this.draw();
    if (wanted) await this.show(wanted.id);
    else this.desk.opened(null);
  }

  draw() {
    this.list.replaceChildren(...this.known.map((one) => {
      const option = document.createElement("option");
      option.value = one.id;
      option.textContent = one.title;
      return option;
    }));
    this.list.value = this.open ? this.open.id : "";
    this.list.hidden = this.renaming.hidden = this.deleting.hidden = !this.known.length;
  }

  async show(id) {
    const { sheet, saver } = this.desk;
    this.wanted = id;
    this.desk.stop();
    // What is not saved goes first; without a connection it waits in the browser.
    if (saver.dirty) { saver.keep(); await saver.save(); }
    let found;
    try {
      found = await ask("GET", path(id));
    } catch (error) {
      this.draw();
      this.desk.trouble(error);
      return;
    }
    // What was typed while this one came belongs to the one before.
    while (saver.dirty && !saver.stopped && !saver.failures) await saver.save();
    // Another was chosen meanwhile, and comes itself.
    if (this.wanted !== id) return;
    saver.keep();
    this.desk.hideNotice();
    this.open = found;
    window.moxu.remember(REMEMBERED, id);
    const marks = found.models.map(([from, to]) => [units(found.text, from), units(found.text, to)]);
    sheet.open(found.text, marks, this.caretOf(id));
    saver.begin(id, found.version, sheet.doc);
    this.draw();
    this.desk.opened(found);
    await this.bringBack(found);
  }

  /** What could not be saved the last time. */
  async bringBack(found) {
    const { sheet, saver, words } = this.desk;
    const kept = await keptLocally(found.id);
    if (!kept || this.open !== found) return;
    if (kept.text === found.text || arrived(kept, found.mark)) { forget(found.id); return; }
    if (kept.base !== found.version) {
      // Perhaps the page sent all of it while it was left, and more came since; else somebody has to choose.
      try {
        await ask("PATCH", path(found.id), { base_version: kept.base, changes: kept.splices });
        await forget(found.id);
        await this.refresh();
      } catch (error) {
        if (error instanceof Refusal && error.code === "manuscript_changed") { saver.stopped = true; this.disagree(kept.text); }
        else this.desk.trouble(error);
      }
      return;
    }
    for (const splice of kept.splices) {
      const text = sheet.text;
      const from = units(text, splice.at);
      const to = from + units(text.slice(from), splice.removed);
      const { bundle, seed, settings } = splice;
      const marks = splice.by === "model" ? [{ from, to: from + splice.inserted.length, origin: { bundle, seed, settings } }] : [];
      sheet.change({ from, to, insert: splice.inserted }, { marks });
    }
    // The same changes by the same marks: what arrived after all is not made twice.
    saver.resume(kept.splices);
  }

  /** Two windows changed the same text: somebody has to say which one stays. */
  disagree(mine) {
    const { words, sheet } = this.desk;
    const text = () => mine ?? sheet.text;
    this.desk.notice(words.conflict, [
      button(words.theirs, "", () => this.settle(text(), false)),
      button(words.mine, "", () => this.settle(text(), true)),
    ], words.conflict_hint);
  }

  async settle(mine, keepMine) {
    const { sheet, saver } = this.desk;
    this.desk.stop();
    const shown = sheet.text;
    try {
      const theirs = await ask("GET", path(this.open.id));
      const version = await saver.settle(theirs, mine, keepMine);
      this.desk.hideNotice();
      // The marks are those of the history now.
      const found = await ask("GET", path(this.open.id));
      this.open = found;
      const marks = found.models.map(([from, to]) => [units(found.text, from), units(found.text, to)]);
      const typed = sheet.text;
      sheet.open(found.text, marks, sheet.head);
      saver.begin(found.id, version, sheet.doc);
      // What was typed while this was settled is not lost.
      if (keepMine && shown === mine && typed !== shown) sheet.change(difference(found.text, typed), { save: true });
      this.desk.opened(found);
    } catch (error) {
      this.desk.trouble(error);
    }
  }

  /** What another window saved meanwhile, taken over where nothing here is unsaved. */
  async refresh() {
    const { sheet, saver } = this.desk;
    if (!this.open || saver.dirty || saver.stopped || this.desk.writing) return;
    const found = await ask("GET", path(this.open.id)).catch((error) => error);
    if (found instanceof Refusal && found.code === "no_manuscript") { saver.stopped = true; this.gone(); return; }
    if (found instanceof Error || found.id !== this.open.id || saver.dirty || found.version <= saver.version) return;
    const marks = found.models.map(([from, to]) => [units(found.text, from), units(found.text, to)]);
    sheet.open(found.text, marks, sheet.head);
    saver.begin(found.id, found.version, sheet.doc);
    this.desk.opened(found);
  }

  gone() {
    const { words } = this.desk;
    this.desk.notice(words.gone, [button(words.keep, "", () => this.keepAsNew())]);
  }

  async keepAsNew() {
    const { sheet } = this.desk;
    const text = sheet.text;
    const marks = this.marks();
    await this.create(this.open ? this.open.title : this.desk.words.untitled);
    if (this.open && !sheet.text) sheet.change({ from: 0, to: 0, insert: text }, { marks, save: true });
  }

  marks() {
    const found = [];
    for (const cursor = this.desk.sheet.marks.iter(); cursor.value; cursor.next()) found.push({ from: cursor.from, to: cursor.to, origin: cursor.value.spec.origin });
    return found;
  }

  async make() {
    const title = await this.askTitle(this.desk.words.new_title, "");
    if (title) await this.create(title);
  }

  /** A new manuscript, on the desk, with these words in it. */
  async create(title, opening = "") {
    try {
      const made = await ask("POST", "/api/manuscripts", { title });
      this.known.unshift(made);
      await this.show(made.id);
      if (opening) this.desk.sheet.change({ from: 0, to: 0, insert: opening }, { save: true });
      this.desk.sheet.open(this.desk.sheet.text, [], undefined);
      this.desk.sheet.focus();
      this.desk.saver.save();
    } catch (error) {
      this.desk.trouble(error);
    }
  }

  async rename() {
    const title = await this.askTitle(this.desk.words.rename_title, this.open.title);
    if (!title) return;
    try {
      const found = await ask("POST", `${path(this.open.id)}/rename`, { title });
      Object.assign(this.open, { title: found.title });
      this.known.find((one) => one.id === found.id).title = found.title;
      this.draw();
    } catch (error) {
      this.desk.trouble(error);
    }
  }

  async discard() {
    const { saver, words } = this.desk;
    const doomed = this.open;
    this.desk.stop();
    if (saver.dirty) await saver.save();
    try {
      const { ticket } = await ask("DELETE", path(doomed.id));
      saver.id = null;
      this.open = null;
      await this.begin();
      this.desk.notice(fill(words.deleted, { title: doomed.title }), [button(words.restore, "", () => this.restore(ticket))]);
    } catch (error) {
      this.desk.trouble(error);
    }
  }

  async restore(ticket) {
    try {
      const found = await ask("POST", "/api/manuscripts/restore", { ticket });
      window.moxu.remember(REMEMBERED, found.id);
      this.desk.hideNotice();
      await this.begin();
    } catch (error) {
      this.desk.trouble(error);
    }
  }

  /** A title, or null if somebody thought better of it. */
  askTitle(question, before) {
    const { words } = this.desk;
    const dialog = document.createElement("dialog");
    dialog.className = "title-dialog card";
    const form = document.createElement("form");
    form.method = "dialog";
    const label = document.createElement("label");
    label.textContent = question;
    const input = document.createElement("input");
    input.type = "text";
    input.maxLength = 100;
    input.required = true;
    input.value = before;
    label.append(input);
    const bar = document.createElement("div");
    bar.className = "bar";
    const cancel = button(words.cancel, "", () => dialog.close(""));
    const ok = button(words.ok, "", () => {});
    ok.type = "submit";
    bar.append(ok, cancel);
    form.append(label, bar);
    dialog.append(form);
    form.addEventListener("submit", (event) => { event.preventDefault(); if (input.value.trim()) dialog.close(input.value.trim()); });
    document.body.append(dialog);
    dialog.showModal();
    input.select();
    return new Promise((resolve) => dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue || null); }));
  }

  /** Where the caret was in this manuscript: a number, none of its words. */
  caretOf(id) {
    try {
      const kept = JSON.parse(window.moxu.remembered(CARET) || "{}");
      return kept.id === id && Number.isInteger(kept.at) ? kept.at : undefined;
    } catch { return undefined; }
  }

  keepCaret() {
    if (this.open) window.moxu.remember(CARET, JSON.stringify({ id: this.open.id, at: this.desk.sheet.head }));
  }
}

