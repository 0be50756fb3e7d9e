"use strict";
// What page.js chose, drawn by Plotly.

const CONFIG = {
  responsive: true,
  displaylogo: false,
  displayModeBar: false, // it lies on the legend; a double click ends a zoom without it
};

// What a plot shows, for those who do not see it: its title and all that was chosen for it.
function describe(id) {
  const card = at(id).closest(".card");
  const labels = [at("family").parentElement, ...card.querySelectorAll(".choices label")];
  const name = (label) => label.firstChild.data.trim().toLowerCase();
  const value = (label) => label.querySelector("select").selectedOptions[0].text;
  const chosen = labels.filter((label) => !label.hidden).map((label) => `${name(label)}: ${value(label)}`);
  at(id).setAttribute("role", "img");
  at(id).setAttribute("aria-label", [card.querySelector("h2").textContent, ...chosen].join(", "));
}

// Above the plot, in as many rows as it takes; Plotly makes room for it.
const LEGEND = { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom", font: { size: 13 } };

// The height that it takes, in pixels; its columns are as wide as its longest name.
function legendRoom(id, traces) {
  const widest = 60 + 7.5 * Math.max(...traces.map(({ name }) => name.length));
  const columns = Math.max(1, Math.floor((at(id).clientWidth - 80) / widest));
  return 20 * Math.ceil(traces.length / columns);
}

function plot(id, traces, layout, height) {
  at(id).querySelector(".empty")?.remove();
  describe(id);
  const ink = css("--ink");
  const axis = {
    gridcolor: css("--line"),
    linecolor: css("--faint"),
    zeroline: false,
    showline: true,
    automargin: true,
  };
  const whole = {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: ink },
    hoverlabel: { align: "left", font: { size: 13 } },
    // a finger on a plot scrolls the page
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    margin: { t: 8, r: 12, b: 48, l: 56 },
    height,
    ...layout,
    xaxis: { ...axis, ...layout.xaxis },
    yaxis: { ...axis, ...layout.yaxis },
  };
  Plotly.react(at(id), traces, whole, CONFIG);
}

function empty(id, text) {
  Plotly.purge(at(id));
  at(id).removeAttribute("role");
  at(id).removeAttribute("aria-label");
  at(id).replaceChildren(element("p", text, "empty"));
}

// Ticks as people write them: 0.01, 0.1, 1, 10; between these where there is room.
function decades(low, high) {
  const values = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    values.push(Number(`1e${power}`));
  }
  const between = high / low < 7 ? [1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8] : high / low < 100 ? [2, 5] : [];
  values.push(...values.flatMap((value) => between.map((factor) => Number((factor * value).toPrecision(2)))));
  values.sort((a, b) => a - b);
  return { tickvals: values, ticktext: values.map((value) => (value >= 1e6 ? value.toExponential(0) : `${value}`)) };
}

const logarithmic = (title, low, high) => ({
  title: { text: title },
  type: "log",
  range: [Math.log10(low), Math.log10(high)],
  ...decades(low, high),
});

// Of labels, which Plotly might take for numbers or dates.
const positions = (title, labels) => ({
  title: { text: title, standoff: 12 },
  tickvals: labels.map((_, i) => i),
  ticktext: labels,
  range: [-0.5, labels.length - 0.5],
  showgrid: false,
});

// --- cactus plot --------------------------------------------------------------------------------------------------

function drawCactus() {
  const { setups } = chosenSuite();
  const { cactus, cases } = chosenView();
  if (!cactus.some(({ solved }) => solved.at(-1) > 0)) return empty("cactus", "No instance is solved.");
  const traces = cactus.map((curve, i) => {
    const best = i === setups.length;
    const name = best ? BEST : setups[i][0];
    const style = best
      ? { line: { shape: "hv", width: 1.5, color: css("--ink"), dash: "3px,3px" }, mode: "lines" }
      : {
          line: { shape: "hv", width: 2.5, color: colour(i), dash: dashForPlotly(i) },
          mode: "lines+markers",
          marker: { size: 8, symbol: symbol(i), maxdisplayed: 6 },
        };
    return {
      x: curve.seconds,
      y: curve.solved,
      name: named(name),
      ...style,
      customdata: curve.seconds.map(() => quoted(shortened(name, 60))),
      hovertemplate: "%{customdata}<br>%{y} solved within %{x:.3g} s each<extra></extra>",
    };
  });
  const ends = cactus.flatMap(({ seconds }) => seconds).filter((second) => second > 0);
  const solved = {
    title: { text: `solved, of ${cases} ${cases === 1 ? "instance" : "instances"}` },
    range: [0, cases * 1.04],
    ...(cases < 8 ? { dtick: 1 } : {}),
  };
  const layout = {
    legend: LEGEND,
    showlegend: true,
    xaxis: logarithmic("seconds per instance", Math.min(...ends) / 1.2, Math.max(...ends) * 1.05),
    yaxis: solved,
  };
  // the virtual best solver lies below the others
  return plot("cactus", [traces.at(-1), ...traces.slice(0, -1)], layout, 420 + legendRoom("cactus", traces));
}

// --- scatter plot -------------------------------------------------------------------------------------------------

// Instances that both setups take and one of them solved, by family; how many neither solved, how many one refuses.
function paired(x, y) {
  const { scatter, views } = chosenSuite();
  const chosen = chosenView().family;
  const groups = new Map();
  let [neither, refused] = [0, 0];
  scatter.labels.forEach((label, i) => {
    const [across, up] = [scatter.kinds[x][i], scatter.kinds[y][i]];
    const place = scatter.families[i];
    // a single family has no view of its own
    const family = views.length > 1 ? views[place + 1].family : null;
    if (across === "-" || up === "-" || (chosen !== null && family !== chosen)) return;
    if (across === "u" || up === "u") {
      refused++;
      return;
    }
    if (across !== "s" && up !== "s") {
      neither++;
      return;
    }
    if (!groups.has(place)) groups.set(place, { place, family, points: [] });
    const times = { x: scatter.scores[x][i], y: scatter.scores[y][i] };
    groups.get(place).points.push({ label, across, up, both: across === up, ...times });
  });
  return { groups: [...groups.values()].sort((a, b) => a.place - b.place), neither, refused };
}

function familyTrace({ place, family, points }) {
  return {
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => y),
    name: named(family ?? "all"),
    mode: "markers",
    marker: {
      size: points.length > 30 ? 7 : 9,
      color: colour(place),
      symbol: points.map(({ both }) => (both ? symbol(place) : `${symbol(place)}-open`)),
      line: { width: 1.5, color: colour(place) },
    },
    customdata: points.map(({ label, across, up }) => [quoted(shortened(label, 60)), KINDS[across], KINDS[up]]),
    hovertemplate:
      "%{customdata[0]}<br>across: %{x:.3g} s, %{customdata[1]}<br>up: %{y:.3g} s, %{customdata[2]}<extra></extra>",
  };
}

function drawScatter() {
  const { setups } = chosenSuite();
  const card = at("scatter").closest(".card");
  card.hidden = setups.length < 2;
  if (card.hidden) return;
  const [x, y] = [at("x").selectedIndex, at("y").selectedIndex];
  const { groups, neither, refused } = paired(x, y);
  const rest =
    (neither === 0 ? "" : ` Left out because neither solves them: ${neither}.`) +
    (refused === 0 ? "" : ` Left out because one of them does not take them: ${refused}.`);
  at("scatter-caption").textContent =
    "A point is an instance; below the diagonal the setup named up is faster. Open points are solved by one alone: " +
    `the other stands at twice the time limit.${rest}`;
  if (groups.length === 0) {
    empty("scatter", "No instance is taken by both and solved by one of them.");
    return;
  }
  const times = groups.flatMap(({ points }) => points.flatMap((point) => [point.x, point.y]));
  const [low, high] = [Math.min(...times) / 1.4, Math.max(...times) * 1.4];
  // where y is so many times x, within the square
  const line = (factor, style) => ({
    type: "line",
    layer: "below",
    line: { color: css("--faint"), width: 1, dash: style },
    x0: Math.max(low, low / factor),
    y0: Math.max(low, low * factor),
    x1: Math.min(high, high / factor),
    y1: Math.min(high, high * factor),
  });
  const layout = {
    legend: LEGEND,
    showlegend: groups.length > 1,
    shapes: [line(1, "solid"), ...(high / low > 20 ? [line(10, "dot"), line(0.1, "dot")] : [])],
    xaxis: logarithmic(`${named(setups[x][0])}: seconds`, low, high),
    yaxis: logarithmic(`${named(setups[y][0])}: seconds`, low, high),
  };
  const traces = groups.map(familyTrace);
  plot("scatter", traces, layout, 400 + (traces.length > 1 ? legendRoom("scatter", traces) : 0));
}

// --- heat map -----------------------------------------------------------------------------------------------------

// What a cell of the heat map stands for: its colour, by `level`, and its text; null where there is nothing.
const SHOWN = {
  seconds: {
    caption:
      "Of the instances of a size that the setup takes, the median of seconds; twice the time limit if not solved.",
    level: (cell) => (cell.seconds === null ? null : Math.log10(Math.max(cell.seconds, 0.001))),
    text: (cell, small) => (cell.seconds === null ? "" : small ? brief(cell.seconds) : amount(cell.seconds)),
    scale: (levels) => {
      const [low, high] = [Math.min(...levels) - 0.2, Math.max(...levels) + 0.2];
      const { tickvals, ticktext } = decades(10 ** low, 10 ** high);
      const bar = { title: { text: "seconds" }, tickvals: tickvals.map(Math.log10), ticktext };
      return { zmin: low, zmax: high, reversescale: true, colorbar: bar };
    },
  },
  share: {
    caption: "Of the instances of a size that the setup takes, the share that it solves.",
    level: (cell) => (cell.taken === 0 ? null : cell.solved / cell.taken),
    text: (cell, small) =>
      cell.taken === 0 ? "" : `${Math.round((100 * cell.solved) / cell.taken)}${small ? "" : " "}%`,
    scale: () => ({ zmin: 0, zmax: 1, colorbar: { title: { text: "solved" }, tickformat: ".0%" } }),
  },
};

function told(cell) {
  const refused = cell.unsupported ? `, ${cell.unsupported} more unsupported` : "";
  return `${cell.solved} of ${cell.taken} solved${refused}<br>median ${seconds(cell.seconds)}`;
}

function drawHeatMap() {
  const { heat_map: map } = chosenView();
  const { caption, level, text, scale } = SHOWN[at("value").value];
  at("heat-caption").textContent = caption;
  // the virtual best solver is the first choice and the last in the data
  const cells = map.cells.at(at("heat").selectedIndex - 1);
  const each = (of, absent) => cells.map((row) => row.map((cell) => (cell === null ? absent : of(cell))));
  const levels = each(level, null).flat().filter((value) => value !== null);
  if (levels.length === 0) return empty("heat-map", "The setup takes none of these instances.");
  const small = narrow() && map.columns.length > 5;
  const { colorbar, ...scaled } = scale(levels);
  const trace = {
    type: "heatmap",
    x: map.columns.map((_, i) => i),
    y: map.rows.map((_, i) => i),
    z: each(level, null),
    text: each((cell) => text(cell, small), ""),
    customdata: each(told, ""),
    texttemplate: "%{text}",
    textfont: { size: 12 },
    hovertemplate: "%{customdata}<extra></extra>",
    hoverongaps: false,
    colorscale: "Cividis",
    xgap: 2,
    ygap: 2,
    showscale: !narrow(), // the numbers stand in the cells
    colorbar: { thickness: 12, outlinewidth: 0, ...colorbar },
    ...scaled,
  };
  // turned where they are wider than their columns
  const room = (at("heat-map").clientWidth - (narrow() ? 90 : 190)) / map.columns.length;
  const turned = 8 * Math.max(...map.columns.map((label) => label.length)) + 6 > room;
  const samples = { ...positions("samples", map.columns), tickangle: turned ? -60 : 0 };
  const layout = { xaxis: samples, yaxis: positions("d × width", map.rows) };
  return plot("heat-map", [trace], layout, Math.max(320, 110 + 34 * map.rows.length));
}
