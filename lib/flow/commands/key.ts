/** `key`: makes the key pair that signs results for shared caches, or shows the public key of the one that is there. */

import { dirname } from "node:path";
import { FlowError } from "../errors.ts";
import { messageOf } from "../failure.ts";
import { makeFolder } from "../store/layout.ts";
import { writeWhole } from "../store/plain_file.ts";
import { readUsersOrEmpty } from "../store/small_files.ts";
import { note, print } from "../display/terminal.ts";
import { newPrivateKey, signerOf } from "../remote/signature.ts";
import { userPath } from "../user_path.ts";
import type { Project } from "./open_workflow.ts";
import { signingKeyFile } from "./signing_key.ts";

/** @param given where the private key is or is to be; by default in the user's configuration folder */
export async function keyCommand(_project: Project, given: string | undefined): Promise<number> {
  const file = given === undefined ? signingKeyFile() : userPath(given);
  let pem = readUsersOrEmpty(file);
  if (pem === "") {
    pem = await newPrivateKey();
    try {
      makeFolder(dirname(file));
      writeWhole(file, pem, { createNew: true, mode: 0o600 });
    } catch (error) {
      throw new FlowError("store-io", `could not write ${file}: ${messageOf(error)}`, { cause: error });
    }
    note(`the private key is ${file}; whoever has it can sign results as you`);
  }
  print((await signerOf(pem, file)).publicKey);
  return 0;
}
