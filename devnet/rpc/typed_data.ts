/**
 * Structured data to be signed (EIP-712), as wallets send it: an object, or its JSON as text.
 *
 * Owns reading it down to the digest that is signed. Does not own the encoding (viem's) or signing.
 * @module
 */
import { hashTypedData } from "viem/utils";
import { hexToBytes } from "../../core/primitives/hex.ts";
import { invalidParams } from "./errors.ts";
import { describe, isRecord, type Schema, wrong } from "./schema.ts";

/** The digest of structured data: keccak256 of `0x1901`, domain and message. */
export const typedDataDigest: Schema<Uint8Array> = {
  json: {
    oneOf: [
      { type: "string" },
      {
        title: "typed data",
        type: "object",
        properties: {
          types: { type: "object" },
          primaryType: { type: "string" },
          domain: { type: "object" },
          message: { type: "object" },
        },
        required: ["types", "primaryType", "message"],
      },
    ],
  },
  parse(value, path) {
    const data = typeof value === "string" ? parseJson(value, path) : value;
    if (!isRecord(data)) throw wrong(path, "structured data of EIP-712", value);
    const { types, primaryType, domain = {}, message } = data;
    if (!isTypes(types)) throw wrong(`${path}.types`, "lists of fields by name", types);
    if (typeof primaryType !== "string") throw wrong(`${path}.primaryType`, "text", primaryType);
    if (!isRecord(domain)) throw wrong(`${path}.domain`, "an object", domain);
    if (!isRecord(message)) throw wrong(`${path}.message`, "an object", message);
    try {
      return hexToBytes(hashTypedData({ types, primaryType, domain, message }));
    } catch (error) {
      const reason = error instanceof Error ? error.message.split("\n")[0] : describe(error);
      throw invalidParams(`invalid ${path}: ${reason}`);
    }
  },
};

type Types = Readonly<
  Record<string, readonly { readonly name: string; readonly type: string }[]>
>;

function isTypes(value: unknown): value is Types {
  return isRecord(value) && Object.values(value).every((fields) =>
    Array.isArray(fields) &&
    fields.every((field: unknown) =>
      isRecord(field) && typeof field.name === "string" && typeof field.type === "string"
    )
  );
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(path, "JSON of structured data", text);
  }
}
