/** The pinned versions of npm packages and their dependencies, from deno.lock. */
import { FlowError } from "../errors.ts";
import { sha256Hex } from "../store/digest.ts";

/** Code without a computable identity; its results can't be cached. */
export class FingerprintError extends FlowError {
  constructor(message: string) {
    super("fingerprint", message);
  }
}

/** The parts of a lock file (version 5) that are read here. */
export interface LockFile {
  readonly specifiers?: Readonly<Record<string, string>>;
  readonly npm?: Readonly<
    Record<
      string,
      {
        readonly integrity?: string;
        readonly dependencies?: readonly string[];
        readonly optionalDependencies?: readonly string[];
      }
    >
  >;
}

export interface PinnedPackages {
  /** Version by name. If two versions of a package are reached, both are listed. */
  readonly packages: Record<string, string>;
  /** SHA-256 over the name, version and stated digest of each; absent where there is none. */
  readonly packageBytes?: string;
}

/**
 * What the lock file states of the packages (`name@range` of the import map) and all their dependencies. If two
 * versions of a package are reached, both are listed. Packages that contain only types are left out.
 * @throws FingerprintError when a package is not pinned, or its bytes are not
 */
export function pinnedPackages(packages: readonly string[], lock: LockFile): PinnedPackages {
  const pinned = lock.npm ?? {};
  const idsOfName = new Map<string, string[]>();
  for (const id of Object.keys(pinned)) {
    const [name] = splitId(id);
    idsOfName.set(name, [...idsOfName.get(name) ?? [], id]);
  }
  /** The lock file names a dependency without a version where there is only one. */
  const idOf = (dependency: string): string => {
    const real = dependency.replace(/^.+@npm:/, "");
    if (Object.hasOwn(pinned, real)) return real;
    const ids = idsOfName.get(real) ?? [];
    if (ids.length === 1) return ids[0];
    throw new FingerprintError(`package ${dependency} is not pinned in deno.lock; run deno install`);
  };
  const reached = new Set<string>();
  const visit = (id: string) => {
    if (reached.has(id)) return;
    reached.add(id);
    const { dependencies = [], optionalDependencies = [] } = pinned[id];
    for (const dependency of [...dependencies, ...optionalDependencies]) {
      if (!dependency.startsWith("@types/")) visit(idOf(dependency));
    }
  };
  for (const specifier of packages) {
    const version = lock.specifiers?.[`npm:${specifier}`];
    visit(idOf(version === undefined ? specifier : `${splitId(specifier)[0]}@${version}`));
  }
  const versions: Record<string, string> = {};
  const bytes: string[] = [];
  for (const id of [...reached].sort()) {
    const [name, version] = splitId(id);
    versions[name] = Object.hasOwn(versions, name) ? `${versions[name]}, ${version}` : version;
    const { integrity } = pinned[id];
    if (!integrity) throw new FingerprintError(`deno.lock states no integrity of ${id}; run deno install`);
    bytes.push(`${id} ${integrity}`);
  }
  return { packages: versions, ...(bytes.length > 0 && { packageBytes: sha256Hex(bytes.join("\n")) }) };
}

/** The name in `@scope/name@1.2.3`. */
export function packageName(id: string): string {
  return splitId(id)[0];
}

/** `@scope/name@1.2.3` → name and version. */
function splitId(id: string): [string, string] {
  const at = id.indexOf("@", 1);
  return at < 0 ? [id, ""] : [id.slice(0, at), id.slice(at + 1)];
}
