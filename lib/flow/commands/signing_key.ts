/** Where the private key of a user is. */

import { homedir } from "node:os";
import { join } from "node:path";

/** The file with the private key that signs what this user's runs send to shared caches. */
export function signingKeyFile(): string {
  const folder = Deno.env.get("XDG_CONFIG_HOME") || join(homedir(), ".config");
  return join(folder, "protoflow", "signing-key.pem");
}
