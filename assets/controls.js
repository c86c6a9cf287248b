// What the tabs' events do in the browser alone. Python names a function here and hands it what it needs.
// Choices outlive a reload, the other language and a restart of the studio: each tab keeps one object in the browser's store,
// of ids and slider values, never of a writer's text. (Gradio's own store is sometimes read only after the page's load event.)
(() => {
  const moxu = window.moxu;
  const named = (names, values) => Object.fromEntries(names.map((name, place) => [name, values[place]]));

  const kept = (tab) => {
    try {
      const found = JSON.parse(moxu.remembered(`moxu-${tab}`));
      return found && typeof found === "object" && !Array.isArray(found) ? found : {};
    } catch {
      return {}; // Somebody else wrote it.
    }
  };

  const keep = (tab, names, values) => moxu.remember(`moxu-${tab}`, JSON.stringify({ ...kept(tab), ...named(names, values) }));

  const keepChosen = (tab, names, values) => { if (values[0]) keep(tab, names, values); };
  // While nothing is chosen on the page yet, which the first of the names tells, all comes from the store; else only what always does.
  const recall = (tab, names, now, always = []) => {
    const last = kept(tab);
    const isFresh = !now[0];
    return names.map((name, place) => (name in last && (isFresh || always.includes(name)) ? last[name] : now[place]));
  };

  // A list of buttons in a gr.HTML: the one that is pressed names its thing, and the event that follows takes it from there.
  const chosen = {};
  const choosing = (element, trigger, kind) => element.addEventListener("click", (event) => {
    const button = event.target.closest(`[data-${kind}]`);
    if (!button) return;
    chosen[kind] = button.dataset[kind];
    trigger("click");
  });

  // What the cleaning tab's own buttons and switches ask for. The switches' wishes wait in line, for several may be moved
  // before Gradio takes the first.
  const wish = {};
  const wishes = [];
  // The same for the chapters there; see assets/outline.js.
  const outlineWishes = { looks: [], edits: [] };

  // The writing tab's controls are handed to writing.js, which hears of every move.
  const hand = (part) => {
    moxu.writing = { ...moxu.writing, ...part };
    document.dispatchEvent(new CustomEvent("moxu:writing"));
  };
  const recallSettings = (names, now) => {
    const values = recall("writing", names, now, names);
    hand({ settings: named(names, values) });
    return values;
  };
  const keepSettings = (names, now) => {
    if (!moxu.writing?.settings) return; // The last visit's are not back yet.
    keep("writing", names, now);
    hand({ settings: named(names, now) });
  };
  const writeWith = (bundle) => {
    keepChosen("writing", ["bundle"], [bundle]);
    hand({ bundle });
  };
  // Presets are {name: [value of each slider]}.
  const presetOf = (presets, now, own) =>
    Object.keys(presets).find((name) => presets[name].every((value, place) => value === now[place])) ?? own;

  const look = (id) => document.getElementById(id)?.scrollIntoView();
  // Gradio's boxes without a value hold 0 when they are shown for the first time.
  const noZeros = (boxes) => boxes.map((value) => value || null);
  // A timer that nobody sees shall not ask the server for anything.
  const restUnlessOpen = (tab) => ({ __type__: "update", ...(moxu.isOpen(tab) ? {} : { active: false }) });

  // Files above the limit are told of here, in the page's language, and never sent; the others go on as if they had come alone.
  // The sentence stands beside the box: `#<the box's id>-limit [data-bytes]`.
  const limitOf = (target) => {
    const box = target instanceof Element ? target.closest("[id$=-upload]") : null;
    return box && document.querySelector(`#${box.id}-limit [data-bytes]`);
  };
  let resending = false;
  const admit = (event, input, files) => {
    const notice = limitOf(input);
    if (!notice || resending) return;
    const small = new DataTransfer();
    const large = [...files].filter((file) => file.size > Number(notice.dataset.bytes));
    [...files].filter((file) => !large.includes(file)).forEach((file) => small.items.add(file));
    notice.hidden = !large.length;
    notice.textContent = large.length ? notice.dataset.sentence.replace("{names}", large.map((file) => file.name).join("、")) : "";
    if (!large.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    input.files = small.files;
    resending = true;
    if (small.files.length) input.dispatchEvent(new Event("change", { bubbles: true }));
    resending = false;
  };
  document.addEventListener("change", (event) => {
    if (event.target.type === "file") admit(event, event.target, event.target.files);
  }, true);
  document.addEventListener("drop", (event) => {
    const input = event.target instanceof Element && event.target.closest("[id$=-upload]")?.querySelector("input[type=file]");
    if (input && event.dataTransfer) admit(event, input, event.dataTransfer.files);
  }, true);

  Object.assign(moxu, {
    keep, keepChosen, recall, chosen, choosing, recallSettings, keepSettings, writeWith, presetOf, look, noZeros, restUnlessOpen,
    wish, wishes, outlineWishes,
  });
})();
