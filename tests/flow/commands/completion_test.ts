/** `completion`: what a shell offers behind `deno task`. */

import assert from "node:assert/strict";
import { VERBS } from "../../../lib/flow/commands/verbs.ts";
import { inProject, type Project } from "../cli.ts";

function has(shell: string): boolean {
  try {
    return new Deno.Command(shell, { args: ["-c", "true"] }).outputSync().success;
  } catch {
    return false;
  }
}

/** What `shell` prints when it runs `script` after the completions. */
async function inShell(project: Project, shell: string, script: string): Promise<string> {
  const { code, out } = await project.call("completion", shell);
  assert.equal(code, 0);
  project.write("completions", out);
  const { stdout, stderr } = await new Deno.Command(shell, {
    args: ["-c", `source ${project.path("completions")}\n${script}`],
    env: { HOME: project.folder },
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name: `bash completes verbs, options and workflows, and leaves the rest to others${
    has("bash") ? "" : " (no bash)"
  }`,
  ignore: !has("bash"),
  async fn() {
    await inProject(async (project) => {
      const offers = async (...words: string[]) =>
        (await inShell(
          project,
          "bash",
          `COMP_WORDS=(${words.map((word) => `"${word}"`).join(" ")}); COMP_CWORD=${
            words.length - 1
          }; _protoflow\n` +
            'echo "${COMPREPLY[@]}"',
        )).trim().split(" ").filter(Boolean);
      const verbs = VERBS.map(({ usage }) => usage.split(" ")[0]);
      assert.deepEqual(await offers("deno", "task", ""), verbs);
      assert.deepEqual(await offers("deno", "task", "ru"), ["run", "runs"]);
      assert.deepEqual(await offers("deno", "task", "run", "bir"), ["birds"]);
      assert.deepEqual(await offers("deno", "task", "run", "birds", "--keep"), ["--keep-going"]);
      assert.deepEqual(await offers("deno", "lint", "x"), []);
      assert.match(await inShell(project, "bash", "complete -p deno"), /-o default -F _protoflow deno/);
    });
  },
});

for (
  const [shell, script, expected] of [
    ["zsh", "whence -w _protoflow", /_protoflow: function/],
    ["fish", "complete -C 'deno task ru'", /^run\s[^]*^runs\s/m],
  ] as const
) {
  Deno.test({
    name: `${shell} reads its completions${has(shell) ? "" : ` (left out: there is no ${shell})`}`,
    ignore: !has(shell),
    fn: () =>
      inProject(async (project) => {
        const before = shell === "zsh" ? "autoload -U compinit; compinit -u\n" : "";
        assert.match(await inShell(project, shell, before + script), expected);
      }),
  });
}

Deno.test("a shell that is not known is refused with those that are", async () => {
  await inProject(async (project) => {
    const { code, err } = await project.call("completion", "tcsh");
    assert.equal(code, 2);
    assert.match(err, /"tcsh" is no shell that is known here; expected bash, zsh or fish/);
  });
});
