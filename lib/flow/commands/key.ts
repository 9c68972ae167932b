/** `key`: makes the key pair that signs results for shared caches, or shows the public key of the one that is there. */

import { readUsersOrEmpty } from "../store/small_files.ts";
import { note, print } from "../display/terminal.ts";
import { newPrivateKey, signerOf } from "../remote/signature.ts";
import { userPath } from "../user_path.ts";
import type { Project } from "./open_workflow.ts";
import { writeUserFile } from "./user_files.ts";
import { signingKeyFile } from "./signing_key.ts";

/** @param given where the private key is or is to be; by default in the user's configuration folder */
export async function keyCommand(_project: Project, given: string | undefined): Promise<number> {
  const file = given === undefined ? signingKeyFile() : userPath(given);
  let pem = readUsersOrEmpty(file);
  if (pem === "") {
    pem = await newPrivateKey();
    writeUserFile(file, pem, { createNew: true, mode: 0o600 });
    note(`the private key is ${file}; whoever has it can sign results as you`);
  }
  print((await signerOf(pem, file)).publicKey);
  return 0;
}
