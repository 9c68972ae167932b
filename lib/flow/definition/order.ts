/** Topological order of tasks, and cycles as paths. */

/**
 * The names so that each comes after all it depends on; where that leaves a choice, in the given order.
 * A cycle is handed to `onCycle` as a path that ends where it begins, and is cut to go on.
 */
export function topologicalOrder(
  names: Iterable<string>,
  dependencies: (name: string) => readonly string[],
  onCycle: (path: readonly string[]) => void,
): string[] {
  const order: string[] = [];
  const state = new Map<string, "open" | "done">();
  for (const start of names) {
    if (state.has(start)) continue;
    // An explicit stack, since a chain of tasks may be longer than the call stack.
    const path: { name: string; dependencies: readonly string[]; next: number }[] = [];
    const enter = (name: string) => {
      state.set(name, "open");
      path.push({ name, dependencies: dependencies(name), next: 0 });
    };
    enter(start);
    while (path.length > 0) {
      const top = path[path.length - 1];
      if (top.next === top.dependencies.length) {
        state.set(top.name, "done");
        order.push(top.name);
        path.pop();
        continue;
      }
      const dependency = top.dependencies[top.next++];
      if (!state.has(dependency)) enter(dependency);
      else if (state.get(dependency) === "open") {
        const names = path.map(({ name }) => name);
        onCycle([...names.slice(names.indexOf(dependency)), dependency]);
      }
    }
  }
  return order;
}
