/**
 * What `varve_inspect` can be asked.
 *
 * Owns reading an `InspectQuery` from JSON. Does not own the answers (the engine's).
 * @module
 */
import type { InspectQuery } from "../../core/engine/engine.ts";
import { ADDRESS_JSON, HASH_JSON, listJson, TEXT_JSON } from "./json_schema.ts";
import {
  address,
  hash,
  list,
  object,
  oneOf,
  type Schema,
  storageSlot,
  text,
  wholeNumber,
  withDefault,
} from "./schema.ts";

const STATE_TAGS = ["latest", "safe", "finalized"] as const;
const KINDS = [
  "heads",
  "block",
  "batch",
  "tx",
  "account",
  "storage",
  "proof",
  "data",
  "witness",
  "code",
  "chain",
  "l1",
  "pool",
  "operations",
  "tables",
  "table",
] as const satisfies readonly InspectQuery["kind"][];

/** Slots that one question may ask proofs of. */
export const MAX_PROOF_SLOTS = 1_024;

/** Rows of a table that are shown when no number is given. */
const DEFAULT_TABLE_ROWS = 20;

const kindField = object({ kind: oneOf(KINDS) });
const tag = oneOf(STATE_TAGS);
const batchOrTag: Schema<number | typeof STATE_TAGS[number]> = {
  parse: (value, path) =>
    typeof value === "string" ? tag.parse(value, path) : wholeNumber.parse(value, path),
};
const blockFields = object({
  block: {
    parse: (value: unknown, path: string) =>
      typeof value === "string" && value.startsWith("0x")
        ? hash.parse(value, path)
        : batchOrTag.parse(value, path),
  },
});
const batchFields = object({ batch: batchOrTag });
const txFields = object({ hash });
const accountFields = object({ address });
const storageFields = object({ address, slot: storageSlot });
const proofFields = object({
  address,
  slots: list(storageSlot, MAX_PROOF_SLOTS),
  batch: batchOrTag,
});
const codeFields = object({ hash });
const l1Fields = object({
  block: {
    parse: (value: unknown, path: string) =>
      value === "latest" ? value : wholeNumber.parse(value, path),
  },
});
const tableFields = object({
  table: text(100),
  limit: withDefault(wholeNumber, DEFAULT_TABLE_ROWS),
});

/** An `InspectQuery`. */
export const inspectQuery: Schema<InspectQuery> = {
  json: {
    type: "object",
    properties: {
      kind: { type: "string", enum: KINDS },
      block: { description: "Number, latest, safe, finalized or hash: of `block` and `l1`" },
      batch: { description: "Number, latest, safe or finalized: of `batch` and what it has" },
      hash: HASH_JSON,
      address: ADDRESS_JSON,
      slot: HASH_JSON,
      slots: listJson(HASH_JSON),
      table: TEXT_JSON,
      limit: { type: "integer", minimum: 0 },
    },
    required: ["kind"],
  },
  parse(value, path) {
    const { kind } = kindField.parse(value, path);
    switch (kind) {
      case "heads":
      case "chain":
      case "pool":
      case "operations":
      case "tables":
        return { kind };
      case "block":
        return { kind, ...blockFields.parse(value, path) };
      case "batch":
        return { kind, ...batchFields.parse(value, path) };
      case "tx":
        return { kind, ...txFields.parse(value, path) };
      case "account":
        return { kind, ...accountFields.parse(value, path) };
      case "storage":
        return { kind, ...storageFields.parse(value, path) };
      case "proof":
        return { kind, ...proofFields.parse(value, path) };
      case "data":
      case "witness":
        return { kind, ...batchFields.parse(value, path) };
      case "code":
        return { kind, ...codeFields.parse(value, path) };
      case "l1":
        return { kind, ...l1Fields.parse(value, path) };
      case "table":
        return { kind, ...tableFields.parse(value, path) };
    }
  },
};
