/**
 * `inspect-state`: everything that a node knows, for people and as JSON.
 *
 * Owns its flags, help and how a question is read. Does not own the answers.
 * @module
 */
import type { InspectQuery } from "../../core/engine/engine.ts";
import { bigintToHash32, type Hash32, hash32 } from "../../core/primitives/hex.ts";
import { readAddress } from "../accounts.ts";
import { parseQuantity, usageError } from "../args.ts";
import { defineCommand } from "../command.ts";
import { connect, CONNECT_EXCLUSIVE, CONNECT_FLAGS, type DevnetAccount } from "../connect.ts";
import { findNearest } from "../nearest.ts";
import { toJsonValue } from "../render.ts";
import { renderAny, renderHeads, renderOperations } from "../views.ts";

/** What can be asked for, and the arguments that follow. */
const TOPICS = {
  heads: [],
  block: ["N|latest|safe|finalized|HASH"],
  batch: ["N|latest|safe|finalized"],
  tx: ["HASH"],
  account: ["ADDRESS|INDEX"],
  storage: ["ADDRESS|INDEX", "SLOT"],
  proof: ["ADDRESS|INDEX", "SLOT", "BATCH|latest|safe|finalized"],
  data: ["BATCH|latest|safe|finalized"],
  witness: ["BATCH|latest|safe|finalized"],
  code: ["HASH"],
  chain: [],
  l1: ["L1BLOCK|latest"],
  pool: [],
  operations: [],
  tables: [],
  table: ["NAME"],
} as const satisfies Record<InspectQuery["kind"], readonly string[]>;

/** Rows of a table that are shown unless told otherwise. */
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 10_000n;

/** The command. */
export const inspectState = defineCommand({
  name: "inspect-state",
  summary: "Show heads, blocks, batches, accounts, storage, tables",
  description: "Shows, without changing anything:\n" +
    Object.entries(TOPICS).map(([topic, args]) => `  ${[topic, ...args].join(" ")}`).join("\n") +
    "\nA batch comes with what it used of each limit, its seal reason, L1 transactions, program " +
    "hash, proof kind and what stays trusted; a transaction with its gas, pubdata and refunds; " +
    "operations is the queue on L1 with each deadline; " +
    "storage with its proof in the state tree. Without a topic: heads, and what to do next.",
  flags: {
    ...CONNECT_FLAGS,
    limit: {
      type: "quantity",
      alias: "n",
      default: String(DEFAULT_LIMIT),
      summary: "Rows of a table to show, at most 10000",
    },
  },
  exclusive: CONNECT_EXCLUSIVE,
  positionals: [
    { name: "topic", summary: `One of ${Object.keys(TOPICS).join(", ")}` },
    { name: "key", summary: "Which one; see above" },
    { name: "slot", summary: "Storage slot: a number or 32 bytes of hex" },
    { name: "batch", summary: "Batch under whose state root a slot is proven" },
  ],
  examples: [
    { line: "varve inspect-state", summary: "How far each stage has come" },
    { line: "varve inspect-state batch latest", summary: "The newest batch" },
    { line: "varve inspect-state account 0 --json", summary: "Devnet account 0 as JSON" },
    {
      line: "varve inspect-state storage 0x5FbDB2315678afecb367f032d93F642f64180aa3 0",
      summary: "Slot 0 of a contract with its proof",
    },
    { line: "varve inspect-state table checkpoints", summary: "Rows of a table of the node" },
  ],
  async run(context, { flags, positionals }) {
    const accounts = /^(account|storage|proof)$/.test(positionals[0] ?? "")
      ? await context.services.devnetAccounts()
      : [];
    const query = readQuery(positionals, flags.limit, accounts);
    await using engine = await connect(context, flags);
    if (query.kind === "heads") {
      const heads = await engine.heads();
      context.show({ json: toJsonValue(heads), text: renderHeads(heads) });
      return;
    }
    const view = await engine.inspect(query);
    const text = query.kind === "operations" ? renderOperations(view) : renderAny(view);
    context.show({ json: toJsonValue(view), text });
  },
});

/**
 * The question that the arguments write.
 *
 * @throws `USAGE_INVALID_VALUE`, `USAGE_MISSING_ARGUMENT`, `USAGE_UNEXPECTED_ARGUMENT`.
 */
export function readQuery(
  positionals: readonly string[],
  limit: bigint,
  accounts: readonly DevnetAccount[],
): InspectQuery {
  const [topic = "heads", ...args] = positionals;
  if (!isTopic(topic)) throw unknownTopic(topic);
  checkArgumentCount(topic, args);
  const [key = "", slot = ""] = args;
  switch (topic) {
    case "heads":
    case "chain":
    case "pool":
    case "operations":
    case "tables":
      return { kind: topic };
    case "block":
      return { kind: topic, block: isHash(key) ? hash32(key) : readPosition(topic, key) };
    case "batch":
      return { kind: topic, batch: readPosition(topic, key) };
    case "tx":
      if (!isHash(key)) throw invalidKey(topic, key, "a 32-byte transaction hash");
      return { kind: topic, hash: hash32(key) };
    case "account":
      return { kind: topic, address: readAddress(key, "the argument", accounts) };
    case "storage":
      return {
        kind: topic,
        address: readAddress(key, "the argument", accounts),
        slot: readSlot(slot),
      };
    case "proof":
      return {
        kind: topic,
        address: readAddress(key, "the argument", accounts),
        slots: [readSlot(slot)],
        batch: readPosition(topic, args[2] ?? ""),
      };
    case "data":
    case "witness":
      return { kind: topic, batch: readPosition(topic, key) };
    case "code":
      if (!isHash(key)) throw invalidKey(topic, key, "the 32-byte hash of a code");
      return { kind: topic, hash: hash32(key) };
    case "l1": {
      const block = key === "latest" ? key : readPosition(topic, key);
      if (block === "safe" || block === "finalized") {
        throw invalidKey(topic, key, "a number or latest");
      }
      return { kind: topic, block };
    }
    case "table":
      if (limit < 1n || limit > MAX_LIMIT) {
        throw invalidKey("--limit of table", String(limit), `a number from 1 to ${MAX_LIMIT}`);
      }
      return { kind: topic, table: key, limit: Number(limit) };
  }
}

function isTopic(topic: string): topic is keyof typeof TOPICS {
  return Object.hasOwn(TOPICS, topic);
}

function checkArgumentCount(topic: keyof typeof TOPICS, args: readonly string[]): void {
  const wanted = TOPICS[topic];
  const missing = wanted[args.length];
  if (missing !== undefined) {
    throw usageError(
      "USAGE_MISSING_ARGUMENT",
      `Cannot inspect ${topic} without ${missing}: got ${args.length} of ${wanted.length} arguments`,
      { details: { topic }, mend: `Run \`varve inspect-state ${[topic, ...wanted].join(" ")}\`.` },
    );
  }
  const surplus = args[wanted.length];
  if (surplus === undefined) return;
  throw usageError(
    "USAGE_UNEXPECTED_ARGUMENT",
    `Cannot use the argument "${surplus}" of inspect-state ${topic}: it takes ${wanted.length}`,
    {
      details: { topic, argument: surplus },
      mend: `Run \`varve inspect-state ${[topic, ...wanted].join(" ")}\`.`,
    },
  );
}

function readPosition(topic: string, key: string): number | "latest" | "safe" | "finalized" {
  if (key === "latest" || key === "safe" || key === "finalized") return key;
  const position = parseQuantity(key);
  if (position !== undefined && position <= BigInt(Number.MAX_SAFE_INTEGER)) {
    return Number(position);
  }
  const wanted = `a number, latest, safe${
    topic === "block" ? ", finalized or a hash" : " or finalized"
  }`;
  throw invalidKey(topic, key, wanted);
}

function readSlot(text: string): Hash32 {
  const slot = parseQuantity(text);
  if (slot === undefined || slot >= 1n << 256n) {
    throw invalidKey("storage slot", text, "a number or 32 bytes of hex");
  }
  return bigintToHash32(slot);
}

function isHash(text: string): boolean {
  return /^0x[0-9a-fA-F]{64}$/.test(text);
}

function unknownTopic(topic: string) {
  const nearest = findNearest(topic, Object.keys(TOPICS));
  return usageError("USAGE_INVALID_VALUE", `Cannot inspect "${topic}": it is no topic`, {
    details: { topic, ...(nearest === undefined ? {} : { nearest }) },
    mend: nearest === undefined
      ? `Ask for one of ${Object.keys(TOPICS).join(", ")}.`
      : `Did you mean "${nearest}"?`,
  });
}

function invalidKey(topic: string, key: string, wanted: string) {
  const shown = key.length > 80 ? `${key.slice(0, 80)}…` : key;
  return usageError("USAGE_INVALID_VALUE", `Cannot read "${shown}" of ${topic} as ${wanted}`, {
    details: { topic, value: shown },
    mend: `Give ${wanted}.`,
  });
}
