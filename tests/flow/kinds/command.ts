/** The generic kind, among the kinds of the tests. */

export { default } from "../../../tasks/command.ts";
