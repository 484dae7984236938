/**
 * `force-tx`: tx -> the queue on L1, past the sequencer.
 *
 * Owns its flags and help. Does not own the queue or what becomes of an operation.
 * @module
 */
import { keccak256 } from "../../core/crypto/keccak.ts";
import { type Address, bytesToHex } from "../../core/primitives/hex.ts";
import { defineCommand } from "../command.ts";
import { connect, CONNECT_FLAGS } from "../connect.ts";
import {
  type ForcedView,
  L1_PAYER_EXCLUSIVE,
  L1_PAYER_FLAGS,
  readL1Payer,
  sendL1Call,
  withoutL1Key,
} from "../l1_payer.ts";
import {
  DATA_DIR_BESIDE_CALLDATA,
  planSend,
  signPlan,
  TX_EXCLUSIVE,
  TX_FLAGS,
  TX_POSITIONALS,
} from "../l2_transaction.ts";
import { toJsonValue } from "../render.ts";
import { renderForced } from "../views.ts";

/** The command. */
export const forceTx = defineCommand({
  name: "force-tx",
  summary: "Put an L2 transaction into the queue on L1, past the sequencer",
  description:
    "Signs a transaction as send-tx does and puts it into the rollup's queue on L1. The sequencer " +
    "has to take it, in its place in the queue, before its deadline: from then on L1 refuses every " +
    "batch that leaves it out, and anyone may sequence it with submit --forced. The next nonce " +
    "counts the queue as far as sync has read it. With --raw any bytes are queued; what is no " +
    "valid transaction is consumed without effect.",
  flags: {
    ...TX_FLAGS,
    raw: { ...TX_FLAGS.raw, summary: "Queue this signed transaction, or any bytes, as they are" },
    ...CONNECT_FLAGS,
    ...DATA_DIR_BESIDE_CALLDATA,
    ...L1_PAYER_FLAGS,
    "l1-private-key": { ...L1_PAYER_FLAGS["l1-private-key"], summary: "Key that pays on L1" },
    "l1-from": {
      ...L1_PAYER_FLAGS["l1-from"],
      summary: "Devnet account that pays on L1; the one that signs unless told otherwise",
    },
  },
  exclusive: [...TX_EXCLUSIVE, ...L1_PAYER_EXCLUSIVE],
  positionals: TX_POSITIONALS,
  examples: [
    {
      line: "varve force-tx --to 1 --value 1ether --from 2",
      summary: "Signed and paid by account 2",
    },
    {
      line: "varve force-tx --raw 0x02f8… --l1-from 0",
      summary: "What somebody else has signed, paid on L1 by account 0",
    },
    {
      line: "varve force-tx --raw 0x1234 --l1-from 0 --json",
      summary: "Bytes that are no transaction: they are consumed without effect",
    },
  ],
  async run(context, { flags, positionals }) {
    const { services } = context;
    const plan = await planSend(flags, positionals, services);
    const signed = "raw" in plan ? await describeBytes(plan.raw) : { from: plan.from };
    const payer = await readL1Payer(flags, services, signed.from);
    await using engine = await connect(context, withoutL1Key(flags));
    const raw = "raw" in plan ? plan.raw : await signPlan(engine, plan, flags);
    const request = { kind: "forceBatch", transaction: bytesToHex(raw) } as const;
    const { sent } = await sendL1Call(engine, request, payer);
    const view: ForcedView = {
      operationHash: keccak256(raw),
      from: signed.from ?? null,
      l1From: payer.address,
      l1Transaction: sent,
      warning: "warning" in signed ? signed.warning : null,
    };
    context.show({ json: toJsonValue(view), text: renderForced(view) });
  },
});

/** Who signed `raw`, or why nobody did: bytes that are no transaction are legal and do nothing. */
async function describeBytes(
  raw: Uint8Array,
): Promise<{ readonly from: Address } | { readonly from: undefined; readonly warning: string }> {
  const { planTransaction } = await import("../../core/batching/batch_plan.ts");
  const planned = planTransaction(raw);
  if (planned !== undefined) return { from: planned.sender };
  return {
    from: undefined,
    warning: "these bytes are no signed transaction: they will be consumed without effect",
  };
}
