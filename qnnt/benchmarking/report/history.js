"use strict";
// How scores moved from commit to commit.

const GAP = { x: null, y: null };

// The points of a line; where only those of one machine compare, with a gap before the next machine's.
function historyPoints(i, key) {
  const { history } = chosenView();
  const known = history.flatMap((moment, x) => (moment[key][i] === null ? [] : [{ moment, x, y: moment[key][i] }]));
  if (key === "ratio") return known;
  const places = [...new Set(known.map(({ moment }) => moment.place))];
  return places.flatMap((place, k) => [...(k ? [GAP] : []), ...known.filter(({ moment }) => moment.place === place)]);
}

function historyTrace(name, i, key) {
  const { history } = chosenView();
  const newest = history.at(-1)?.place;
  const known = historyPoints(i, key);
  const shown = key === "ratio" ? times : seconds;
  const words = ({ moment, y }) => [
    `${quoted(shortened(name, 60))}: ${shown(y)}`,
    `${quoted(moment.label)}, ${quoted(moment.date)}`,
    quoted(moment.place),
    moment.recordings === 1 ? "1 recording" : `median of ${moment.recordings} recordings`,
  ];
  return {
    x: known.map(({ x }) => x),
    y: known.map(({ y }) => y),
    name: named(name),
    mode: "lines+markers",
    line: { color: colour(i), dash: dashForPlotly(i), width: 2 },
    marker: {
      size: history.length > 20 ? 6 : 9,
      symbol: known.map(({ moment }) => (!moment || moment.place === newest ? symbol(i) : `${symbol(i)}-open`)),
      line: { width: 1.5, color: colour(i) },
    },
    customdata: known.map((entry) => (entry === GAP ? "" : words(entry).join("<br>"))),
    hovertemplate: "%{customdata}<extra></extra>",
  };
}

function drawHistory() {
  const { setups } = chosenSuite();
  const { history } = chosenView();
  const key = at("moved").value;
  const places = new Set(history.map(({ place }) => place));
  at("history-caption").textContent =
    (key === "ratio"
      ? "Geometric mean of times over the yardstick's, from commit to commit: less is better."
      : "PAR-2 in seconds, from commit to commit: less is better. Only seconds of one machine compare: each has its " +
        "own line.") + (places.size > 1 ? " Open points are of other machines than the last point." : "");
  const traces = setups.map(([name], i) => historyTrace(name, i, key)).filter(({ x }) => x.length > 0);
  if (traces.length === 0) return empty("history", "No finished recording measured these trials.");
  const values = traces.flatMap(({ y }) => y).filter((value) => value > 0);
  const [low, high] = values.length ? [Math.min(...values) / 1.3, Math.max(...values) * 1.3] : [0.5, 2];
  const step = Math.ceil(history.length / (narrow() ? 6 : 12));
  const ticks = history.map((_, i) => i).filter((i) => (history.length - 1 - i) % step === 0);
  const commits = {
    title: { text: "commit, in the order of dates" },
    tickvals: ticks,
    ticktext: ticks.map((i) => quoted(shortened(history[i].label, 16))),
    tickangle: history.length > 2 ? -45 : 0,
    range: [-0.5, history.length - 0.5],
  };
  const measure = key === "ratio" ? "multiples of the yardstick" : "PAR-2, seconds";
  const layout = { legend: LEGEND, showlegend: true, xaxis: commits, yaxis: logarithmic(measure, low, high) };
  return plot("history", traces, layout, 380 + legendRoom("history", traces));
}
