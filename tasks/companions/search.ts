/** What `status` and `watch` say of a search: its best trial so far. */
import type { StandingResult } from "../../lib/flow/kind.ts";
import { flattened, type ParameterValues } from "../../lib/tuning/space.ts";
import { standingText } from "../../lib/tuning/standing.ts";
import { direction, type FinishedTrial, finishedTrial } from "../../lib/tuning/trial.ts";

/** A line a search. A run may have several: of several tasks, or a member each of further axes. */
export function standing(results: readonly StandingResult[]): string[] {
  const suggestions = results.filter(({ kind }) => kind === "suggest").map(({ params, text }) => ({
    direction: direction.safeParse(params.direction).data,
    values: inOrder(flattened(JSON.parse(text))),
  }));
  const trials = results.filter(({ kind }) => kind === "trial").flatMap(({ id, text }) => {
    const { data } = finishedTrial.safeParse(JSON.parse(text));
    return data ? [{ id, trial: data }] : [];
  });
  const searches = Map.groupBy(trials, ({ id, trial }) => searchName(id, trial, trials));
  return [...searches].flatMap(([name, members]) => {
    const own = members.map(({ trial }) => trial);
    const tried = new Set(own.map(({ assignment }) => inOrder(assignment)));
    const found = suggestions.find(({ values }) => tried.has(values))?.direction;
    if (found === undefined) return [];
    const text = standingText(own, found);
    return [searches.size > 1 ? `${name}: ${text}` : text];
  });
}

/** The id without the axis of the trials, on which all members of the task stand at the place of their trial. */
function searchName(
  id: string,
  { trial }: FinishedTrial,
  all: readonly { readonly id: string; readonly trial: FinishedTrial }[],
): string {
  const [task, ...places] = id.split(/[[,\]]/).filter((part) => part !== "");
  const own = all.filter((other) => other.id.split("[")[0] === task);
  const isOfTrials = (place: string) => {
    const [axis, value] = place.split("=");
    return value === String(trial) &&
      own.every((other) => new RegExp(`[[,]${axis}=${other.trial.trial}[,\\]]`).test(other.id));
  };
  const others = places.filter((place) => !isOfTrials(place));
  return others.length > 0 ? `${task}[${others.join(",")}]` : task;
}

function inOrder(values: ParameterValues): string {
  return JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
