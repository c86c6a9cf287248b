// The shelf: `element` is a gr.HTML's place on the page (js_on_load), `trigger` fires its Gradio event.
// A click on a spine chooses that model; a click on the download asks first whether the files are whole.
const narrow = window.matchMedia("(max-width: 700px)");

const take = async (link) => {
  if (link.ariaBusy === "true") return;
  const said = link.parentElement.querySelector("[role=status]");
  const say = (text, failed) => { said.textContent = text; said.classList.toggle("failed", Boolean(failed)); };
  link.ariaBusy = "true";
  say(said.dataset.busy);
  try {
    const answer = await fetch(link.href.replace(/download$/, "check"), { headers: { "X-Moxu-Language": moxu.language } });
    if (answer.ok) {
      say("");
      const saved = Object.assign(document.createElement("a"), { href: link.href, download: link.download });
      saved.click();
    } else {
      say((await answer.json()).error.message, true);
    }
  } catch {
    say(said.dataset.failed, true);
  } finally {
    link.ariaBusy = "false";
  }
};

export function host(element, trigger) {
  const choose = (spine) => {
    moxu.chosen.bundle = spine.dataset.bundle;
    // At once, for the server's answer takes a moment.
    for (const other of element.querySelectorAll("[data-bundle]")) other.setAttribute("aria-pressed", String(other === spine));
    trigger("select");
    if (narrow.matches) document.querySelector("#shelf-details")?.scrollIntoView({ block: "start" });
  };

  element.addEventListener("click", (event) => {
    const spine = event.target.closest("[data-bundle]");
    const link = event.target.closest("a.shelf-download");
    if (spine) choose(spine);
    // With a key held the browser does what the person asked it for.
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      take(link);
    }
  });
}
