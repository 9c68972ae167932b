/** What a download needs to know of the network: proxies, and the certificates that its servers may be known by. */

import { FlowError } from "../errors.ts";
import { messageOf } from "../failure.ts";
import { readFolder } from "../../system/read_folder.ts";

type Environment = Readonly<Record<string, string>>;

/** Read by Deno itself, in either case; passed on as they are. */
const PROXIES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];
const STORES = ["deno_tls_ca_store", "ssl_cert_file", "ssl_cert_dir"];
/** Each names a file in the form PEM. Deno reads the first one only, programs of users have any of them. */
const CERTIFICATE_FILES = ["deno_cert", "ssl_cert_file", "node_extra_ca_certs"];
/** Folders with such files, separated by colons. */
const CERTIFICATE_FOLDERS = "ssl_cert_dir";
const CERTIFICATE = /-----BEGIN (TRUSTED )?CERTIFICATE-----/;

/**
 * The variables by which a process reaches the network as this one does. They are no part of any key: a download is
 * known by its digest, wherever it comes from.
 *
 * @param file where the certificates are written to, if there are any
 * @throws FlowError certificates, where a variable names a file that can't be read
 */
export function networkEnvironment(file: string, environment: Environment): Record<string, string> {
  const passed = Object.entries(environment).filter(([name]) =>
    [...PROXIES, ...STORES].includes(name.toLowerCase())
  );
  const certificates = certificatesOf(environment);
  if (certificates.length > 0) Deno.writeTextFileSync(file, certificates.join("\n"));
  return { ...Object.fromEntries(passed), ...(certificates.length > 0 && { DENO_CERT: file }) };
}

/** The texts of all files of certificates that variables name; each is trusted beside those that Deno trusts anyway. */
export function certificatesOf(environment: Environment): string[] {
  const named = (variable: string) =>
    Object.entries(environment).filter(([name, value]) => name.toLowerCase() === variable && value !== "");
  const files = CERTIFICATE_FILES.flatMap(named).map(([name, path]) => readCertificates(name, path));
  const folders = named(CERTIFICATE_FOLDERS).flatMap(([name, paths]) =>
    paths.split(":").filter((path) => path !== "").flatMap((path) => certificatesIn(name, path))
  );
  return [...new Set([...files, ...folders].filter((text) => CERTIFICATE.test(text)))];
}

function certificatesIn(name: string, folder: string): string[] {
  const paths = read(name, folder, () => readFolder(folder))
    .filter((entry) => !entry.isDirectory).map((entry) => `${folder}/${entry.name}`);
  return paths.sort().map((path) => readCertificates(name, path));
}

function readCertificates(name: string, path: string): string {
  return read(name, path, () => Deno.readTextFileSync(path));
}

function read<T>(name: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new FlowError(
      "certificates",
      `the variable ${name} names the certificates in ${path}: ${messageOf(error)}`,
    );
  }
}
