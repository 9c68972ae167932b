/** The process of the watchdog (see watchdog.ts): waits for the end of its standard input, which is that of the engine. */

import { endProcessesIn } from "../store/work_processes.ts";
import { signalGroup } from "./process_group.ts";

const [workRoot] = Deno.args;
const leaders = new Set<number>();
let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop()!;
  for (const line of lines) {
    if (line.startsWith("+")) leaders.add(Number(line.slice(1)));
    else leaders.delete(Number(line.slice(1)));
  }
}
for (const leader of leaders) signalGroup(leader, "SIGKILL");
// Processes that left their group, including one that the engine could not report any more.
endProcessesIn(workRoot);
