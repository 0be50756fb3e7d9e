"use strict";
// Chooses among what the page's data holds. All text from the data goes into text nodes, or, for Plotly, which
// reads a little HTML, through `quoted`. Plots are drawn by plots.js and history.js, with the marks of marks.js.

const SUITES = JSON.parse(document.getElementById("data").textContent).suites;
const BEST = "virtual best";
const KINDS = { s: "solved", l: "not solved", f: "failed" };
const VALUES = { seconds: "median of seconds", share: "share solved" };
const MOVED = { ratio: "ratio to the yardstick", par2: "PAR-2" };

const at = (id) => document.getElementById(id);
const quoted = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const shortened = (text, most) => {
  const letters = Array.from(text);
  return letters.length <= most ? text : `${letters.slice(0, most - 6).join("")}…${letters.slice(-5).join("")}`;
};
const named = (text) => quoted(shortened(text === "" ? "(no name)" : text, 26));
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const narrow = () => window.innerWidth < 700;

// --- numbers ----------------------------------------------------------------------------------------------------

function amount(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 0.0005) return "<0.001";
  if (size >= 1e6) return value.toExponential(1);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}

// For small cells: one digit, or whole seconds.
function brief(value) {
  if (value < 0.0005 || value >= 1e6) return amount(value);
  return String(value < 1 ? Number(value.toPrecision(1)) : Math.round(value));
}
const seconds = (value) => (value === null || value === undefined ? "–" : `${amount(value)} s`);
const times = (value) => (value === null || value === undefined ? "–" : `${amount(value)} ×`);

// --- what is chosen: in the selects, and behind the # of the address -----------------------------------------------

const SELECTS = ["suite", "family", "x", "y", "heat", "value", "moved"];

function fill(id, entries, wanted, otherwise) {
  const select = at(id);
  select.replaceChildren(
    ...entries.map(([value, text]) => {
      const option = document.createElement("option");
      option.value = value;
      option.textContent = shortened(text === "" ? "(no name)" : text, 60);
      return option;
    }),
  );
  const found = entries.findIndex(([value]) => value === wanted);
  select.selectedIndex = found >= 0 ? found : Math.max(0, otherwise);
  select.parentElement.hidden = entries.length < 2;
}

// Values are names, not positions: an address keeps its meaning when setups are added.
function offer(wanted) {
  fill("suite", SUITES.map((suite) => [suite.name, suite.name]), wanted.get("suite"), 0);
  const suite = chosenSuite();
  const names = suite.setups.map(([name]) => [name, name]);
  const ranked = suite.views[0].ranking;
  // "=": the name of a family cannot be mistaken for all of them
  const families = suite.views.map(({ family }) => (family === null ? ["", "all"] : [`=${family}`, family]));
  fill("family", families, wanted.has("family") ? `=${wanted.get("family")}` : "", 0);
  const rival = suite.yardstick !== null && suite.yardstick !== ranked[0] ? suite.yardstick : ranked[1];
  fill("x", names, wanted.get("x"), rival ?? 0);
  fill("y", names, wanted.get("y"), ranked[0] ?? 0);
  const heat = [["", BEST], ...suite.setups.map(([name]) => [`=${name}`, name])];
  fill("heat", heat, wanted.has("heat") ? `=${wanted.get("heat")}` : "", 0);
  fill("value", Object.entries(VALUES), wanted.get("value"), 0);
  const moved = Object.entries(MOVED).filter(([key]) => key !== "ratio" || suite.yardstick !== null);
  fill("moved", moved, wanted.get("moved"), 0);
}

const wantedByAddress = () => new URLSearchParams(location.hash.slice(1));

function chosen() {
  const words = new URLSearchParams();
  for (const id of SELECTS) {
    const { value, options } = at(id);
    if (options.length < 2) continue;
    if (id === "family" || id === "heat") {
      if (value !== "") words.set(id, value.slice(1));
    } else words.set(id, value);
  }
  return words;
}
const address = () => `#${chosen()}`;

const chosenSuite = () => SUITES[at("suite").selectedIndex];
const chosenView = () => chosenSuite().views[at("family").selectedIndex];

// --- text and tables ----------------------------------------------------------------------------------------------

function element(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
}

function drawHeading() {
  const suite = chosenSuite();
  document.title = `qnnt benchmarks: ${suite.name}`;
  at("suite-name").textContent = suite.name;
  at("notes").replaceChildren(...suite.notes.map((line) => element("li", line)));
  at("failures").hidden = suite.failures.length === 0;
  at("failures").querySelector("ul").replaceChildren(...suite.failures.map((line) => element("li", line)));
  const facts = Object.entries(suite.facts).filter(([, value]) => value !== "");
  at("facts").querySelector("dl").replaceChildren(
    ...facts.flatMap(([name, value]) => [element("dt", name), element("dd", value)]),
  );
}

function heading(scope, text, name) {
  const made = element("th", text, name);
  made.scope = scope;
  return made;
}

function table(id, heads, rows) {
  const head = element("tr");
  head.append(...heads.map(([text, name]) => heading("col", text, name)));
  at(id).replaceChildren(element("thead"), element("tbody"));
  at(id).tHead.append(head);
  at(id).tBodies[0].append(...rows);
}

function setupCell(i) {
  const suite = chosenSuite();
  const cell = heading("row");
  const best = i === suite.setups.length;
  const name = best ? BEST : suite.setups[i][0];
  const addition = i === suite.yardstick ? " (yardstick)" : "";
  cell.append(swatch(best ? undefined : i), name === "" ? "(no name)" : name, addition);
  cell.title = name;
  return cell;
}

function drawScores() {
  const { setups, yardstick } = chosenSuite();
  const { scores, ranking } = chosenView();
  const columns = [
    ["PAR-2", (score) => seconds(score.par2)],
    ...(yardstick === null ? [] : [["ratio", (score) => times(score.ratio)], ["ratio on", (score) => score.compared]]),
    ["solved", (score) => score.solved],
    ["not solved", (score) => score.at_limit],
    ["unsupported", (score) => score.unsupported],
    ["failed", (score) => score.failed],
    ["instances", (score) => score.cases],
  ];
  const rows = [...ranking, setups.length].map((i) => {
    const cells = columns.map(([name, of]) => {
      const value = of(scores[i]);
      return element("td", String(value), name === "failed" && value ? "bad" : "");
    });
    const row = element("tr", undefined, i === setups.length ? "best" : "");
    row.append(setupCell(i), ...cells, element("td", setups[i]?.[1] ?? "", "text"));
    return row;
  });
  table("scores", [["setup"], ...columns.map(([name]) => [name]), ["solver", "text"]], rows);
}

function drawContributions() {
  const { contributions, ranking } = chosenView();
  const rows = ranking.map((i) => {
    const { par2, solved, alone_best: alone } = contributions[i];
    const row = element("tr");
    row.append(setupCell(i), ...[seconds(par2), solved, alone].map((value) => element("td", String(value))));
    return row;
  });
  table("contributions", [["without it"], ["PAR-2 grows by"], ["fewer solved"], ["alone the best on"]], rows);
}

// --- the page -----------------------------------------------------------------------------------------------------

const DRAWN_BY = {
  scatter: [drawScatter],
  heat: [drawHeatMap],
  history: [drawHistory],
  all: [drawHeading, drawScores, drawContributions, drawCactus, drawScatter, drawHeatMap, drawHistory],
};
const CHANGES = {
  suite: "all",
  family: "all",
  x: "scatter",
  y: "scatter",
  heat: "heat",
  value: "heat",
  moved: "history",
};

function draw(what) {
  for (const one of DRAWN_BY[what]) one();
}

for (const id of SELECTS) {
  at(id).addEventListener("change", () => {
    if (id === "suite") {
      const kept = chosen();
      // which setups are worth a comparison is another question in each suite
      for (const one of ["x", "y"]) kept.delete(one);
      offer(kept);
    }
    draw(CHANGES[id]);
    location.replace(address());
  });
}
// a changed address is a link that was followed, unless it tells what is shown already
window.addEventListener("hashchange", () => {
  if (location.hash === address()) return;
  offer(wantedByAddress());
  draw("all");
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw("all"));
at("facts").open = !narrow();
offer(wantedByAddress());
draw("all");
