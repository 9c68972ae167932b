/**
 * The script of the page: what reacts to the reader; and, if the page holds the facts of a run, the pipeline with the tasks
 * that ran or were reused, and for every figure the command that copies its data and their key.
 */

import { INTERACTION } from "./interaction.ts";

/** For a page with the elements that `report_page.ts` writes. */
export const SCRIPT = `"use strict";
${INTERACTION}
const run = JSON.parse(document.getElementById("run").textContent);

/** The facts of what a page is about: of the inputs at its positions, and of the tasks that they need. */
function own(run) {
  const positions = JSON.parse(document.getElementById("positions").textContent);
  const inputs = {};
  const wanted = new Set([run.result.task]);
  for (const [name, all] of Object.entries(run.result.inputs)) {
    inputs[name] = (positions[name] ?? []).map((at) => all[at]);
    for (const { task } of inputs[name]) if (task) wanted.add(task);
  }
  const taskOf = new Map(run.tasks.map((task) => [task.id, task]));
  for (const id of wanted) if (id !== run.result.task) for (const need of taskOf.get(id)?.needs ?? []) wanted.add(need);
  return { ...run, result: { ...run.result, inputs }, tasks: run.tasks.filter(({ id }) => wanted.has(id)) };
}

function tell(all) {
  const run = own(all);
  const [drawing, facts] = pipeline(run);
  document.querySelector("#pipeline .drawing").replaceChildren(drawing);
  document.querySelector("#pipeline .facts-of-run").replaceChildren(...facts);
  const keyOf = new Map(run.tasks.map(({ id, key }) => [id, key]));
  for (const place of document.querySelectorAll("[data-input]")) {
    const { input, at } = place.dataset;
    const all = run.result.inputs[input] ?? [];
    const origins = (at === "" ? all : all.slice(at, Number(at) + 1)).filter(({ task }) => task);
    if (origins.length === 0) continue;
    place.replaceChildren(...origins.map(({ task, output }) => make("p", {},
      make("code", {}, "deno task get " + run.workflow + " '" + task + "." + output + "' FOLDER"),
      document.createElement("br"), "key ", make("code", {}, keyOf.get(task)))));
  }
}

function make(name, attributes, ...content) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...content);
  return node;
}

function draw(name, attributes, ...content) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...content);
  return node;
}

function seconds(ms) {
  if (ms < 60000) return (ms / 1000).toFixed(1) + " s";
  return Math.floor(ms / 60000) + " min " + Math.round(ms % 60000 / 1000) + " s";
}

/** More boxes than these can't be read. */
const MOST_BOXES = 60;

/** A box for all members of a task; its layer is the length of the longest path to it from the sources. */
function pipeline(run) {
  const counts = run.tasks.reduce((sum, { outcome }) => (sum[outcome === "reused" ? 1 : 0]++, sum), [0, 0]);
  const facts = ["of run " + run.run + ": " + counts[0] + " ran, " + counts[1] + " reused. Command: ",
    make("code", {}, run.command), "."];
  if (new Set(run.tasks.map(({ task }) => task)).size > MOST_BOXES) {
    return [make("p", { class: "none" }, "The pipeline of a row is on the page to which its name leads in the tables."), facts];
  }
  const taskOf = new Map(run.tasks.map(({ id, task }) => [id, task]));
  const groups = new Map();
  for (const { id, task, kind, outcome, ms, needs } of run.tasks) {
    if (!groups.has(task)) groups.set(task, { task, kind, members: [], needs: new Set(), layer: 0 });
    const group = groups.get(task);
    group.members.push({ id, outcome, ms });
    for (const need of needs) if (taskOf.has(need)) group.needs.add(taskOf.get(need));
  }
  const layers = [];
  for (const group of groups.values()) {
    group.layer = 1 + Math.max(-1, ...[...group.needs].map((name) => groups.get(name).layer));
    (layers[group.layer] ??= []).push(group);
  }
  const [boxWidth, boxHeight, gapX, gapY] = [158, 48, 18, 30];
  const most = Math.max(...layers.map((layer) => layer.length));
  const width = most * (boxWidth + gapX) + gapX;
  const height = layers.length * (boxHeight + gapY) + 8;
  layers.forEach((layer, row) => layer.forEach((group, i) => {
    const left = (width - layer.length * (boxWidth + gapX) + gapX) / 2;
    Object.assign(group, { x: left + i * (boxWidth + gapX), y: 4 + row * (boxHeight + gapY) });
  }));
  const edges = [...groups.values()].flatMap((group) => [...group.needs].map((name) => {
    const from = groups.get(name);
    const [x1, y1, x2, y2] = [from.x + boxWidth / 2, from.y + boxHeight, group.x + boxWidth / 2, group.y];
    const bend = (y1 + y2) / 2;
    return draw("path", { d: "M" + x1 + " " + y1 + "C" + x1 + " " + bend + " " + x2 + " " + bend + " " + x2 + " " + y2 });
  }));
  const boxes = [...groups.values()].map(({ task, members, x, y }) => {
    const ran = members.filter(({ outcome }) => outcome !== "reused");
    const took = seconds(members.reduce((sum, { ms }) => sum + ms, 0));
    const note = ran.length === 0 ? "reused, saved " + took
      : ran.length === members.length ? "ran, " + took : ran.length + " of " + members.length + " ran";
    const name = members.length > 1 ? task + " × " + members.length : task;
    return draw("g", { class: ran.length > 0 ? "ran" : "reused" },
      draw("title", {}, members.map(({ id, outcome, ms }) => id + ": " + outcome + ", " + seconds(ms)).join("\\n")),
      draw("rect", { x, y, width: boxWidth, height: boxHeight, rx: 9, "stroke-width": 1.6 }),
      draw("text", { x: x + boxWidth / 2, y: y + 20, "text-anchor": "middle" }, name),
      draw("text", { x: x + boxWidth / 2, y: y + 37, "text-anchor": "middle", class: "note" }, note));
  });
  const svg = draw("svg", { class: "pipeline", viewBox: "0 0 " + width + " " + height, width, height,
    role: "img", "aria-label": "the pipeline" }, ...edges, ...boxes);
  return [svg, facts];
}
if (run.tasks) tell(run);
`;
