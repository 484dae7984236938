/**
 * The engine's answers in words, where words say more than a list of fields.
 *
 * Owns the human text of each view. Does not own layout (`render.ts`) or the values, which `--json`
 * prints as they are.
 * @module
 */
import type {
  HeadsView,
  JsonValue,
  L1SentView,
  L1TransactionView,
  ProveView,
  RebuildView,
  SealView,
  SendView,
  SyncView,
} from "../core/engine/engine.ts";
import type { ForcedView, SentL1Call } from "./l1_payer.ts";
import { printable, renderFields, renderTable, renderValue, toJsonValue } from "./render.ts";

/** How far each stage has come, what the states are called elsewhere, and what to type next. */
export function renderHeads(heads: HeadsView): string {
  const table = renderTable(["head", "at", "meaning"], [
    ["block", `block ${heads.block}`, "trusted: executed here (RPC tag latest)"],
    ["sealed", `batch ${heads.sealed}`, "closed here, waits for L1 and a proof"],
    ["sequenced", `batch ${heads.sequenced}`, "virtual: its data is on L1 (RPC tag safe)"],
    ["proven", `batch ${heads.proven}`, "its proof was made and checked here"],
    [
      "verified",
      `batch ${heads.verified}`,
      "consolidated: L1 accepted its proof (RPC tag finalized)",
    ],
    ["L1", `block ${heads.l1Block}`, "events of L1 are read up to here"],
    ["pool", count(heads.pooled, "transaction"), "waiting for a block"],
  ]);
  const next = nextSteps(heads);
  return next.length === 0 ? table : `${table}\n\nNext: ${next.join("; ")}`;
}

/** What can be done now, as commands with their reason. */
export function nextSteps(heads: HeadsView): string[] {
  const steps: string[] = [];
  if (heads.pooled > 0) steps.push(`seal-batch (${count(heads.pooled, "transaction")} pooled)`);
  if (heads.sequenced < heads.sealed) {
    steps.push(`submit (${count(heads.sealed - heads.sequenced, "batch", "batches")} to sequence)`);
  }
  if (heads.proven < heads.sealed) {
    steps.push(`prove (${count(heads.sealed - heads.proven, "batch", "batches")} to prove)`);
  }
  const verifiable = Math.min(heads.proven, heads.sequenced) - heads.verified;
  if (verifiable > 0) steps.push(`submit (${count(verifiable, "proof")} to verify)`);
  return steps;
}

/** The outcome of a sent transaction. */
export function renderSend(view: SendView): string {
  return renderFields([
    ["transaction", view.transactionHash],
    ["outcome", describeOutcome(view)],
    ["from", view.from],
    ["to", view.to ?? "a new contract"],
    ["nonce", view.nonce],
    ...(view.contractAddress === undefined ? [] : [["contract", view.contractAddress] as const]),
    ...(view.gasUsed === undefined ? [] : [["gasUsed", view.gasUsed] as const]),
  ]);
}

/** The batch that was closed, and why it was. */
export function renderSeal(view: SealView): string {
  const { batchNumber, ...fields } = view;
  const blocks = view.firstBlock === view.lastBlock
    ? `block ${view.firstBlock}`
    : `blocks ${view.firstBlock} to ${view.lastBlock}`;
  return `Sealed batch ${batchNumber}: ${blocks}, ${count(view.txCount, "transaction")}\n` +
    renderFields([
      ["sealReason", fields.sealReason],
      ["stateRoot", fields.stateRoot],
      ["batchDataHash", fields.batchDataHash],
      ["accInputHash", fields.accInputHash],
    ]);
}

/** The L1 transactions that were sent, in order. */
export function renderSubmit(views: readonly L1TransactionView[]): string {
  if (views.length === 0) {
    return "Nothing to submit now: what is sealed and proven is on L1, or waits its time";
  }
  return views.map((view) =>
    `${view.purpose === "sequenceBatches" ? "Sequenced" : "Verified"} ${batchRange(view)}: ` +
    `L1 transaction ${view.status}\n` +
    renderFields([
      ["transactionHash", view.transactionHash],
      ["nonce", view.nonce],
      ...(view.l1BlockNumber === undefined ? [] : [["l1BlockNumber", view.l1BlockNumber] as const]),
      ...(view.gasUsed === undefined ? [] : [["gasUsed", view.gasUsed] as const]),
    ])
  ).join("\n\n");
}

function batchRange({ firstBatch, lastBatch }: L1TransactionView): string {
  return firstBatch === lastBatch ? `batch ${lastBatch}` : `batches ${firstBatch} to ${lastBatch}`;
}

/** An operation in the queue on L1, and what happens to it next. */
export function renderForced(view: ForcedView): string {
  const { l1Transaction: sent } = view;
  const fields = renderFields([
    ["operation", view.operationHash],
    ["from", view.from ?? "nobody: no signed transaction"],
    ["l1From", view.l1From],
    ...sentFields(sent),
    ...(sent.operation === undefined ? [] : [["queuePlace", sent.operation.number], [
      "deadlineSec",
      sent.operation.deadlineSec,
    ]] as const),
  ]);
  const warning = view.warning === null ? "" : `\nWarning: ${view.warning}`;
  const next = sent.operation === undefined
    ? "the deadline counts from the L1 block that takes it; sync reads it, then inspect-state " +
      "operations shows it"
    : "sync reads it; if the sequencer has not put it on L1 by the deadline, anyone may: " +
      "submit --forced";
  return `${fields}${warning}\n\nNext: ${next}`;
}

/** Overdue operations that somebody has sequenced, and what happens to them next. */
export function renderForcedBatch({ plan, sent }: SentL1Call): string {
  const fields = renderFields([["purpose", plan.purpose], ...sentFields(sent)]);
  return `${fields}\n\nNext: sync executes the batch; prove and submit make it final`;
}

function sentFields(sent: L1SentView) {
  return [
    ["l1Transaction", sent.transactionHash],
    ["outcome", sent.status === "sent" ? "sent: it waits for an L1 block" : sent.status],
    ...(sent.l1BlockNumber === undefined ? [] : [["l1BlockNumber", sent.l1BlockNumber] as const]),
    ...(sent.gasUsed === undefined ? [] : [["gasUsed", sent.gasUsed] as const]),
  ] as const;
}

/** The queue on L1, an operation a line. */
export function renderOperations(view: JsonValue): string {
  if (!Array.isArray(view) || view.length === 0) {
    return "No operation is in the queue on L1, as far as it was read: run sync to read on";
  }
  const rows = view.map((operation) => {
    const { number, hash, sender, deadlineSec, l1BlockNumber, status } = Object(operation);
    const deadline = new Date(Number(deadlineSec) * 1000).toISOString().replace(".000", "");
    return [number, status, deadline, l1BlockNumber, sender, hash].map((cell) =>
      printable(String(cell))
    );
  });
  return renderTable(["number", "status", "deadline", "L1 block", "L1 sender", "hash"], rows);
}

/** What a fresh node has made of L1 alone, held against this one. */
export function renderRebuild(view: RebuildView): string {
  const { difference } = view;
  const verdict = difference === null
    ? `Rebuilt ${count(view.batches, "batch", "batches")} from L1: they are those of this node`
    : `Rebuilt ${
      count(view.batches, "batch", "batches")
    } from L1: batch ${difference.batch} differs`;
  return `${verdict}\n` + renderFields([
    ["blocks", view.blocks],
    ["readUpTo", `L1 block ${view.l1Block}`],
    ["lastStateRoot", view.lastStateRoot],
    ["compared", count(view.compared, "batch", "batches")],
    ...(view.compared === view.batches ? [] : [
      [
        "onlyOnL1",
        `${count(view.batches - view.compared, "batch", "batches")}: run sync to have them here`,
      ] as const,
    ]),
    ...(view.folder === null ? [] : [["folder", view.folder] as const]),
    ...(difference === null ? [] : [
      ["differs", difference.field] as const,
      ["here", difference.here] as const,
      ["fromL1", difference.fromL1] as const,
    ]),
  ]);
}

/** The proofs that were made, and what each leaves trusted. */
export function renderProve(views: readonly ProveView[]): string {
  if (views.length === 0) return "Nothing to prove: every sealed batch has a proof";
  return views.map((view) =>
    `Proved batch ${view.batchNumber}\n` + renderFields([
      ["kind", view.kind],
      ["stillTrusted", view.trusted],
      ["publicInputsHash", view.publicInputsHash],
      ["newStateRoot", view.newStateRoot],
      ["proofBytes", view.proofBytes],
    ])
  ).join("\n\n");
}

/** What was read from L1, and where the heads stand after it. */
export function renderSync(view: SyncView): string {
  const read = view.toL1Block > view.fromL1Block
    ? `Read L1 blocks ${view.fromL1Block + 1} to ${view.toL1Block}`
    : `Nothing new on L1 after block ${view.toL1Block}`;
  return `${read}\n` + renderFields([
    ["sequenced", `batch ${view.sequenced}`],
    ["verified", `batch ${view.verified}`],
    ...(view.unwoundL1Blocks === 0
      ? []
      : [["reorganised", `${count(view.unwoundL1Blocks, "L1 block")} unwound`] as const]),
  ]);
}

/** Any other view: its fields as they are. */
export function renderAny(view: unknown): string {
  return renderValue(toJsonValue(view));
}

function describeOutcome(view: SendView): string {
  if (view.status === "pooled") return "pooled: it waits for a block";
  const block = `block ${view.blockNumber ?? "unknown"}`;
  return view.success === false ? `reverted in ${block}` : `included in ${block}`;
}

function count(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`;
}
