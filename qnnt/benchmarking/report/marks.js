"use strict";
// How setups and families are told apart: by colour, dash and symbol, the same in tables, legends and plots.

// Paul Tol's "bright" scheme, made for colour-blind readers
const COLOURS = ["#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377"];
// in pixels, dash and gap by turns; what has the colour of another one has another dash and another symbol
const DASHES = ["", "9,4", "3,3", "9,3,3,3", "16,4"];
const DOTS = DASHES[2];
// Plotly's name, and the same as a path about the origin
const SYMBOLS = [
  ["circle", "M4,0A4,4 0 1 1 -4,0A4,4 0 1 1 4,0Z"],
  ["square", "M-3.6,-3.6H3.6V3.6H-3.6Z"],
  ["diamond", "M0,-5L5,0L0,5L-5,0Z"],
  ["triangle-up", "M0,-4.5L4.7,3.5H-4.7Z"],
  ["cross", "M-1.6,-4.6H1.6V-1.6H4.6V1.6H1.6V4.6H-1.6V1.6H-4.6V-1.6H-1.6Z"],
  ["x", "M0,-2.2L2.4,-4.6L4.6,-2.4L2.2,0L4.6,2.4L2.4,4.6L0,2.2L-2.4,4.6L-4.6,2.4L-2.2,0L-4.6,-2.4L-2.4,-4.6Z"],
  ["triangle-down", "M0,4.5L4.7,-3.5H-4.7Z"],
  ["star", "M0,-5L1.2,-1.7L4.8,-1.5L2,.6L2.9,4L0,2.1L-2.9,4L-2,.6L-4.8,-1.5L-1.2,-1.7Z"],
];

const colour = (i) => COLOURS[i % COLOURS.length];
const dash = (i) => DASHES[Math.floor(i / COLOURS.length) % DASHES.length];
const dashForPlotly = (i) => dash(i).replace(/\d+/g, "$&px") || "solid";
const symbol = (i) => SYMBOLS[i % SYMBOLS.length][0];

function drawn(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// A piece of line; with a symbol on it for a setup, without for the virtual best solver.
function swatch(i) {
  const best = i === undefined;
  const image = drawn("svg", { class: "swatch", viewBox: "0 -6 40 12", width: 40, height: 12, "aria-hidden": "true" });
  const stroke = best ? "currentColor" : colour(i);
  const dashes = best ? DOTS : dash(i);
  image.append(drawn("path", { d: "M0,0H40", stroke, "stroke-width": 2.5, "stroke-dasharray": dashes || "none" }));
  if (best) return image;
  const [, outline] = SYMBOLS[i % SYMBOLS.length];
  image.append(drawn("path", { d: outline, transform: "translate(20 0)", fill: stroke }));
  return image;
}
