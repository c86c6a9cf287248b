// The learning curve: one Plotly chart that stays while its points come. gr.HTML hands over the run, its empty figure in both
// themes and the words; the points come from /api/runs/ID/curve, each time only those since the last time.
const PLOTLY = "/assets/plotly.min.js";
const RETRY_SECONDS = 5;
// Beyond so many points the whole curve is asked for anew, thinned by the server.
const MOST_POINTS = 6000;
const MEMORISING = 1.01;
const WHOLE_STEPS = 10;

let script;
const plotly = () => script ??= new Promise((resolve, reject) => {
  const element = document.createElement("script");
  element.src = PLOTLY;
  element.onload = () => resolve(window.Plotly);
  element.onerror = () => { script = undefined; element.remove(); reject(new Error("no plotly")); };
  document.head.append(element);
});

const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const bits = (value) => value.toFixed(3);
const count = (value) => value.toLocaleString(moxu.language === "zh" ? "zh-CN" : "en");
const last = (points) => points[points.length - 1];
const nothing = () => ({ line: "", cursor: "", train: [], held_out: [], best: null, again: 1, asked: false });

export function host(element, props, watch) {
  const place = element.querySelector(".curve");
  const caption = element.querySelector(".curve-caption");
  let told = null;
  let curve = nothing();
  let onScreen = false;
  let busy = false;
  let offline = false;
  let drawn = "";
  let timer = 0;

  const seen = () => onScreen && !document.hidden && element.isConnected;

  const best = () => {
    const lowest = curve.held_out.reduce((low, point) => (!low || point[1] < low[1] ? point : low), null);
    // While it learns its own word for the best step lags behind; afterwards it counts: that checkpoint was kept.
    return (told.lively ? null : curve.held_out.find((point) => point[0] === curve.best)) ?? lowest;
  };

  const sentences = () => {
    const words = told.words;
    const train = last(curve.train), held = last(curve.held_out), lowest = best();
    const said = [];
    if (train) said.push(fill(words.caption_train, { step: count(train[0]), train: bits(train[1]) }));
    if (held && lowest) {
      const values = { held: bits(held[1]), best: bits(lowest[1]), best_step: count(lowest[0]) };
      said.push(fill(words.caption_held, values));
      const since = curve.held_out.filter((point) => point[0] > lowest[0]).length;
      if (since >= 2 && held[1] > lowest[1] * MEMORISING) said.push(fill(words.memorising, values));
      else if (told.lively && curve.held_out.length > 2 && since === 0) said.push(words.learning);
    }
    if (!said.length && curve.asked) said.push(words.waiting);
    if (offline) said.push(words.offline);
    return said.join(moxu.language === "zh" ? "" : " ");
  };

  const say = () => {
    const text = sentences();
    if (caption.textContent !== text) caption.textContent = text;
  };

  const buttons = (Plotly) => [[
    { name: "save", title: told.words.save, icon: Plotly.Icons.camera,
      click: (graph) => Plotly.downloadImage(graph, { format: "png", filename: told.picture, width: 1200, height: 600, scale: 2 }) },
    { name: "reset", title: told.words.reset, icon: Plotly.Icons.home,
      click: (graph) => Plotly.relayout(graph, { "xaxis.autorange": true, "yaxis.autorange": true }) },
  ]];

  const draw = async () => {
    if (!told || !seen()) return;
    const Plotly = await plotly().catch(() => null);
    if (!Plotly || !told || !seen()) return;
    const figure = structuredClone(told.figures[moxu.dark() ? "dark" : "light"]);
    const lowest = best();
    const points = [curve.train, curve.held_out, lowest ? [lowest] : []];
    figure.data.forEach((trace, index) => {
      trace.x = points[index].map((point) => point[0]);
      trace.y = points[index].map((point) => point[1]);
    });
    // Of a young run Plotly would mark halves, and call each by the whole step below it.
    if ((last(curve.train)?.[0] ?? 0) < WHOLE_STEPS && (last(curve.held_out)?.[0] ?? 0) < WHOLE_STEPS) figure.layout.xaxis.dtick = 1;
    // Axes without a curve would show figures that mean nothing.
    if (!curve.train.length && !curve.held_out.length) figure.layout.xaxis.visible = figure.layout.yaxis.visible = false;
    // `uirevision` in the layout is the run: hidden curves and zoom outlive every redraw of the same run; of a zoom that did not
    // come from the mouse Plotly knows nothing there, so it is carried over here.
    if (drawn === told.run) for (const axis of ["xaxis", "yaxis"]) {
      const now = place.layout[axis];
      if (now.autorange === false) Object.assign(figure.layout[axis], { autorange: false, range: [...now.range] });
    }
    drawn = told.run;
    await Plotly.react(place, figure.data, figure.layout, {
      displaylogo: false, displayModeBar: true, responsive: true, showTips: false, modeBarButtons: buttons(Plotly),
    });
  };

  const append = (known, points) => {
    for (const point of points) {
      // A resumed run goes over steps again; what it says later counts.
      while (known.length && last(known)[0] >= point[0]) known.pop();
      known.push(point);
    }
  };

  const take = (answer) => {
    if (answer.fresh) { curve.train = []; curve.held_out = []; }
    append(curve.train, answer.rows.train);
    append(curve.held_out, answer.rows.held_out);
    Object.assign(curve, { line: answer.line, cursor: answer.cursor, best: answer.rows.best_step, again: answer.again, asked: true });
    if (curve.train.length > MOST_POINTS) curve.line = "";
    return answer.fresh || answer.rows.train.length + answer.rows.held_out.length > 0;
  };

  const ask = async () => {
    const run = told.run;
    const query = new URLSearchParams({ after: curve.cursor, line: curve.line });
    const answer = await fetch(`/api/runs/${encodeURIComponent(run)}/curve?${query}`, { headers: { "X-Moxu-Language": moxu.language } });
    if (answer.status === 404 || answer.status === 403) { curve.again = null; return false; }
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const body = await answer.json();
    // Meanwhile another run may have been chosen.
    return told.run === run ? take(body) : false;
  };

  const plan = (seconds) => {
    clearTimeout(timer);
    if (seconds && seen()) timer = setTimeout(look, seconds * 1000);
  };

  const look = async () => {
    if (!told || !seen() || busy) return;
    busy = true;
    const run = told.run;
    try {
      const news = await ask();
      const back = offline;
      offline = false;
      if (news || back) await draw();
    } catch {
      // The studio is gone or restarts: the curve stays, and it is asked again.
      offline = true;
    }
    busy = false;
    if (!told) return;
    say();
    plan(told.run !== run ? 0.01 : offline ? RETRY_SECONDS : curve.again);
  };

  const listen = () => {
    const next = props.value ? JSON.parse(props.value) : null;
    const other = !next || !told || next.run !== told.run;
    told = next;
    if (other) curve = nothing();
    if (!told) { clearTimeout(timer); return; }
    if (other) draw();
    say();
    plan(0.01);
  };

  new IntersectionObserver((entries) => {
    onScreen = last(entries).isIntersecting;
    if (!onScreen) { clearTimeout(timer); return; }
    draw();
    if (!curve.asked || curve.again) plan(0.01);
  }).observe(place);
  new ResizeObserver(() => window.Plotly && place.data && seen() && window.Plotly.Plots.resize(place)).observe(place);
  document.addEventListener("visibilitychange", () => seen() && (!curve.asked || curve.again) && plan(0.01));
  document.addEventListener("moxu:theme", draw);
  watch("value", listen);
  listen();
}
