/** Opens the shared caches of a command: those that it names, or else those of the folder's settings. */

import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CacheSettings, FolderSettings } from "../definition/settings_file.ts";
import { certificatesOf } from "../download/network.ts";
import { warn } from "../display/terminal.ts";
import { authorizationOf, netrcCredentials } from "../remote/credentials.ts";
import { FolderServer } from "../remote/folder_server.ts";
import { HttpServer, type HttpServerOptions } from "../remote/http_server.ts";
import { CACHE_LIMITS, type CacheServer } from "../remote/server.ts";
import { SharedCache } from "../remote/shared_cache.ts";
import { type Signer, signerOf } from "../remote/signature.ts";
import { readUsersOrEmpty } from "../store/small_files.ts";
import type { Store } from "../store/store.ts";
import { signingKeyFile } from "./signing_key.ts";

/** Options of the command line. */
export interface CacheOptions {
  /** URLs of shared caches. */
  readonly cache?: readonly string[];
  readonly cacheReadOnly?: boolean;
}

/** The variable with the text of a private key, for machines that have no file with it. */
const SIGNING_VARIABLE = "PROTOFLOW_SIGNING_KEY";

/** @throws FlowError signing-key, certificates */
export async function openShared(
  store: Store,
  { cache, cacheReadOnly = false }: CacheOptions,
  { caches, trustedKeys }: FolderSettings,
): Promise<SharedCache> {
  const named = cache?.map((url) => caches.find((one) => one.url === url) ?? { url, write: true });
  const wanted = (named ?? caches).map((one) => ({ ...one, write: one.write && !cacheReadOnly }));
  const environment = Deno.env.toObject();
  const network = { environment, certificates: certificatesOf(environment) };
  return new SharedCache(store, {
    members: wanted.map((one) => ({
      server: serverOf(one, network),
      write: one.write,
      limits: CACHE_LIMITS,
      warn,
    })),
    trusted: trustedKeys,
    signer: wanted.some(({ write }) => write) ? await signer() : undefined,
  });
}

function serverOf(
  { url, credentials }: CacheSettings,
  network: Pick<HttpServerOptions, "certificates" | "environment">,
): CacheServer {
  if (url.startsWith("file:")) return new FolderServer(fileURLToPath(url).replace(/\/+$/, ""));
  const given = credentials === undefined
    ? netrcCredentials(
      readUsersOrEmpty(Deno.env.get("NETRC") ?? join(homedir(), ".netrc")),
      new URL(url).hostname,
    )
    : Deno.env.get(credentials);
  const authorization = authorizationOf(given);
  return new HttpServer({ url: url.replace(/\/+$/, ""), authorization, limits: CACHE_LIMITS, ...network });
}

async function signer(): Promise<Signer | undefined> {
  const text = Deno.env.get(SIGNING_VARIABLE);
  if (text) return await signerOf(text, `the variable ${SIGNING_VARIABLE}`);
  const file = signingKeyFile();
  const pem = readUsersOrEmpty(file);
  return pem === "" ? undefined : await signerOf(pem, file);
}
