/**
 * Answers of the Engine verbs, read back from JSON that another process sent.
 *
 * Owns the check that each answer has the shape that `engine.ts` promises. Does not own transport.
 * @module
 */
import { RollupError } from "../primitives/errors.ts";
import type { Hash32, Hex } from "../primitives/hex.ts";
import { SEAL_REASONS } from "../types/batch.ts";
import type { ProofKind } from "../types/proof.ts";
import type {
  HeadsView,
  JsonValue,
  L1PlanView,
  L1SentView,
  L1TransactionView,
  ProofJobView,
  ProveView,
  RebuildDifference,
  RebuildView,
  SealView,
  SenderView,
  SendView,
  SyncView,
} from "./engine.ts";

/** Codes that this file throws. */
export type EngineCodecErrorCode = "REMOTE_ANSWER_INVALID";

/** Complete by its type: a new kind that is missing here does not compile. */
const PROOF_KINDS: Readonly<Record<ProofKind, true>> = { mock: true };

/** @throws `REMOTE_ANSWER_INVALID` */
export function decodeHeads(answer: unknown): HeadsView {
  const fields = readObject(answer, "heads");
  return {
    block: fields.count("block"),
    sealed: fields.count("sealed"),
    sequenced: fields.count("sequenced"),
    proven: fields.count("proven"),
    verified: fields.count("verified"),
    l1Block: fields.count("l1Block"),
    pooled: fields.count("pooled"),
  };
}

/** @throws `REMOTE_ANSWER_INVALID` */
export function decodeSend(answer: unknown): SendView {
  const fields = readObject(answer, "sent transaction");
  return {
    transactionHash: fields.hash("transactionHash"),
    from: fields.hex("from"),
    to: fields.isNull("to") ? null : fields.hex("to"),
    nonce: fields.count("nonce"),
    status: fields.word("status", { pooled: true, included: true }),
    ...(fields.has("blockNumber") ? { blockNumber: fields.count("blockNumber") } : {}),
    ...(fields.has("success") ? { success: fields.flag("success") } : {}),
    ...(fields.has("gasUsed") ? { gasUsed: fields.count("gasUsed") } : {}),
    ...(fields.has("contractAddress") ? { contractAddress: fields.hex("contractAddress") } : {}),
  };
}

/** @throws `REMOTE_ANSWER_INVALID` */
export function decodeSeal(answer: unknown): SealView {
  const fields = readObject(answer, "sealed batch");
  return {
    batchNumber: fields.count("batchNumber"),
    firstBlock: fields.count("firstBlock"),
    lastBlock: fields.count("lastBlock"),
    txCount: fields.count("txCount"),
    sealReason: fields.word("sealReason", SEAL_REASONS),
    stateRoot: fields.hash("stateRoot"),
    batchDataHash: fields.hash("batchDataHash"),
    accInputHash: fields.hash("accInputHash"),
  };
}

/** @throws `REMOTE_ANSWER_INVALID` */
export function decodeSubmit(answer: unknown): readonly L1TransactionView[] {
  return readList(answer, "L1 transactions").map((item) => {
    const fields = readObject(item, "L1 transaction");
    return {
      purpose: fields.word("purpose", { sequenceBatches: true, verifyBatches: true }),
      firstBatch: fields.count("firstBatch"),
      lastBatch: fields.count("lastBatch"),
      transactionHash: fields.hash("transactionHash"),
      nonce: fields.count("nonce"),
      status: fields.word("status", { sent: true, mined: true }),
      ...(fields.has("l1BlockNumber") ? { l1BlockNumber: fields.count("l1BlockNumber") } : {}),
      ...(fields.has("gasUsed") ? { gasUsed: fields.count("gasUsed") } : {}),
    };
  });
}

/** @throws `REMOTE_ANSWER_INVALID` */
export function decodeProve(answer: unknown): ProveView {
  const fields = readObject(answer, "proof");
  return {
    batchNumber: fields.count("batchNumber"),
    kind: fields.word("kind", PROOF_KINDS),
    trusted: fields.text("trusted"),
    publicInputsHash: fields.hash("publicInputsHash"),
    newStateRoot: fields.hash("newStateRoot"),
    proofBytes: fields.count("proofBytes"),
  };
}

/** @throws `REMOTE_ANSWER_INVALID` */
export function decodeProofs(answer: unknown): readonly ProveView[] {
  return readList(answer, "proofs").map(decodeProve);
}

/** @throws `REMOTE_ANSWER_INVALID` */
export function decodeSync(answer: unknown): SyncView {
  const fields = readObject(answer, "sync");
  return {
    fromL1Block: fields.count("fromL1Block"),
    toL1Block: fields.count("toL1Block"),
    sequenced: fields.count("sequenced"),
    verified: fields.count("verified"),
    unwoundL1Blocks: fields.count("unwoundL1Blocks"),
  };
}

/** @throws `REMOTE_ANSWER_INVALID` */
export function decodeSender(answer: unknown): SenderView {
  const fields = readObject(answer, "sender");
  return {
    chainId: fields.count("chainId"),
    nonce: fields.count("nonce"),
    balanceWei: fields.amount("balanceWei"),
    baseFeePerGasWei: fields.amount("baseFeePerGasWei"),
  };
}

/** @throws `REMOTE_ANSWER_INVALID` */
export function decodeL1Plan(answer: unknown): L1PlanView {
  const fields = readObject(answer, "L1 plan");
  return {
    purpose: fields.text("purpose"),
    chainId: fields.count("chainId"),
    to: fields.hex("to"),
    data: fields.hex("data"),
    nonce: fields.count("nonce"),
    gasLimit: fields.count("gasLimit"),
    maxFeePerGasWei: fields.amount("maxFeePerGasWei"),
    maxPriorityFeePerGasWei: fields.amount("maxPriorityFeePerGasWei"),
  };
}

/** @throws `REMOTE_ANSWER_INVALID` */
export function decodeL1Sent(answer: unknown): L1SentView {
  const fields = readObject(answer, "L1 transaction");
  return {
    transactionHash: fields.hash("transactionHash"),
    status: fields.word("status", { sent: true, mined: true, reverted: true }),
    ...(fields.has("l1BlockNumber") ? { l1BlockNumber: fields.count("l1BlockNumber") } : {}),
    ...(fields.has("gasUsed") ? { gasUsed: fields.count("gasUsed") } : {}),
    ...(fields.has("reason") ? { reason: fields.text("reason") } : {}),
    ...(fields.has("operation") ? { operation: decodeQueued(fields.value("operation")) } : {}),
  };
}

function decodeQueued(answer: unknown): { readonly number: number; readonly deadlineSec: number } {
  const fields = readObject(answer, "operation");
  return { number: fields.count("number"), deadlineSec: fields.count("deadlineSec") };
}

/** @throws `REMOTE_ANSWER_INVALID` */
export function decodeRebuild(answer: unknown): RebuildView {
  const fields = readObject(answer, "rebuilt node");
  return {
    batches: fields.count("batches"),
    blocks: fields.count("blocks"),
    l1Block: fields.count("l1Block"),
    lastStateRoot: fields.hash("lastStateRoot"),
    compared: fields.count("compared"),
    matches: fields.flag("matches"),
    difference: fields.isNull("difference") ? null : decodeDifference(fields.value("difference")),
    folder: fields.isNull("folder") ? null : fields.text("folder"),
  };
}

function decodeDifference(answer: unknown): RebuildDifference {
  const fields = readObject(answer, "difference");
  return {
    batch: fields.count("batch"),
    field: fields.text("field"),
    here: fields.text("here"),
    fromL1: fields.text("fromL1"),
  };
}

/** @throws `REMOTE_ANSWER_INVALID` */
export function decodeProofJob(answer: unknown): ProofJobView | null {
  if (answer === null) return null;
  const fields = readObject(answer, "proof job");
  return {
    batchNumber: fields.count("batchNumber"),
    witness: fields.hex("witness"),
    publicInputs: fields.hex("publicInputs"),
  };
}

/** @throws `REMOTE_ANSWER_INVALID` */
export function decodeGas(answer: unknown): number {
  if (isCount(answer)) return answer;
  throw invalidAnswer("gas estimate", "a whole number", answer);
}

/** Any JSON, rebuilt so that its type holds. @throws `REMOTE_ANSWER_INVALID` */
export function decodeJson(answer: unknown): JsonValue {
  return toJsonValue(answer, 0);
}

/** Deeper than anything that `inspect` shows. */
const MAX_JSON_DEPTH = 64;

function toJsonValue(value: unknown, depth: number): JsonValue {
  if (depth > MAX_JSON_DEPTH) throw invalidAnswer("inspection", "shallower JSON", "deep JSON");
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return value;
  if (Array.isArray(value)) return value.map((item: unknown) => toJsonValue(item, depth + 1));
  if (!isRecord(value)) throw invalidAnswer("inspection", "JSON", value);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, toJsonValue(item, depth + 1)]),
  );
}

/** Typed reads of one object's fields; each throws when the field is not what it should be. */
interface FieldReader {
  has(name: string): boolean;
  isNull(name: string): boolean;
  /** As it is, to be read by somebody else. */
  value(name: string): unknown;
  count(name: string): number;
  flag(name: string): boolean;
  text(name: string): string;
  amount(name: string): string;
  hex(name: string): Hex;
  hash(name: string): Hash32;
  word<W extends string>(name: string, words: Readonly<Record<W, true>>): W;
}

function readObject(answer: unknown, what: string): FieldReader {
  if (!isRecord(answer)) throw invalidAnswer(what, "an object", answer);
  const field = (name: string): unknown => Object.hasOwn(answer, name) ? answer[name] : undefined;
  const read = <T>(name: string, wanted: string, isWanted: (value: unknown) => value is T): T => {
    const value = field(name);
    if (isWanted(value)) return value;
    throw invalidAnswer(`${what}.${name}`, wanted, value);
  };
  return {
    has: (name) => field(name) !== undefined,
    isNull: (name) => field(name) === null,
    value: field,
    count: (name) => read(name, "a whole number", isCount),
    flag: (name) => read(name, "true or false", (value) => typeof value === "boolean"),
    text: (name) => read(name, "text", (value) => typeof value === "string"),
    amount: (name) => read(name, "an amount in decimal digits", isAmount),
    hex: (name) => read(name, "bytes in hex", isHex),
    hash: (name) => read(name, "32 bytes in hex", isHash),
    word: (name, words) => read(name, Object.keys(words).join(" or "), isOneOf(words)),
  };
}

function readList(answer: unknown, what: string): readonly unknown[] {
  if (Array.isArray(answer)) return answer;
  throw invalidAnswer(what, "an array", answer);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isAmount(value: unknown): value is string {
  return typeof value === "string" && /^(0|[1-9]\d{0,77})$/.test(value);
}

function isHex(value: unknown): value is Hex {
  return typeof value === "string" && /^0x([0-9a-f]{2})*$/.test(value);
}

function isHash(value: unknown): value is Hash32 {
  return typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value);
}

function isOneOf<W extends string>(
  words: Readonly<Record<W, true>>,
): (value: unknown) => value is W {
  return (value): value is W => typeof value === "string" && Object.hasOwn(words, value);
}

function invalidAnswer(
  what: string,
  wanted: string,
  value: unknown,
): RollupError<EngineCodecErrorCode> {
  const got = typeof value === "string"
    ? JSON.stringify(value.slice(0, 80))
    : value === null || typeof value !== "object"
    ? String(value)
    : Array.isArray(value)
    ? "an array"
    : "an object";
  return new RollupError(
    "REMOTE_ANSWER_INVALID",
    `Cannot read the node's answer as ${what}: expected ${wanted}, got ${got}`,
    { details: { what, wanted, got }, mend: "Use the same version of varve on both ends." },
  );
}
