// The chapters of the cleaning tab. `list` draws them from JSON, a page of rows at a time, for there may be thousands; `reading`
// lays the chapter that is looked at beside them. What is pressed becomes a wish: a look at a chapter, or an edit of one.

const ROWS = 100;

let desk = null; // The list's place on the page.
let told = null; // What the server told last.
let chosen = null; // Where the chapter that is looked at starts, and the page of its lines.
let found = []; // The rows that the search leaves, by their places.
let first = 0;
let ask = () => {};
let article = () => ""; // What the server told last of a chapter.
let laid = "";
let isAsked = false; // On a phone the chapter stands below the list: whoever asks for it is led there.
const narrow = window.matchMedia("(max-width: 700px)");

const part = (name) => desk.querySelector(`[data-part=${name}]`);
const made = (name, content, attributes = {}) => Object.assign(document.createElement(name), { textContent: content }, attributes);
const numbered = (count) => count.toLocaleString("en-US");

// Lay the chapter beside the list, once it is the one that is wanted: another may have been chosen meanwhile.
const lay = () => {
  const held = made("div", "", { innerHTML: article() });
  const { novel, start } = held.firstElementChild?.dataset ?? {};
  const isWanted = novel === told?.novel && Number(start) === chosen?.start;
  if (!isWanted || laid === article()) return;
  laid = article();
  part("reading").replaceChildren(...held.childNodes);
  if (isAsked && narrow.matches) part("reading").scrollIntoView();
  isAsked = false;
};

const clear = () => {
  chosen = null;
  laid = "";
  part("reading").replaceChildren();
};

const look = (start, page = 0) => {
  chosen = { start, page };
  isAsked = true;
  mark();
  lay();
  moxu.outlineWishes.looks.push(JSON.stringify({ novel: told.novel, cleaning: told.cleaning, ...chosen }));
  ask("click");
};

const wish = (edit, more = {}) => {
  const { novel, cleaning } = told;
  moxu.outlineWishes.edits.push(JSON.stringify({ novel, cleaning, start: chosen?.start ?? null, edit, ...more }));
  ask("input");
};

const row = (place) => {
  const [title, characters, kept, start] = told.rows[place];
  const item = made("li", "");
  const button = made("button", "", { type: "button", disabled: told.cleaning === null });
  button.dataset.start = start;
  button.append(made("span", place + 1, { className: "number" }), made("span", title, { className: "title" }));
  if (!kept) button.append(made("span", desk.firstElementChild.dataset.leftOut, { className: "badge still" }));
  button.append(made("span", numbered(characters), { className: "size" }));
  item.append(button);
  return item;
};

const mark = () => {
  for (const button of part("rows").querySelectorAll("button"))
    button.setAttribute("aria-current", Number(button.dataset.start) === chosen?.start);
};

const turn = (to) => {
  first = Math.max(0, Math.min(to, Math.floor(Math.max(0, found.length - 1) / ROWS) * ROWS));
  const seen = part("rows").scrollTop;
  part("rows").replaceChildren(...found.slice(first, first + ROWS).map(row));
  part("rows").scrollTop = seen;
  const last = Math.min(found.length, first + ROWS);
  part("position").textContent = `${found.length ? first + 1 : 0}–${last} / ${numbered(found.length)}`;
  const [back, forth] = desk.querySelectorAll("[data-turn]");
  [back.disabled, forth.disabled] = [first === 0, last >= found.length];
  desk.querySelector(".index .pages").hidden = found.length <= ROWS;
  mark();
};

const search = () => {
  const wanted = part("search").value.trim().toLowerCase();
  found = told.rows.map((_, place) => place)
    .filter((place) => !wanted || String(place + 1) === wanted || told.rows[place][0].toLowerCase().includes(wanted));
};

// Show the row of that place, whatever is searched for; pages begin where they always do.
const reveal = (place) => {
  if (!found.includes(place)) {
    part("search").value = "";
    search();
  }
  turn(Math.floor(found.indexOf(place) / ROWS) * ROWS);
  const rows = part("rows");
  const item = rows.children[found.indexOf(place) - first];
  if (item) rows.scrollTop = item.offsetTop - rows.offsetTop - rows.clientHeight / 3;
};

const flaw = ([sentence, place]) => {
  const item = made("li", "");
  const button = made("button", sentence, { type: "button", className: "small" });
  button.dataset.place = place;
  item.append(button);
  return item;
};

const draw = (value) => {
  const before = told;
  told = JSON.parse(value || "null");
  desk.firstElementChild.hidden = !told?.rows.length && !told?.reset;
  const isOther = before?.novel !== told?.novel || before?.cleaning !== told?.cleaning;
  if (isOther) {
    clear();
    part("search").value = "";
  }
  if (!told) return;
  for (const name of ["note", "tally", "alarm"]) part(name).textContent = told[name];
  part("alarm").hidden = !told.alarm;
  part("flaws").hidden = !told.flaws.length;
  part("flaws").replaceChildren(...told.flaws.map(flaw));
  for (const name of ["undo", "reset"]) desk.querySelector(`[data-edit=${name}]`).hidden = !told[name];
  search();
  if (told.chosen !== null) chosen = { start: told.chosen, page: 0 };
  const place = told.rows.findIndex(([, , , start]) => start === chosen?.start);
  const isSeen = found.slice(first, first + ROWS).includes(place);
  if (isOther) part("rows").scrollTop = 0;
  if (place < 0) clear();
  if (place < 0 || isSeen) turn(isOther ? 0 : first);
  else reveal(place);
  lay();
};

const begin = (button) => {
  const line = button.closest("li");
  for (const open of desk.querySelectorAll(".lines .box")) open.remove();
  line.append(desk.querySelector(".splitting template").content.cloneNode(true));
  const title = line.querySelector("[data-title]");
  title.value = line.dataset.title;
  title.focus();
  // Backward, so that its start is seen.
  title.setSelectionRange(0, title.value.length, "backward");
  title.scrollLeft = 0;
};

const titleNear = (element) => element.closest(".box")?.querySelector("[data-title]").value;

const press = (button) => {
  const { start, place, turn: by, look: page, edit, begin: at } = button.dataset;
  if (start !== undefined) look(Number(start));
  else if (place !== undefined) {
    reveal(Number(place));
    if (told.cleaning !== null) look(told.rows[Number(place)][3]);
  } else if (by !== undefined) {
    part("rows").scrollTop = 0;
    turn(first + Number(by) * ROWS);
  }
  else if (page !== undefined) look(chosen.start, Number(page));
  else if (at !== undefined) begin(button);
  else if (edit === "split") wish(edit, { title: titleNear(button), at: Number(button.closest("li").querySelector("[data-begin]").dataset.begin) });
  else if (edit !== undefined) wish(edit, { title: titleNear(button) });
  else if ("cancel" in button.dataset) button.closest(".box").remove();
};

export function list(element, trigger, props, watch) {
  desk = element;
  ask = trigger;
  element.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && told) press(button);
  });
  element.addEventListener("input", (event) => {
    if (event.target !== part("search") || !told) return;
    search();
    turn(0);
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.dataset.title === undefined) return;
    event.preventDefault();
    event.target.closest(".box").querySelector("[data-edit]").click();
  });
  watch("value", () => draw(props.value));
  draw(props.value);
}

export function reading(element, trigger, props, watch) {
  article = () => props.value || "";
  watch("value", lay);
}
