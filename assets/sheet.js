// The manuscript as an editor: CodeMirror, with the model's words marked, and a place into which a model may write while the
// writer goes on elsewhere. Knows nothing of servers.
import {
  Annotation, EditorSelection, EditorState, EditorView, Decoration, StateEffect, StateField, Transaction, WidgetType,
  defaultKeymap, history, historyKeymap, invertedEffects, isolateHistory, keymap, placeholder, redo, redoDepth, search, searchKeymap,
  undo, undoDepth,
} from "./vendor/codemirror.js";

/** A change that the sheet makes for a model; the writer's own have none. */
const own = Annotation.define();
/** A change that leaves the text as it was, or that came from the server: nothing to save. */
export const notToSave = Annotation.define();

const mapRange = (range, changes) => ({ ...range, from: changes.mapPos(range.from, 1), to: changes.mapPos(range.to, -1) });
const addMarks = StateEffect.define({ map: (marks, changes) => marks.map((mark) => mapRange(mark, changes)).filter((mark) => mark.from < mark.to) });
const setPlace = StateEffect.define();

const markOf = (origin) => Decoration.mark({ class: "cm-models", origin });

/** The marks without [from, to): what is cut keeps its ends. */
function cut(marks, from, to) {
  const rest = [];
  marks.between(from, to, (start, end, mark) => {
    if (start >= to || end <= from) return;
    if (start < from) rest.push(mark.range(start, from));
    if (end > to) rest.push(mark.range(to, end));
  });
  return marks.update({ filterFrom: from, filterTo: to, filter: (start, end) => start >= to || end <= from, add: rest, sort: true });
}

/** Which words are the model's. What somebody writes into the middle of them is not. */
const models = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    if (transaction.docChanged) {
      marks = marks.map(transaction.changes);
      transaction.changes.iterChanges((_, __, from, to) => { if (to > from) marks = cut(marks, from, to); });
    }
    for (const effect of transaction.effects) {
      if (!effect.is(addMarks)) continue;
      for (const { from, to, origin } of effect.value) {
        if (from < to) marks = cut(marks, from, to).update({ add: [markOf(origin).range(from, to)] });
      }
    }
    return marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Undoing a deletion, or redoing an insertion, brings the marks back with the words. */
const marksComeBack = invertedEffects.of((transaction) => {
  const lost = [];
  transaction.changes.iterChanges((from, to) => {
    if (to > from) transaction.startState.field(models).between(from, to, (start, end, mark) => {
      if (start < to && end > from) lost.push({ from: Math.max(from, start), to: Math.min(to, end), origin: mark.spec.origin });
    });
  });
  return lost.length ? [addMarks.of(lost)] : [];
});

/** Where the model writes, or where its candidates would go: it moves with what the writer changes around it. */
const place = StateField.define({
  create: () => null,
  update(value, transaction) {
    if (value && transaction.docChanged) {
      const from = transaction.changes.mapPos(value.from, 1);
      // What is typed where nothing is written yet comes before it.
      value = { ...value, from, to: Math.max(from, transaction.changes.mapPos(value.to, value.to > value.from ? -1 : 1)) };
    }
    for (const effect of transaction.effects) if (effect.is(setPlace)) value = effect.value;
    return value;
  },
  provide: (field) => EditorView.decorations.from(field, (value) => value && value.shown
    ? Decoration.set([Decoration.widget({ widget: caret, side: 1 }).range(value.to)]) : Decoration.none),
});

class Caret extends WidgetType {
  toDOM() {
    const sign = document.createElement("span");
    sign.className = "cm-place";
    sign.setAttribute("aria-hidden", "true");
    return sign;
  }
  ignoreEvent() { return true; }
}
const caret = new Caret();


export class Sheet {
  /** `heard`: changed(transactions, view), takenOver(), beforeUndo(). */
  constructor(parent, words, heard) {
    this.heard = heard;
    this.words = words;
    this.streaming = false;
    this.waiting = null;
    this.view = new EditorView({ parent, state: this.stateFor(""), dispatchTransactions: (transactions, view) => this.pass(transactions, view) });
    this.view.contentDOM.addEventListener("compositionend", () => setTimeout(() => this.catchUp(), 0));
  }

  stateFor(text, marks = []) {
    const state = EditorState.create({
      doc: text,
      extensions: [
        history(),
        models, place, marksComeBack,
        EditorView.lineWrapping,
        search({ top: true }),
        placeholder(this.words.placeholder),
        EditorState.phrases.of(this.words.phrases),
        EditorView.contentAttributes.of({ "aria-label": this.words.sheet, lang: this.heard.languageOf(text), spellcheck: "false", autocapitalize: "off" }),
        // Half a character cannot be stored; nor can a pasted one be shown.
        EditorView.clipboardInputFilter.of((pasted) => (pasted.toWellFormed ? pasted.toWellFormed() : pasted)),
        keymap.of([{ key: "Mod-z", run: (view) => { this.heard.beforeUndo(); return undo(view); }, preventDefault: true }]),
        keymap.of([...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter"), ...historyKeymap, ...searchKeymap]),
      ],
    });
    if (!marks.length) return state;
    const found = marks.map(([from, to]) => ({ from, to, origin: {} }));
    return state.update({ effects: addMarks.of(found), annotations: [own.of(true), Transaction.addToHistory.of(false)] }).state;
  }

  /** Show another text, with the ranges that are a model's, and an undo history of its own. */
  open(text, marks, head) {
    this.streaming = false;
    this.waiting = null;
    this.view.setState(this.stateFor(text, marks));
    const where = Math.min(head ?? this.view.state.doc.length, this.view.state.doc.length);
    this.view.dispatch({ selection: { anchor: where }, effects: EditorView.scrollIntoView(where, { y: "center" }), annotations: own.of(true) });
  }

  get doc() { return this.view.state.doc; }
  get text() { return this.doc.toString(); }
  get head() { return this.view.state.selection.main.to; }
  get marks() { return this.view.state.field(models); }
  get place() { return this.view.state.field(place); }
  get undoable() { return undoDepth(this.view.state) > 0; }
  get redoable() { return redoDepth(this.view.state) > 0; }

  undo() { this.heard.beforeUndo(); undo(this.view); this.view.focus(); }
  redo() { redo(this.view); this.view.focus(); }
  focus() { this.view.focus(); }

  /** The model's share of the words, 0..1. */
  share() {
    let written = 0;
    for (const cursor = this.marks.iter(); cursor.value; cursor.next()) written += cursor.to - cursor.from;
    return this.doc.length ? written / this.doc.length : 0;
  }

  /** A change that came from the server, or was kept from the last visit; `models` are its words that are the model's. */
  change(changes, { marks = [], save = false } = {}) {
    this.view.dispatch({
      changes,
      effects: marks.length ? [addMarks.of(marks)] : [],
      annotations: [own.of(true), Transaction.addToHistory.of(false), ...(save ? [] : [notToSave.of(true)])],
    });
  }

  // ---- writing into the text ----

  /** Begin at the caret, or at a place that was remembered; returns the text before it. */
  begin(where, streaming) {
    const at = where ?? this.head;
    this.streaming = streaming;
    this.taken = null;
    this.view.dispatch({ effects: setPlace.of({ from: at, to: at, shown: true }), annotations: own.of(true) });
    return this.doc.sliceString(0, at);
  }

  /** Put what the model has so far at its place; only what differs is changed, and the writer's caret stays where it is. */
  write(text, origin) {
    text = text.replace(/\r\n?/g, "\n");
    // To change the text under an open input method would break the word that is being put together.
    if (this.view.composing) { this.waiting = { text, origin }; return; }
    this.waiting = null;
    const { from, to } = this.place;
    const now = this.doc.sliceString(from, to);
    const same = commonStart(now, text);
    if (same === now.length && same === text.length) return;
    const main = this.view.state.selection.main;
    const follows = main.empty && main.head === to;
    const seen = follows && this.shows(to);
    const end = from + text.length;
    this.view.dispatch({
      changes: { from: from + same, to, insert: text.slice(same) },
      selection: follows ? EditorSelection.cursor(end) : undefined,
      effects: [setPlace.of({ from, to: end, shown: true }), addMarks.of([{ from, to: end, origin }])],
      annotations: [own.of(true), Transaction.addToHistory.of(false)],
      scrollIntoView: seen,
    });
  }

  catchUp() {
    if (this.waiting && this.streaming) this.write(this.waiting.text, this.waiting.origin);
    else if (this.unfinished && !this.streaming && !this.view.composing) this.makeOneStep();
  }

  /** End the writing: all of it becomes one step that can be undone. Returns what was written. */
  finish() {
    if (!this.streaming) return "";
    if (this.waiting && !this.view.composing) this.write(this.waiting.text, this.waiting.origin);
    this.streaming = false;
    this.waiting = null;
    const { from, to } = this.place;
    const text = this.doc.sliceString(from, to);
    // While a word is being put together the text is left alone; it becomes one step right after.
    if (this.view.composing) this.unfinished = true;
    else this.makeOneStep();
    return text;
  }

  /** Take the words out and put them back within one update, the second half for the history: nothing is seen of it. */
  makeOneStep() {
    this.unfinished = false;
    const { from, to } = this.place;
    const text = this.doc.sliceString(from, to);
    const done = setPlace.of({ from, to, shown: false });
    if (!text) { this.view.dispatch({ effects: done, annotations: own.of(true) }); return; }
    const marks = [];
    this.marks.between(from, to, (start, end, mark) => {
      if (start < to && end > from) marks.push({ from: Math.max(from, start), to: Math.min(to, end), origin: mark.spec.origin });
    });
    const selection = this.view.state.selection;
    const out = this.view.state.update({
      changes: { from, to },
      annotations: [own.of(true), notToSave.of(true), Transaction.addToHistory.of(false)],
    });
    const back = out.state.update({
      changes: { from, insert: text },
      selection,
      effects: [done, addMarks.of(marks)],
      annotations: [own.of(true), notToSave.of(true), isolateHistory.of("full"), Transaction.userEvent.of("input.model")],
    });
    this.view.update([out, back]);
    this.taken = text;
    this.heard.changed([out, back], this.view);
  }

  /** Put a candidate at the remembered place, as one step; instead of the one that was taken before, if that is untouched. */
  put(text, origin) {
    text = text.replace(/\r\n?/g, "\n");
    const { from, to } = this.place;
    const start = this.taken !== null && this.doc.sliceString(from, to) === this.taken ? from : to;
    const end = start + text.length;
    this.view.dispatch({
      changes: { from: start, to, insert: text },
      selection: EditorSelection.cursor(end),
      effects: [setPlace.of({ from: start, to: end, shown: false }), addMarks.of([{ from: start, to: end, origin }])],
      annotations: [own.of(true), isolateHistory.of("full"), Transaction.userEvent.of("input.model")],
      scrollIntoView: true,
    });
    this.taken = text;
    this.view.focus();
  }

  /** Where to write again: before what was written or taken last, which is taken away as a step of its own if nobody touched it. */
  again(streaming) {
    const last = this.place;
    if (!last) return null;
    const { from, to } = last;
    if (streaming && this.taken && this.doc.sliceString(from, to) === this.taken) {
      this.view.dispatch({ changes: { from, to }, annotations: [own.of(true), isolateHistory.of("full"), Transaction.userEvent.of("delete.model")] });
      return from;
    }
    return from;
  }

  /** What was taken stays until another is taken. */
  keepTaken(taken) {
    const { from } = this.place;
    if (this.doc.sliceString(from, from + taken.length) !== taken) return;
    this.taken = taken;
    this.view.dispatch({ effects: setPlace.of({ from, to: from + taken.length, shown: true }), annotations: own.of(true) });
  }

  /** What stands where the model wrote last. */
  atPlace() { return this.place ? this.doc.sliceString(this.place.from, this.place.to) : ""; }

  showCaret() { if (this.shows(this.head)) this.view.dispatch({ effects: EditorView.scrollIntoView(this.head, { y: "nearest", yMargin: 40 }), annotations: own.of(true) }); }

  hidePlace() {
    if (this.place) this.view.dispatch({ effects: setPlace.of({ ...this.place, shown: false }), annotations: own.of(true) });
  }

  shows(at) {
    const box = this.view.coordsAtPos(at);
    if (!box) return false;
    const frame = this.view.scrollDOM.getBoundingClientRect();
    return box.bottom <= Math.min(frame.bottom, window.innerHeight) + 4 && box.top >= Math.max(frame.top, 0) - 4;
  }

  /** All changes pass here: one that touches what is being written means that the writer goes on from there. */
  pass(transactions, view) {
    if (this.streaming && transactions.some((transaction) => transaction.docChanged && !transaction.annotation(own) && this.touches(transaction.changes))) {
      const composing = view.composing;
      this.heard.takenOver();
      if (!composing && view.state !== transactions[0].startState) {
        transactions = again(view.state, transactions);
      }
    }
    view.update(transactions);
    this.heard.changed(transactions, view);
  }

  touches(changes) {
    const { from, to } = this.place;
    let touched = false;
    changes.iterChanges((start, end) => {
      touched ||= start === end ? start > from && start <= to : start < to && end > from;
    });
    return touched;
  }
}

/** The same changes from a state of the same text, since a transaction belongs to the state it was made for. */
function again(state, transactions) {
  const made = [];
  for (const transaction of transactions) {
    const event = transaction.annotation(Transaction.userEvent);
    const next = state.update({
      changes: transaction.changes,
      selection: transaction.selection,
      effects: transaction.effects,
      annotations: event ? [Transaction.userEvent.of(event)] : [],
      scrollIntoView: transaction.scrollIntoView,
    });
    made.push(next);
    state = next.state;
  }
  return made;
}

/** How many units two texts begin with alike; never half a character. */
export function commonStart(one, other) {
  const most = Math.min(one.length, other.length);
  let same = 0;
  while (same < most && one.charCodeAt(same) === other.charCodeAt(same)) same += 1;
  const last = one.charCodeAt(same - 1);
  return same > 0 && last >= 0xd800 && last <= 0xdbff ? same - 1 : same;
}
