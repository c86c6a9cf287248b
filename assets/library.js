// The library: `element` is a gr.HTML's place on the page (js_on_load), `trigger` fires its Gradio event.

// Buttons that carry a wish, as JSON; one that only looks takes the encoding from the chooser beside it.
export function wishes(element, trigger) {
  let pressed = null;
  element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-wish]");
    if (!button || button.ariaBusy === "true") return;
    const wish = JSON.parse(button.dataset.wish);
    const chooser = button.parentElement.querySelector("select");
    if (wish.do === "look") wish.encoding = chooser.value;
    button.ariaBusy = "true";
    // Pressed twice in haste it is one wish; if it failed it may be pressed again.
    setTimeout(() => (button.ariaBusy = "false"), 2000);
    pressed = wish.do === "look" ? { wish: button.dataset.wish, encoding: wish.encoding } : null;
    moxu.chosen.wish = JSON.stringify(wish);
    trigger("click");
  });
  // The answer to a look is a new card, in which the keyboard goes on where it was.
  new MutationObserver(() => {
    const button = pressed && [...element.querySelectorAll("[data-wish]")].find((one) => one.dataset.wish === pressed.wish);
    if (!button) return;
    button.parentElement.querySelector("select").value = pressed.encoding;
    button.focus({ preventScroll: true });
    pressed = null;
  }).observe(element, { childList: true, subtree: true });
}

// Links that take a clean text away: the file is made first, so a sentence says that it comes, or why it does not.
export function copies(element) {
  element.addEventListener("click", (event) => {
    const link = event.target.closest("a[download]");
    // With a key held the browser does what the person asked it for.
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    fetchCopy(link, element.querySelector("[role=status]"));
  });
}

const fetchCopy = async (link, said) => {
  if (link.ariaBusy === "true") return;
  const say = (text, failed = false) => { said.textContent = text; said.classList.toggle("refusal", failed); };
  link.ariaBusy = "true";
  say(said.dataset.busy);
  try {
    const answer = await fetch(link.href, { headers: { "X-Moxu-Language": moxu.language } });
    if (!answer.ok) return say((await answer.json()).error.message, true);
    save(await answer.blob(), link.download);
    say("");
  } catch {
    say(said.dataset.failed, true);
  } finally {
    link.ariaBusy = "false";
  }
};

const save = (blob, name) => {
  const address = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  // The browser needs the address until it has begun to save.
  setTimeout(() => URL.revokeObjectURL(address), 60000);
};
