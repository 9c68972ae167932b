/** README and docs name files, commands and workflows that exist. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesBelow, PROJECT } from "./project_files.ts";

const PAGES = ["README.md", ...filesBelow("docs")];

Deno.test("every path and link in README and docs exists", () => {
  const missing = PAGES.flatMap((page) => {
    const { paths, links } = namesIn(readPage(page));
    return [
      ...paths.filter((path) => !existsSync(join(PROJECT, path))),
      ...links.filter((link) => !existsSync(join(PROJECT, dirname(page), link))),
    ].map((name) => `${page}: ${name}`);
  });
  assert.deepEqual(missing, []);
});

Deno.test("every command and workflow in README and docs exists", () => {
  const { tasks } = JSON.parse(readPage("deno.json"));
  const unknown = PAGES.flatMap((page) => {
    const { commands, workflows } = namesIn(readPage(page));
    return [
      ...commands.filter((name) => !(name in tasks)),
      ...workflows.filter((name) => !existsSync(join(PROJECT, "workflows", `${name}.ts`))),
    ].map((name) => `${page}: ${name}`);
  });
  assert.deepEqual(unknown, []);
});

Deno.test("every page of docs is linked from README", () => {
  const { links } = namesIn(readPage("README.md"));
  assert.deepEqual(filesBelow("docs").filter((page) => !links.includes(page)), []);
});

Deno.test("paths, links, commands and workflows are found in a page", () => {
  const names = namesIn(`
See [a page](docs/a.md), [elsewhere](https://example.org/x) and \`lib/nn/init.ts\`, not \`lib/<name>.ts\`.

    lib/flow       the engine
    deno task run birds --set a=b    # ablations-birds
    npx -y deno@2.9.6 task ok
`);
  assert.deepEqual(names, {
    paths: ["lib/nn/init.ts", "lib/flow"],
    links: ["docs/a.md"],
    commands: ["run", "ok"],
    workflows: ["birds"],
  });
});

function readPage(page: string): string {
  return readFileSync(join(PROJECT, page), "utf8");
}

/** What a page refers to. Paths stand in backticks, or first in a line of an indented block. */
function namesIn(text: string) {
  const path = String.raw`((?:bench|docs|lib|tasks|tests|workflows)/[\w./-]*\w)`;
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map((found) => found[1]);
  return {
    paths: [...all(new RegExp(`\`${path}/?\``, "g")), ...all(new RegExp(`^ {4,}${path}(?=\\s)`, "gm"))],
    links: all(/\]\((?!https?:)([^)#]+)/g),
    commands: all(/deno(?:@[\d.]+)? task ([a-z][a-z-]*)/g),
    workflows: all(/deno task (?:run|plan|why|get|graph|show|log|verify) ([a-z][a-z0-9-]*)/g),
  };
}
