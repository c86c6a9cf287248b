// Runs before Gradio does: language and theme of the page, and what opens a tab. Remembers choices, never a writer's text.
(() => {
  const language = location.pathname.startsWith("/en") ? "en" : "zh";
  // Gradio's own few words follow the browser; here they follow the page.
  const locale = language === "zh" ? "zh-CN" : "en";
  Object.defineProperty(navigator, "language", { get: () => locale });
  Object.defineProperty(navigator, "languages", { get: () => [locale] });
  const root = document.documentElement;
  root.lang = locale;
  new MutationObserver(() => root.lang !== locale && (root.lang = locale)).observe(root, { attributeFilter: ["lang"] });

  const remembered = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private browsing */ } };

  const theme = remembered("moxu-theme");
  const address = new URL(location.href);
  if (theme && address.searchParams.get("__theme") !== theme) {
    address.searchParams.set("__theme", theme);
    history.replaceState(null, "", address);
  }

  const tabButton = (name) => document.querySelector(`#tabs button[role=tab][id^="tab-${name}"]`);
  const isOpen = (name) => tabButton(name)?.getAttribute("aria-selected") === "true";
  const open = (name) => { if (!isOpen(name)) tabButton(name)?.click(); };
  const switchTheme = () => {
    const dark = document.body.classList.toggle("dark");
    remember("moxu-theme", dark ? "dark" : "light");
    document.dispatchEvent(new CustomEvent("moxu:theme", { detail: dark }));
  };
  const switchLanguage = (chosen) => {
    document.cookie = `moxu-language=${chosen}; path=/; max-age=31536000; samesite=strict`;
    location.href = `/${chosen}/${location.search}`;
  };
  window.moxu = { language, open, isOpen, remembered, remember, dark: () => document.body.classList.contains("dark") };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("[data-language], [data-theme-switch], [role=tab]") : null;
    if (!target) return;
    if (target.dataset.language) switchLanguage(target.dataset.language);
    else if ("themeSwitch" in target.dataset) switchTheme();
    else if (target.closest("#tabs")) {
      const address = new URL(location.href);
      address.searchParams.set("tab", target.id.replace(/^tab-/, "").replace(/-button$/, ""));
      history.replaceState(null, "", address);
    }
  });

  // The tab in the address. Its button is there a moment before it listens, so it is pressed until it is chosen.
  const wanted = address.searchParams.get("tab");
  if (wanted && /^[a-z]+$/.test(wanted)) {
    const until = Date.now() + 20000;
    let kept = 0;
    const press = () => {
      // Gradio, still building, may choose the first tab again.
      if (isOpen(wanted)) kept += 1;
      else { kept = 0; tabButton(wanted)?.click(); }
      if (kept < 5 && Date.now() < until) setTimeout(press, 50);
    };
    press();
  }
})();
