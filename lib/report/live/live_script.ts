/** The script of the live page: replaces what has changed, and nothing else, so that places that are read stay. */

/** For the page of `live_page.ts`, which is sent `LiveParts`. */
export const LIVE_SCRIPT = `"use strict";
const shown = new Map();
function put(place, html) {
  if (shown.get(place) === html) return;
  shown.set(place, html);
  place.innerHTML = html;
}

const tasks = document.getElementById("tasks");
const cards = new Map();
function cardOf(id) {
  let card = cards.get(id);
  if (!card) {
    const element = document.createElement("figure");
    const [content, log] = ["div", "pre"].map((name) => element.appendChild(document.createElement(name)));
    log.tabIndex = 0;
    log.setAttribute("role", "region");
    log.setAttribute("aria-label", "the end of the log of " + id);
    cards.set(id, card = { element, content, log });
  }
  return card;
}

function show({ title, places, tasks: running }) {
  document.title = title;
  for (const [id, html] of Object.entries(places)) put(document.getElementById(id), html);
  const ids = new Set(running.map(({ id }) => id));
  for (const [id, { element, content }] of cards) {
    if (ids.has(id)) continue;
    element.remove();
    cards.delete(id);
    shown.delete(content);
  }
  for (const { id, html, log } of running) {
    const card = cardOf(id);
    if (!card.element.isConnected) tasks.append(card.element);
    put(card.content, html);
    card.log.hidden = log === "";
    if (card.log.textContent !== log) {
      card.log.textContent = log;
      card.log.scrollTop = card.log.scrollHeight;
    }
  }
  document.getElementById("nothing").hidden = running.length > 0;
}

const source = new EventSource("events");
source.onmessage = ({ data }) => show(JSON.parse(data));
source.onerror = () => put(document.getElementById("state"), "not connected: the command that serves this page has ended");
`;
