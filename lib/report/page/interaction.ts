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
