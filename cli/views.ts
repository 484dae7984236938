/**
 * The engine's answers in words, where words say more than a list of fields.
 *
 * Owns the human text of each view. Does not own layout (`render.ts`) or the values, which `--json`
 * prints as they are.
 * @module
 */
import type {
  HeadsView,
  L1TransactionView,
  ProveView,
  SealView,
  SendView,
  SyncView,
} from "../core/engine/engine.ts";
import { renderFields, renderTable, renderValue, toJsonValue } from "./render.ts";

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
  if (views.length === 0) return "Nothing to submit: all sealed batches and proofs are on L1";
  return views.map((view) =>
    `${view.purpose === "sequenceBatches" ? "Sequenced" : "Verified"} batch ${view.batchNumber}: ` +
    `L1 transaction ${view.status}\n` +
    renderFields([
      ["transactionHash", view.transactionHash],
      ["nonce", view.nonce],
      ...(view.l1BlockNumber === undefined ? [] : [["l1BlockNumber", view.l1BlockNumber] as const]),
      ...(view.gasUsed === undefined ? [] : [["gasUsed", view.gasUsed] as const]),
    ])
  ).join("\n\n");
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
