/** The life of a task within a run: drawn graphs, drawn endings, and transitions that do not exist. */
import { deepStrictEqual as equal, ok, throws } from "node:assert";
import fc from "fast-check";
import type { ExpandedTask } from "../../../lib/flow/definition/expanded.ts";
import { TaskStates } from "../../../lib/flow/run/task_states.ts";

function task(id: string, needs: readonly string[]): ExpandedTask {
  const inputs = Object.fromEntries(needs.map((need) => [need, { task: need, output: "o" }]));
  return { id, task: id, member: {}, kind: "command", params: {}, inputs, outputs: ["o"] };
}

/** Each task needs some of the tasks before it. */
const graphs = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 }).map((drawn) =>
  drawn.map((picks, i) => task(`t${i}`, i === 0 ? [] : [...new Set(picks.map((pick) => `t${pick % i}`))]))
);

const needsOf = ({ inputs }: ExpandedTask) => Object.keys(inputs);

Deno.test("a task starts once, after all that it needs, and is skipped only behind a failure", () => {
  fc.assert(fc.property(graphs, fc.infiniteStream(fc.nat(9)), (tasks, draws) => {
    const states = new TaskStates(tasks);
    const ended = new Map<string, "kept" | "failed" | "skipped">();
    const running: ExpandedTask[] = [];
    const draw = () => draws.next().value as number;
    for (;;) {
      const started = draw() > 3 ? states.start() : undefined;
      if (started !== undefined) {
        ok(!ended.has(started.id) && !running.includes(started));
        for (const need of needsOf(started)) equal(ended.get(need), "kept");
        running.push(started);
      } else if (running.length > 0) {
        const [{ id }] = running.splice(draw() % running.length, 1);
        const failed = draw() < 3;
        ended.set(id, failed ? "failed" : "kept");
        if (!failed) states.keep(id);
        else {
          for (const skipped of states.fail(id)) {
            ok(!ended.has(skipped.task.id), "skipped once");
            ok(needsOf(skipped.task).includes(skipped.upstream));
            equal(ended.get(skipped.upstream), skipped.upstreamState);
            ended.set(skipped.task.id, "skipped");
          }
        }
      } else {
        const next = states.start();
        if (next === undefined) break;
        running.push(next);
      }
      equal(states.running, running.length);
    }
    equal(states.skipRest(), []);
    equal(ended.size, tasks.length);
  }));
});

Deno.test("a run that ends early skips what was not started, also what was interrupted", () => {
  const states = new TaskStates([task("a", []), task("b", ["a"]), task("c", [])]);
  equal(states.start()?.id, "a");
  equal(states.start()?.id, "c");
  states.keep("c");
  states.interrupt("a");
  equal(states.skipRest().map(({ id }) => id), ["a", "b"]);
  equal(states.running, 0);
});

Deno.test("a transition that does not exist is an error that names both states", () => {
  const states = new TaskStates([task("a", []), task("b", ["a"])]);
  throws(() => states.keep("b"), /task b cannot go from blocked to kept/);
  states.start();
  states.keep("a");
  throws(() => states.fail("a"), /task a cannot go from kept to failed/);
  throws(() => states.keep("c"), /the task c is not part of this run/);
});
