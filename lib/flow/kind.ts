/** Kinds of tasks. `defineTask` declares one; the context is passed to its code when it runs. */
import type { z } from "zod";
import type { Demands } from "./demand.ts";
import type { Json } from "./json.ts";
import type { CompanionDeclaration } from "./companion.ts";

/** One named input of a kind. Without `many` it is one output or source; with `many` it is a list (fan-in). */
export interface InputDeclaration {
  readonly about: string;
  readonly optional?: boolean;
  /**
   * The name of the input, this one or another that holds it too, which the user gives with `--set`: a workflow may leave
   * both open, and `plan` and `run` refuse a task that has neither.
   */
  readonly open?: string;
  readonly many?: boolean;
  /**
   * Whether the kind also takes the end of a task that ended early: a file of JSON, `{"ended":"pruned"}` or
   * `{"ended":"failed"}`, in place of what that task would have given. Without it the task ends in the same way.
   */
  readonly takesEnds?: boolean;
}

/** Named inputs, fixed or following from the validated params; `"any"` takes whatever a workflow names. */
export type InputsDeclaration<Params = never> =
  | Readonly<Record<string, InputDeclaration>>
  | ((params: Params) => Readonly<Record<string, InputDeclaration>>)
  | "any";

/** Output names, fixed by the kind; `"declared"` leaves them to each task of a workflow (its `outputs`). */
export type OutputsDeclaration = readonly string[] | "declared";

/** Requested resources: cores, memory in MiB, and gpus (1 is a whole device, 0.5 half of one). */
export interface Resources {
  readonly cpu?: number;
  readonly memoryMB?: number;
  readonly gpu?: number;
}

/**
 * Deno permissions beyond reading the inputs and writing the output folder. Files of the project are no permission: the
 * code names each as `new URL("./file", import.meta.url)`, by which it is part of the key.
 */
export interface Permissions {
  /** The network, or some of its hosts. What comes from there must be checked against a digest in the params. */
  readonly net?: true | readonly string[];
  /** Variables by name, which are part of the key; `true` lets packages ask for any, but passes on none. */
  readonly env?: true | readonly string[];
  /** Native libraries of the npm packages that the code imports, and those that it names by URL. */
  readonly ffi?: true;
  /** Facts of the machine. */
  readonly sys?: true | readonly string[];
}

/** The progress of a running task: `done` of `total` units. */
export interface Progress {
  readonly done: number;
  readonly total?: number;
  readonly unit?: string;
  /** Figures worth showing beside the bar, such as a loss. */
  readonly values?: Readonly<Record<string, number>>;
}

/** The interface of a running task to the engine. All paths are absolute. */
export interface TaskContext<Params = unknown> {
  readonly params: Params;
  /** The path of an input (read-only). Throws where the workflow gave none; ask `inputs` about optional ones. */
  input(name: string): string;
  /** The paths of an input, in the order of the workflow; empty where it gave none. The last part of a path of a
   * `many` input is its label: `seed=4871` for a member of an axis, otherwise its position in the list. */
  inputs(name: string): string[];
  /** Where to write an output: a path in a fresh folder at which a file or a folder must exist at the end. */
  output(name: string): string;
  /** A folder of this action alone, kept between its attempts and emptied once it has succeeded: for partial work
   * that is checked again before it is used, such as a half-finished download. Files may have to be copied from it to an
   * output: it can be on another mount, to which no file can be renamed. */
  readonly scratch: string;
  progress(progress: Progress): void;
  log(message: string): void;
  /** The assigned resources: number of cores, memory in MiB, ids of gpus. */
  readonly resources: { readonly cpu: number; readonly memoryMB?: number; readonly gpus: readonly string[] };
  /** The device to compute on: `cpu`, `cuda`, `webgpu`, …; `cpu` for a kind whose demand names no gpu. */
  readonly device: string;
  /** The requested runtime for numeric programs: `ort` or `tfjs`. */
  readonly runtime: string;
  /** Aborted when the run is interrupted or the time limit is reached. */
  readonly signal: AbortSignal;
  /** For a kind with a `chain`: do the steps after `from` up to and including `to`, beginning with the state at path
   * `state` (undefined at `from` = 0). A chain without steps is asked for its first state: `to` is 0 as well. */
  readonly chain?: { readonly from: number; readonly to: number; readonly state?: string };
}

/** A kind that works in a sequence of steps; the state after step k does not depend on how the sequence is cut. */
export interface ChainDeclaration {
  /** The name of the integer param that says how many steps to do. */
  readonly steps: string;
  /** The name of the integer param with the number of steps of one segment. */
  readonly segment: string;
  /** The output that is the state. */
  readonly state: string;
}

/**
 * Where an output takes the facts of a run. They differ between runs, so they are not part of the output: they are
 * written into the copy of the output under `results/`, if the output is the result of the workflow.
 */
export interface RunFactsDeclaration {
  /** The name of the output. */
  readonly output: string;
  /** The path of a UTF-8 file in the output, or a pattern of the paths of several. */
  readonly file: string | RegExp;
  /** A text in these files, replaced wherever it occurs by the facts as JSON, in which `<` is written `\u003c`. */
  readonly placeholder: string;
  /**
   * What a file takes instead of all facts: a value for JSON, made of the facts (`RunFacts` of the command `run`) and of the
   * text of the file.
   */
  readonly select?: (facts: never, text: string) => unknown;
}

/**
 * Where an output says how its figures compare with published ones, for `verify --published`: a file of JSON,
 * `{ "cells": [{ row, column, verdict, ours?, published?, deviation? }] }`. The texts `ours` and `published` are printed, and
 * `deviation` as a number of standard deviations; any verdict `differs` makes the command fail.
 */
export interface PublishedDeclaration {
  /** The name of the output, a folder. */
  readonly output: string;
  /** The path of the file in it. */
  readonly file: string;
}

/** One item of per-item work; its result has its own key. */
export interface Item {
  /** A readable name, unique in the list; it names the item's result, so it is a legal file name. */
  readonly id: string;
  /** By input name, the paths inside that input's tree (`"."` for all of it) on which the item's result depends. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /**
   * The values on which the item's result depends beside its files: its part of a file that all items share, such as the
   * annotations of one image. They are part of the item's key, so `runItem` may use no other part of a shared file.
   */
  readonly facts?: Json;
}

/** Per-item work: each item is run and cached by itself, many in one process. An item writes the kind's outputs. */
export interface ItemsDeclaration<Params = unknown, Prepared = unknown> {
  list(context: TaskContext<Params>): Item[] | Promise<Item[]>;
  /** Done once in each process, before its first item (such as loading a model). */
  prepare?(context: TaskContext<Params>): Prepared | Promise<Prepared>;
  /** `context.output(name)` is the item's own. */
  runItem(context: TaskContext<Params>, item: Item, prepared: Prepared): void | Promise<void>;
  /**
   * By output, the folder in it that holds the items' own outputs, each named by the item's id: their bytes are kept once.
   * `collect` writes what the output holds beside them, and leaves that folder alone.
   */
  readonly folders?: Readonly<Record<string, string>>;
  /** Makes the task's outputs from all item results. Without it an output is a folder with one entry an item. */
  collect?(context: TaskContext<Params>, results: ItemResults): void | Promise<void>;
}

export interface ItemResults {
  readonly ids: readonly string[];
  /** The path of an item's output. */
  path(id: string, output: string): string;
}

/** A program with its arguments and the whole of its environment. */
export interface ProgramCall {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The allowed difference between two runs of one action; without it outputs must agree bit for bit. */
export interface Tolerance {
  readonly absolute?: number;
  readonly relative?: number;
}

export interface TaskKind<
  Name extends string = string,
  Schema extends z.ZodObject = z.ZodObject,
  Inputs extends InputsDeclaration<z.output<Schema>> = InputsDeclaration<z.output<Schema>>,
  Outputs extends OutputsDeclaration = OutputsDeclaration,
> {
  /** The name in workflows and of the file: kind `crop-views` is the default export of `tasks/crop_views.ts`. */
  readonly name: Name;
  /** One line for reports and error messages. */
  readonly about: string;
  /** Strict (`z.strictObject`), with defaults where there is a sensible one. All of it is part of the key. */
  readonly params: Schema;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  readonly resources?: Resources | ((params: z.output<Schema>) => Resources);
  readonly permissions?: Permissions;
  readonly timeLimitSeconds?: number;
  /** For kinds that may fail through no fault of their own; the wait doubles with each attempt. */
  readonly retries?: { readonly attempts: number; readonly backoffSeconds: number };
  /** By output, for `verify --rebuild`. */
  readonly tolerance?: Readonly<Record<string, Tolerance>>;
  readonly chain?: ChainDeclaration;
  readonly runFacts?: RunFactsDeclaration;
  readonly published?: PublishedDeclaration;
  // deno-lint-ignore no-explicit-any -- what `prepare` returns is the kind's own affair
  readonly items?: ItemsDeclaration<z.output<Schema>, any>;
  /** In place of `run`: a program that the engine starts in a fresh folder, with its inputs at `in/<input>` and its
   * outputs expected at `out/<output>`. */
  program?(params: z.output<Schema>): ProgramCall;
  /** Absent only in a kind with `items` or `program`. */
  run?(context: TaskContext<z.output<Schema>>): void | Promise<void>;
}

/** A kind of which nothing more is known. */
// deno-lint-ignore no-explicit-any -- a function of unknown params can only be typed with any
export type AnyKind = TaskKind<string, any, any, any>;

/** Where the figures of a kind are: a file of JSON that holds numbers by name. */
export interface FiguresDeclaration {
  /** The name of the output, a single file. */
  readonly output: string;
  /** The field of the file that holds them; absent where the whole file does. */
  readonly field?: string;
}

/** Where the curves of a kind are: an output of lines of JSON, each with the numbers of a step. */
export interface CurvesDeclaration {
  /** The name of the output, a single file. */
  readonly output: string;
  /** The field of a line that says which step it is of. */
  readonly step: string;
}

/** The result of a task in a run. */
export interface StandingResult {
  readonly id: string;
  readonly kind: string;
  /** Validated, with the values that were taken from results. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The content of the output that is read. */
  readonly text: string;
}

/** What `status` and `watch` say of a run by its results so far, such as the best trial of a search. */
export interface StandingDeclaration {
  /** By kind, the name of the output that is read, a single file. */
  readonly outputs: Readonly<Record<string, string>>;
  load(): Promise<{
    /** Lines about the run, of the results of these kinds that it has. */
    standing(results: readonly StandingResult[]): readonly string[];
  }>;
}

/** Where pictures are in what a kind makes: they are shown while a run goes on. */
export interface PicturesDeclaration {
  /** The name of the output. */
  readonly output: string;
  /** The paths of JPEG and PNG files in it. */
  readonly files: RegExp;
  /** How many of them are shown. */
  readonly most: number;
}

/** How kinds are extended by models: modules of the user's which params name. */
export interface ModelsDeclaration {
  /** The module whose `addOwnModel(name, definition)` is called for each before the code of a kind is read. */
  readonly module: URL;
  /** The file that lists all: a kind whose code reaches it is extended. */
  readonly list: URL;
  /** What leads to the name of a model in the params of a task, with dots. */
  readonly param: string;
  /** The file of JSON in the folder of a model that names it, and the field with the name. */
  readonly described: { readonly file: string; readonly field: string };
}

/** Models of one's own that a process adds to those of the project. */
export interface ModelsToAdd {
  /** The URL of the module that takes them (see `ModelsDeclaration`). */
  readonly module: string;
  /** Their files by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** Kinds by name, each imported when it is first needed; `folder` holds the file `<name>.ts` of each. */
export interface KindRegistry {
  readonly folder: URL;
  readonly kinds: Readonly<Record<string, () => Promise<{ default: AnyKind }>>>;
  /** The files of kinds that are not in the folder, by name. */
  readonly ownKinds?: Readonly<Record<string, string>>;
  readonly models?: ModelsDeclaration;
  /** The files of models that are not in the project, by name. */
  readonly ownModels?: Readonly<Record<string, string>>;
  /** What tasks of a kind need; a kind without one computes on no GPU. */
  readonly demands?: Demands;
  /** By kind, for `runs` and `diff`. It is not in the kinds' files: what is shown of a result is no part of its key. */
  readonly figures?: Readonly<Record<string, FiguresDeclaration>>;
  /** By kind, for `get --csv` and `get --tensorboard`. */
  readonly curves?: Readonly<Record<string, CurvesDeclaration>>;
  /** For `status` and `watch`. */
  readonly standings?: readonly StandingDeclaration[];
  /** By kind, for the page of a run that goes on. */
  readonly pictures?: Readonly<Record<string, PicturesDeclaration>>;
  /** By kind, for `get`. */
  readonly companions?: Readonly<Record<string, CompanionDeclaration>>;
  /** The kind without params and inputs that measures how fast the machine computes: its output is a file of JSON, a
   * `MeasuredSpeed` (see plan/speed.ts). */
  readonly calibration?: { readonly kind: string; readonly output: string };
}

/** Declares a kind: the default export of a file in `tasks/`. */
export function defineTask<
  const Name extends string,
  Schema extends z.ZodObject,
  const Inputs extends InputsDeclaration<z.output<Schema>>,
  const Outputs extends OutputsDeclaration,
>(kind: TaskKind<Name, Schema, Inputs, Outputs>): TaskKind<Name, Schema, Inputs, Outputs> {
  return kind;
}
