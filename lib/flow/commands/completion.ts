/** `completion`: a script by which a shell completes verbs, options and workflows behind `deno task`. */

import type { Command } from "commander";
import { join } from "node:path";
import { printText } from "../display/terminal.ts";
import { FlowError } from "../errors.ts";
import type { CommonOptions, Project } from "./open_workflow.ts";

interface Completed {
  readonly name: string;
  readonly about: string;
  readonly options: readonly { readonly name: string; readonly about: string }[];
  readonly takesWorkflow: boolean;
}

/** @param command its own, beside which are those of the other verbs */
export function completionCommand(
  project: Project,
  shell: string,
  _options: CommonOptions,
  command: Command,
): number {
  const write = { bash, zsh, fish }[shell as "bash"];
  if (!Object.hasOwn({ bash, zsh, fish }, shell)) {
    throw new FlowError("usage", `"${shell}" is no shell that is known here; expected bash, zsh or fish`);
  }
  const verbs = command.parent!.commands.map((command): Completed => ({
    name: command.name(),
    about: command.description(),
    options: command.options.flatMap(({ long, description }) =>
      long ? [{ name: long, about: description }] : []
    ),
    takesWorkflow: command.registeredArguments[0]?.name() === "workflow",
  }));
  printText(write(verbs, join(project.folder, "workflows")));
  return 0;
}

const names = (verbs: readonly Completed[]) => verbs.map(({ name }) => name).join(" ");
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function bash(verbs: readonly Completed[], workflows: string): string {
  return `# protoflow: completes deno task …; all else is left to what completed deno before
_protoflow() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=""
  if [[ \${COMP_WORDS[1]} != task ]]; then
    if declare -F _deno > /dev/null; then _deno "$@"; fi
    return
  fi
  if (( COMP_CWORD == 2 )); then words=${quoted(names(verbs))}
  elif [[ $current == -* ]]; then
    case \${COMP_WORDS[2]} in
${
    verbs.map(({ name, options }) =>
      `      ${name}) words=${quoted(options.map(({ name }) => name).join(" "))} ;;`
    ).join("\n")
  }
    esac
  elif (( COMP_CWORD == 3 )); then
    case \${COMP_WORDS[2]} in
      ${verbs.filter(({ takesWorkflow }) => takesWorkflow).map(({ name }) => name).join("|")})
        words=$(cd ${quoted(workflows)} && for file in *.ts; do echo "\${file%.ts}"; done) ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _protoflow deno
`;
}

function zsh(verbs: readonly Completed[], workflows: string): string {
  return `# protoflow: completes deno task …; all else is left to what completed deno before
_protoflow() {
  if [[ $words[2] != task ]]; then
    (( $+functions[_deno] )) && _deno
    return
  fi
  if (( CURRENT == 3 )); then compadd -- ${names(verbs)}
  elif [[ $PREFIX == -* ]]; then
    case $words[3] in
${
    verbs.map(({ name, options }) =>
      `      ${name}) compadd -- ${options.map(({ name }) => name).join(" ")} ;;`
    ).join("\n")
  }
    esac
  else
    case $words[3] in
      ${verbs.filter(({ takesWorkflow }) => takesWorkflow).map(({ name }) => name).join("|")})
        (( CURRENT == 4 )) && compadd -- ${quoted(workflows)}/*.ts(N:t:r) ;;
    esac
    _files
  fi
}
compdef _protoflow deno
`;
}

function fish(verbs: readonly Completed[], workflows: string): string {
  const at = (n: number) => `__fish_seen_subcommand_from task; and test (count (commandline -opc)) -eq ${n}`;
  return [
    "# protoflow: completes deno task …",
    ...verbs.flatMap(({ name, about, options, takesWorkflow }) => {
      const isVerb = `__fish_seen_subcommand_from task; and __fish_seen_subcommand_from ${name}`;
      return [
        `complete -c deno -f -n ${quoted(at(2))} -a ${name} -d ${quoted(about)}`,
        ...options.map((option) =>
          `complete -c deno -n ${quoted(isVerb)} -l ${option.name.slice(2)} -d ${quoted(option.about)}`
        ),
        ...(takesWorkflow
          ? [
            `complete -c deno -n ${quoted(`${isVerb}; and ${at(3).split("; and ")[1]}`)} -a ` +
            quoted(`(for file in ${workflows}/*.ts; basename $file .ts; end)`),
          ]
          : []),
      ];
    }),
    "",
  ].join("\n");
}
