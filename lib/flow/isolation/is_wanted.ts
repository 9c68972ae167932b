/** Whether tasks are to be isolated, if the system lets them be. */

/** Set to `off`, it keeps tasks from being isolated. */
export const ISOLATION_VARIABLE = "PROTOFLOW_ISOLATION";

export function isIsolationWanted(): boolean {
  return Deno.build.os === "linux" && Deno.env.get(ISOLATION_VARIABLE) !== "off";
}
