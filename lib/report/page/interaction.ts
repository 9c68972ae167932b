/** The part of the page's script that reacts to the reader: copying, enlarging pictures, wide tables. */

export const INTERACTION = `
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const pre = button.nextElementSibling;
    try { await navigator.clipboard.writeText(pre.textContent); button.textContent = "copied"; }
    catch { getSelection().selectAllChildren(pre); button.textContent = "selected: press Ctrl-C"; }
  });
}

/** The dialog closes by Escape, its button or a click beside it; the browser keeps and returns the focus. */
const enlarged = document.getElementById("enlarged");
for (const button of document.querySelectorAll("button.picture")) {
  button.addEventListener("click", () => {
    const shown = enlarged.querySelector(".shown");
    shown.replaceChildren(...[...button.children].map((child) => child.cloneNode(true)));
    enlarged.querySelector("p").textContent = shown.querySelector("img").alt;
    enlarged.showModal();
  });
}
enlarged.addEventListener("click", (event) => { if (event.target === enlarged) enlarged.close(); });

/** A chart tells its values at the place of the pointer, or at the one that the arrow keys choose. */
for (const chart of document.querySelectorAll(".readable")) {
  const { width, top, bottom, columns } = JSON.parse(chart.dataset.values);
  const svg = chart.querySelector("svg");
  const rule = document.createElementNS("http://www.w3.org/2000/svg", "line");
  let chosen = -1;
  const choose = (column) => {
    chosen = column;
    chart.querySelector("output").textContent = columns[column]?.text ?? "";
    if (!columns[column]) return rule.remove();
    const { place } = columns[column];
    for (const [name, value] of Object.entries({ class: "rule", x1: place, x2: place, y1: top, y2: bottom })) {
      rule.setAttribute(name, value);
    }
    svg.append(rule);
  };
  svg.addEventListener("pointermove", ({ clientX }) => {
    const { left, width: shown } = svg.getBoundingClientRect();
    const at = (clientX - left) * width / shown;
    choose(columns.reduce((best, { place }, i) => Math.abs(place - at) < Math.abs(columns[best].place - at) ? i : best, 0));
  });
  svg.addEventListener("pointerleave", () => choose(-1));
  chart.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    choose(Math.min(Math.max(chosen + step, 0), columns.length - 1));
  });
  chart.addEventListener("blur", () => choose(-1));
}

/** A box that scrolls says so, and can be scrolled by the keyboard. */
const boxes = new ResizeObserver((entries) => entries.forEach(({ target }) => markScrolling(target)));
for (const box of document.querySelectorAll(".scroll")) boxes.observe(box);
function markScrolling(box) {
  const isWide = box.scrollWidth > box.clientWidth;
  const scrolls = isWide || box.scrollHeight > box.clientHeight;
  box.toggleAttribute("data-wide", isWide);
  if (scrolls) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
}
`;
