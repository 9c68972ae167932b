/** The script of the page: what reacts to the reader; and if the page holds what it shows of a run, puts that in its places. */

import { INTERACTION } from "./interaction.ts";

/** For a page with the elements that `report_page.ts` writes; see `RunView`. */
export const SCRIPT = `
const run = JSON.parse(document.getElementById("run").textContent);
if (run.origins) {
  const put = (place, text) => { document.querySelector(place).innerHTML = text; };
  put("#pipeline .drawing", run.pipeline);
  put("#pipeline .facts-of-run", run.summary);
  put("#params .drawing", run.params);
  document.getElementById("params").hidden = run.params === "";
  for (const [id, text] of Object.entries(run.places ?? {})) put("#" + id, text);
  for (const place of document.querySelectorAll("[data-input]")) {
    const { input, at } = place.dataset;
    const all = run.origins[input] ?? [];
    const origins = (at === "" ? all : all.slice(at, Number(at) + 1)).filter((origin) => origin);
    if (origins.length > 0) place.replaceChildren(...origins.map(originLine));
  }
}

function originLine({ command, key }) {
  const line = document.createElement("p");
  const [commandCode, keyCode] = [command, key].map((text) => {
    const code = document.createElement("code");
    code.textContent = text;
    return code;
  });
  line.append(commandCode, document.createElement("br"), "key ", keyCode);
  return line;
}
${INTERACTION}
`;
