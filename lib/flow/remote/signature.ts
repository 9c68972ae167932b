/** Signatures of results: Ed25519 over the text of the record, which has the action key and the digests of all outputs. */

import { FlowError } from "../errors.ts";

/** So that a signature under anything else is none of a result. */
const PURPOSE = new TextEncoder().encode("protoflow result 1\n");
const PREFIX = "ed25519:";
const PEM = /^-----BEGIN PRIVATE KEY-----\s([\w+/=\s]+)-----END PRIVATE KEY-----\s*$/;

/** A private key. */
export interface Signer {
  /** `ed25519:` and the base64 of its 32 bytes. */
  readonly publicKey: string;
  sign(text: Uint8Array): Promise<Uint8Array>;
}

/** A new private key as PEM (PKCS #8), as `openssl genpkey -algorithm ed25519` writes one. */
export async function newPrivateKey(): Promise<string> {
  const { privateKey } = await crypto.subtle.generateKey("Ed25519", true, [
    "sign",
    "verify",
  ]) as CryptoKeyPair;
  const base64 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey)).toBase64();
  return `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
}

/**
 * What signs by a private key.
 *
 * @param pem see {@link newPrivateKey}
 * @param from where it was read, for the error; its text is in no message
 * @throws FlowError signing-key
 */
export async function signerOf(pem: string, from: string): Promise<Signer> {
  try {
    const bytes = Uint8Array.fromBase64(PEM.exec(pem.trim())![1]);
    const key = await crypto.subtle.importKey("pkcs8", bytes, "Ed25519", true, ["sign"]);
    const { x } = await crypto.subtle.exportKey("jwk", key);
    const publicKey = PREFIX + Uint8Array.fromBase64(x!, { alphabet: "base64url" }).toBase64();
    const sign = async (text: Uint8Array) => {
      const made = new Uint8Array(await crypto.subtle.sign("Ed25519", key, signed(text)));
      return new TextEncoder().encode(JSON.stringify({ key: publicKey, signature: made.toBase64() }));
    };
    return { publicKey, sign };
  } catch {
    throw new FlowError(
      "signing-key",
      `${from} holds no private key of Ed25519; expected PEM, as \`deno task key\` writes it`,
    );
  }
}

/** Whether the signature is one of this text by one of the keys. */
export async function isSignedBy(
  keys: readonly string[],
  text: Uint8Array,
  signature: Uint8Array | undefined,
): Promise<boolean> {
  try {
    const { key, signature: made } = JSON.parse(new TextDecoder().decode(signature));
    if (!keys.includes(key)) return false;
    return await crypto.subtle.verify(
      "Ed25519",
      await imported(key),
      Uint8Array.fromBase64(made),
      signed(text),
    );
  } catch {
    return false; // It is no signature at all.
  }
}

/** Of the few keys that are trusted. */
const importedKeys = new Map<string, Promise<CryptoKey>>();

/** A public key; rejects where the text is none. */
function imported(text: string): Promise<CryptoKey> {
  let key = importedKeys.get(text);
  if (key === undefined) importedKeys.set(text, key = importKey(text));
  return key;
}

async function importKey(text: string): Promise<CryptoKey> {
  if (!text.startsWith(PREFIX)) throw new Error(`a public key begins with ${PREFIX}`);
  const bytes = Uint8Array.fromBase64(text.slice(PREFIX.length));
  return await crypto.subtle.importKey("raw", bytes, "Ed25519", true, ["verify"]);
}

function signed(text: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PURPOSE.length + text.length);
  bytes.set(PURPOSE);
  bytes.set(text, PURPOSE.length);
  return bytes;
}
