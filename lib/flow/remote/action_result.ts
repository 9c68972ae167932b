/** Messages of Bazel's Remote Execution API (build.bazel.remote.execution.v2), as far as a cached result needs them. */

import protobuf from "protobufjs";

/** A file by SHA-256. */
export interface ApiDigest {
  readonly hash: string;
  readonly sizeBytes: number;
}

export interface ApiFile {
  /** Within its folder: a path in an `ActionResult`, a name in a `Directory`. */
  readonly path: string;
  readonly digest: ApiDigest;
  readonly isExecutable: boolean;
}

/** What a result is to a server that checks it, and what it carries for us. */
export interface ApiResult {
  readonly files: readonly ApiFile[];
  /** Folders, each by its `Tree`. */
  readonly folders: readonly { readonly path: string; readonly treeDigest: ApiDigest }[];
  readonly log?: ApiDigest;
  /** Further bytes by the URL of their type. */
  readonly attached: Readonly<Record<string, Uint8Array>>;
}

/** A folder with all below it. */
export interface ApiFolder {
  readonly files: readonly ApiFile[];
  /** By name. */
  readonly folders: ReadonlyMap<string, ApiFolder>;
}

type Field = { id: number; type: string; rule?: "repeated" };
const field = (id: number, type: string): Field => ({ id, type });
const repeated = (id: number, type: string): Field => ({ id, type, rule: "repeated" });

// Field numbers of remote_execution.proto and google/protobuf/any.proto.
const root = protobuf.Root.fromJSON({
  nested: {
    Digest: { fields: { hash: field(1, "string"), sizeBytes: field(2, "int64") } },
    OutputFile: {
      fields: { path: field(1, "string"), digest: field(2, "Digest"), isExecutable: field(4, "bool") },
    },
    OutputDirectory: { fields: { path: field(1, "string"), treeDigest: field(3, "Digest") } },
    Any: { fields: { typeUrl: field(1, "string"), value: field(2, "bytes") } },
    ExecutedActionMetadata: { fields: { auxiliaryMetadata: repeated(11, "Any") } },
    ActionResult: {
      fields: {
        outputFiles: repeated(2, "OutputFile"),
        outputDirectories: repeated(3, "OutputDirectory"),
        stdoutDigest: field(6, "Digest"),
        executionMetadata: field(9, "ExecutedActionMetadata"),
      },
    },
    FileNode: {
      fields: { name: field(1, "string"), digest: field(2, "Digest"), isExecutable: field(4, "bool") },
    },
    DirectoryNode: { fields: { name: field(1, "string"), digest: field(2, "Digest") } },
    Directory: { fields: { files: repeated(1, "FileNode"), directories: repeated(2, "DirectoryNode") } },
    Tree: { fields: { root: field(1, "Directory"), children: repeated(2, "Directory") } },
  },
});

const encode = (type: string, value: object): Uint8Array<ArrayBuffer> =>
  new Uint8Array(root.lookupType(type).encode(value).finish());

/** The bytes of an `ActionResult`. */
export function encodeResult({ files, folders, log, attached }: ApiResult): Uint8Array<ArrayBuffer> {
  return encode("ActionResult", {
    outputFiles: files,
    outputDirectories: folders,
    ...(log && { stdoutDigest: log }),
    executionMetadata: {
      auxiliaryMetadata: Object.entries(attached).map(([typeUrl, value]) => ({ typeUrl, value })),
    },
  });
}

/** What is attached to an `ActionResult`, by the URL of its type. @throws Error where the bytes are no such message */
export function attachedTo(bytes: Uint8Array): Readonly<Record<string, Uint8Array>> {
  const { executionMetadata } = root.lookupType("ActionResult").decode(bytes) as unknown as {
    executionMetadata?: { auxiliaryMetadata: readonly { typeUrl: string; value: Uint8Array }[] };
  };
  const attached: Record<string, Uint8Array> = Object.create(null);
  for (const { typeUrl, value } of executionMetadata?.auxiliaryMetadata ?? []) attached[typeUrl] = value;
  return attached;
}

/** The bytes of a `Tree`: a folder, and every folder below it once. */
export function encodeTree(
  folder: ApiFolder,
  digestOf: (bytes: Uint8Array) => string,
): Uint8Array<ArrayBuffer> {
  const children = new Map<string, object>();
  const directory = ({ files, folders }: ApiFolder): object => ({
    files: files.map(({ path, ...file }) => ({ name: path, ...file })),
    directories: [...folders].map(([name, child]) => {
      const message = directory(child);
      const bytes = encode("Directory", message);
      const digest = { hash: digestOf(bytes), sizeBytes: bytes.length };
      children.set(digest.hash, message);
      return { name, digest };
    }),
  });
  return encode("Tree", { root: directory(folder), children: [...children.values()] });
}
