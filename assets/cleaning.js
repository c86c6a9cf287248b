// The cleaning tab's own HTML. Each function is called by a gr.HTML when it is there: `element` is its place, `trigger` fires
// its Gradio event, `props.value` is what the server told. A button's wish is JSON in data-wish, a switch's rule in data-switch.

const EVENTS = { only: "click", stop: "stop", again: "retry", edit: "select" };
// So long a switch shows what was pressed, whatever an answer says that was asked for earlier.
const PATIENCE_MS = 5000;
const narrow = window.matchMedia("(max-width: 700px)");
const reduced = window.matchMedia("(prefers-reduced-motion: reduce)");

const ask = (trigger, wish) => {
  const kind = Object.keys(EVENTS).find((name) => name in wish);
  if (kind) moxu.wish[kind] = wish[kind];
  else moxu.wishes.push(JSON.stringify(wish));
  trigger(EVENTS[kind] ?? "input");
};

export function wishes(element, trigger) {
  element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-wish]");
    if (button) ask(trigger, JSON.parse(button.dataset.wish));
  });
  element.addEventListener("change", (event) => {
    const box = event.target.closest("[data-switch]");
    if (box) ask(trigger, { switch: box.dataset.switch, on: box.checked });
  });
}

export function rules(element, trigger, props, watch) {
  const pressed = new Map();
  let novel = null;
  wishes(element, trigger);
  element.addEventListener("change", (event) => {
    if (event.target.dataset.switch) pressed.set(event.target.dataset.switch, Date.now());
  });

  const fill = (row, state) => {
    const box = row.querySelector("input");
    const isWaiting = Date.now() - (pressed.get(row.dataset.rule) ?? 0) < PATIENCE_MS;
    if (!isWaiting || box.checked === state.on) {
      box.checked = state.on;
      pressed.delete(row.dataset.rule);
    }
    const count = row.querySelector(".count");
    Object.assign(count, { textContent: state.text, title: state.title, disabled: !state.shows });
    row.classList.toggle("alarming", state.alarm);
  };

  const draw = () => {
    const told = JSON.parse(props.value || "null");
    if (!told) return;
    const isOther = told.novel !== novel;
    novel = told.novel;
    if (isOther) pressed.clear();
    for (const row of element.querySelectorAll("[data-rule]")) fill(row, told.rules[row.dataset.rule]);
    for (const fold of element.querySelectorAll("[data-family]")) {
      const state = told.families[fold.dataset.family];
      fold.querySelector("[data-tally]").textContent = state.text;
      fold.classList.toggle("alarming", state.alarm);
      // Afterwards folds are their person's; on a phone the changes would be far below.
      if (isOther) fold.open = state.busy && !narrow.matches;
    }
  };
  watch("value", draw);
  draw();
}

// ---- from one change to the next ----

const all = () => [...document.querySelectorAll("#cleaning-changes .places > li")];
// Gradio draws an answer more than once; so long the place to be at after it is held on to, unless its person goes elsewhere.
const DRAWING_MS = 5000;
let here = -1;
// Where to be once the next answer is drawn: the number of a place, -1 for the last.
let wanted = null;

const go = (index, scrolls = true) => {
  const places = all();
  if (!places[index]) return;
  places.forEach((place, number) => place.toggleAttribute("data-here", number === index));
  here = index;
  places[index].focus({ preventScroll: true });
  if (scrolls) places[index].scrollIntoView({ block: "center", behavior: reduced.matches ? "auto" : "smooth" });
};

const want = (index, scrolls) => { wanted = { index, scrolls, drawn: 0 }; };

const drawn = () => {
  if (wanted?.drawn && Date.now() - wanted.drawn > DRAWING_MS) wanted = null;
  if (!wanted) {
    here = -1;
    return;
  }
  wanted.drawn ||= Date.now();
  const last = all().length - 1;
  go(wanted.index < 0 ? last : Math.min(wanted.index, last), wanted.scrolls);
};

const step = (by) => {
  const next = here + by;
  if (next >= 0 && next < all().length) {
    wanted = null;
    go(next);
    return;
  }
  const button = document.querySelector(by > 0 ? "#cleaning-next" : "#cleaning-previous");
  if (!button || button.disabled) return;
  want(by > 0 ? 0 : -1, true);
  button.click();
};

export function places(element, trigger) {
  wishes(element, trigger);
  element.addEventListener("click", (event) => {
    const place = event.target.closest(".places > li");
    if (!place) return;
    here = all().indexOf(place);
    // What is left out may have been all of its place, and the next one stands there then.
    if (event.target.closest("[data-wish]")) want(here, false);
  });
  // After an answer the list is a new one, or the old one with other words in it.
  new MutationObserver(drawn).observe(element, { childList: true, subtree: true, characterData: true });
}

export function steps(element) {
  element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(Number(button.dataset.step));
  });
}

document.addEventListener("pointerdown", () => { wanted = null; }, true);
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || !moxu.isOpen("cleaning")) return;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  step(by);
});
