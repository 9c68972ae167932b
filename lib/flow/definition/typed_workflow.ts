/** The types behind `defineWorkflow`: a wrong kind, param, input, output or axis name is an error in the editor. */
import type { z } from "zod";
import type { AnyKind } from "../kind.ts";
import type {
  AxisRef,
  AxisValue,
  AxisVariants,
  FanIn,
  FileRef,
  FolderRef,
  Matrix,
  ValueRef,
} from "./notation.ts";

/** The type of a registry: lazy imports of kinds by name. */
export type Kinds = Readonly<Record<string, () => Promise<{ default: AnyKind }>>>;

/** A task before its names are checked against the kinds. */
export type TaskShape<K extends Kinds> = {
  readonly kind: keyof K & string;
  readonly params?: unknown;
  readonly inputs?: unknown;
  readonly outputs?: readonly string[];
  readonly device?: string;
  readonly cores?: number;
  readonly memoryMB?: number;
  readonly milestones?: readonly number[];
  readonly stop?: { readonly kind: keyof K & string; readonly params?: unknown; readonly inputs?: unknown };
  readonly mayFail?: readonly (string | number)[];
};

type KindNamed<K extends Kinds, Name> = Name extends keyof K ? Awaited<ReturnType<K[Name]>>["default"]
  : never;

type ParamsOf<Kind extends AnyKind> = z.input<Kind["params"]>;

/** `seed`, `arch` (the variant's name) and `arch.depth`. */
type AxisPath<M extends Matrix> = {
  [A in keyof M & string]: M[A] extends AxisVariants ? A | `${A}.${keyof M[A][keyof M[A]] & string}` : A;
}[keyof M & string];

type Scalar = string | number | boolean | bigint | null | undefined;

/** A value in which any part may come from an axis, or from a result. */
type WithRefs<V, Axis extends string, Ref extends string> = unknown extends V ? V
  : V extends Scalar ? V | AxisRef<Axis> | ValueRef<V, Ref>
  : V extends readonly (infer E)[] ? readonly WithRefs<E, Axis, Ref>[] | AxisRef<Axis> | ValueRef<V, Ref>
  :
    | ({ readonly [P in keyof V]: WithRefs<V[P], Axis, Ref> } & NoMarker)
    | AxisRef<Axis>
    | ValueRef<V, Ref>;

/** Where all fields are optional, a reference to an unknown axis would pass for an object without any of them. */
type NoMarker = { readonly $axis?: never; readonly $value?: never };

type Partly<V> = V extends Scalar ? V
  : V extends readonly (infer E)[] ? readonly E[]
  : { readonly [P in keyof V]?: Partly<V[P]> };

/** Turns each unknown name into a type error that lists the known ones. */
type NoOthers<Given, Known extends string, What extends string> = {
  readonly [Name in Exclude<keyof Given & string, Known>]: [Known] extends [never]
    ? `there is no ${What} here`
    : `no such ${What}; known: ${Known}`;
};

type OutputsOf<K extends Kinds, Task extends TaskShape<K>> = KindNamed<K, Task["kind"]>["outputs"] extends
  infer Outputs ? Outputs extends readonly string[] ? Outputs[number]
  : Task["outputs"] extends readonly string[] ? Task["outputs"][number]
  : never
  : never;

type OutputRef<K extends Kinds, T extends Record<string, TaskShape<K>>> = {
  [Name in keyof T & string]: `${Name}.${OutputsOf<K, T[Name]>}`;
}[keyof T & string];

type One<Ref extends string> = Ref | FileRef | FolderRef;
type Many<Ref extends string, Axis extends string> =
  | FanIn<Ref, Axis>
  | readonly (One<Ref> | FanIn<Ref, Axis>)[];

type InputType<Declaration, Ref extends string, Axis extends string> = Declaration extends { many: true }
  ? One<Ref> | Many<Ref, Axis>
  : One<Ref>;

type OptionalNames<Inputs> = {
  [Name in keyof Inputs]: Inputs[Name] extends { optional: true } ? Name : never;
}[keyof Inputs];

type InputsField<Kind extends AnyKind, Given, Ref extends string, Axis extends string> =
  Kind["inputs"] extends Readonly<Record<string, { about: string }>>
    ? Exclude<keyof Kind["inputs"], OptionalNames<Kind["inputs"]>> extends never
      ? { readonly inputs?: NamedInputs<Kind["inputs"], Given, Ref, Axis> }
    : { readonly inputs: NamedInputs<Kind["inputs"], Given, Ref, Axis> }
    : { readonly inputs?: { readonly [Name in keyof Given]: One<Ref> | Many<Ref, Axis> } };

type NamedInputs<Inputs, Given, Ref extends string, Axis extends string> =
  & { readonly [Name in Exclude<keyof Inputs, OptionalNames<Inputs>>]: InputType<Inputs[Name], Ref, Axis> }
  & { readonly [Name in OptionalNames<Inputs>]?: InputType<Inputs[Name], Ref, Axis> }
  & NoOthers<Given, keyof Inputs & string, "input">;

type ParamsField<Kind extends AnyKind, Given, M extends Matrix, Ref extends string> =
  Record<never, never> extends ParamsOf<Kind> ? { readonly params?: NamedParams<Kind, Given, M, Ref> }
    : { readonly params: NamedParams<Kind, Given, M, Ref> };

/** The params of the kind `Name`, any part of which may come from one of the axes, or from one of the outputs `Ref`. */
export type KindParams<K extends Kinds, Name extends keyof K, Axis extends string, Ref extends string> = {
  readonly [P in keyof ParamsOf<KindNamed<K, Name>>]: WithRefs<ParamsOf<KindNamed<K, Name>>[P], Axis, Ref>;
};

type NamedParams<Kind extends AnyKind, Given, M extends Matrix, Ref extends string> =
  & { readonly [P in keyof ParamsOf<Kind>]: WithRefs<ParamsOf<Kind>[P], AxisPath<M>, Ref> }
  & NoOthers<Given, keyof ParamsOf<Kind> & string, "param">;

type OutputsField<Kind extends AnyKind> = Kind["outputs"] extends readonly string[]
  ? { readonly outputs?: never }
  : { readonly outputs: readonly string[] };

type StopField<K extends Kinds, Task extends TaskShape<K>, M extends Matrix, Ref extends string> =
  Task["stop"] extends TaskShape<K> ? {
      readonly stop:
        & ParamsField<KindNamed<K, Task["stop"]["kind"]>, Task["stop"]["params"], M, Ref>
        & StopInputs<
          KindNamed<K, Task["stop"]["kind"]>["inputs"],
          Task["stop"]["inputs"],
          Ref,
          keyof M & string
        >
        & NoOthers<Task["stop"], "kind" | "params" | "inputs", "field">;
    }
    : unknown;

/** The engine gives the input `log`. */
type StopInputs<Inputs, Given, Ref extends string, Axis extends string> = {
  readonly inputs?: NamedInputs<Omit<Inputs, "log">, Given, Ref, Axis>;
};

type CheckedTask<K extends Kinds, Task extends TaskShape<K>, M extends Matrix, Ref extends string> =
  & ParamsField<KindNamed<K, Task["kind"]>, Task["params"], M, Ref>
  & InputsField<KindNamed<K, Task["kind"]>, Task["inputs"], Ref, keyof M & string>
  & OutputsField<KindNamed<K, Task["kind"]>>
  & StopField<K, Task, M, Ref>
  & NoOthers<
    Task,
    | "kind"
    | "params"
    | "inputs"
    | "outputs"
    | "device"
    | "cores"
    | "memoryMB"
    | "milestones"
    | "stop"
    | "mayFail",
    "field"
  >;

type PackedPlace<M extends Matrix> = {
  readonly [A in keyof M]: M[A] extends AxisVariants ? keyof M[A] & string : AxisValue;
};

/** A workflow with names checked against the kinds `K`. */
export interface TypedWorkflow<K extends Kinds, M extends Matrix, T extends Record<string, TaskShape<K>>> {
  readonly name: string;
  readonly about: string;
  readonly matrix?: M;
  readonly include?: readonly PackedPlace<NoInfer<M>>[];
  readonly exclude?: readonly Partial<PackedPlace<NoInfer<M>>>[];
  readonly tasks: T & { readonly [Name in keyof T]: CheckedTask<K, T[Name], NoInfer<M>, OutputRef<K, T>> };
  readonly result?: OutputRef<K, NoInfer<T>>;
  readonly profiles?: Readonly<
    Record<
      string,
      & { readonly [Name in keyof NoInfer<T>]?: Partly<ParamsOf<KindNamed<K, T[Name]["kind"]>>> }
      & { readonly matrix?: { readonly [A in keyof NoInfer<M>]?: readonly AxisValue[] } }
      & { readonly [Name in `${keyof NoInfer<T> & string}.stop`]?: Readonly<Record<string, unknown>> }
    >
  >;
}
