/**
 * What random users send: transfers, creations, calls, reverts, replacements, gaps.
 *
 * Owns making the transaction. Does not own sending it, or what becomes of it.
 * @module
 */
import type { LocalEngine } from "../../core/engine/local_engine.ts";
import { latestNonce } from "../../core/pipeline/inlet.ts";
import { type Address, address, type Hex, hexToBytes } from "../../core/primitives/hex.ts";
import { createdAddress, type UnsignedTransaction } from "../../core/types/tx.ts";
import type { RandomChoices } from "./random.ts";
import { signedBy, user } from "./signing.ts";

const USER_COUNT = 4;
/** Stores its first calldata word and logs it with the caller as topic; reverts without calldata. */
const STORE_RUNTIME = "36156012575f35805f555f523360205fa1005b5f5ffd";
const STORE_INIT_CODE = hexToBytes(`0x60168060095f395ff3${STORE_RUNTIME}`);
/** Sends all that it has, and what came with the call, to the caller. */
const RETURNING_INIT_CODE = hexToBytes("0x600c8060095f395ff35f5f5f5f47335af15f5ff3");
/** Init codes that create nothing: REVERT, INVALID, a code that starts with 0xEF. */
const FAILING_INIT_CODES: readonly Hex[] = ["0x5f5ffd", "0xfe", "0x60ef5f5360015ff3"];

/** A random transaction, most of which are admitted. */
export function randomTransaction(random: RandomChoices, { node }: LocalEngine): Uint8Array {
  const sender = user(random.int(0, USER_COUNT - 1));
  const waiting = node.pool.entriesOf(sender.address);
  const state = latestNonce(node, sender.address);
  const pending = node.pool.pendingNonce(sender.address, state);
  const kind = random.weighted({ next: 80, gap: 8, replace: 10, stale: 2 });
  const replaced = kind === "replace" && waiting.length > 0 ? random.pick(waiting) : undefined;
  const nonce = replaced?.tx.nonce ??
    (kind === "gap"
      ? pending + BigInt(random.int(1, 3))
      : kind === "stale" && state > 0n
      ? state - 1n
      : pending);
  const bump = BigInt(random.int(105, 200));
  const tip = BigInt(random.int(0, 3)) * 10n ** 9n;
  const fees = replaced === undefined
    ? { maxFeePerGasWei: 10n ** 9n * BigInt(random.int(1, 9)) + tip, maxPriorityFeePerGasWei: tip }
    : {
      maxFeePerGasWei: replaced.tx.maxFeePerGasWei * bump / 100n + 1n,
      maxPriorityFeePerGasWei: replaced.tx.maxPriorityFeePerGasWei * bump / 100n + 1n,
    };
  const fields = { nonce, ...fees, ...randomCall(random, { from: sender.address, nonce: state }) };
  if (random.chance(75)) return signedBy(sender, fields);
  const type = random.pick([0, 1] as const);
  return signedBy(sender, { ...fields, type, maxPriorityFeePerGasWei: fields.maxFeePerGasWei });
}

type Call = Pick<UnsignedTransaction, "to" | "valueWei" | "data" | "gasLimit">;

function randomCall(
  random: RandomChoices,
  sender: { readonly from: Address; readonly nonce: bigint },
): Call {
  const gasLimit = BigInt(random.int(60_000, 400_000));
  const none = new Uint8Array(0);
  const contract = () => {
    // One that this or another user may have created; an address without code is fine, too.
    const creator = user(random.int(0, USER_COUNT - 1)).address;
    return createdAddress(creator, BigInt(random.int(0, Number(sender.nonce) + 1)));
  };
  const word = () => new Uint8Array(32).fill(random.int(0, 3), 31);
  const small = () => BigInt(random.int(0, 1_000));
  switch (
    random.weighted({ transfer: 30, fortune: 4, create: 12, fail: 5, call: 35, revert: 10 })
  ) {
    case "transfer": {
      const to = random.chance(50)
        ? user(random.int(0, 9)).address
        : address(`0x${random.int(1, 250).toString(16).padStart(40, "0")}`);
      return { to, valueWei: small(), data: none, gasLimit };
    }
    case "fortune":
      return {
        to: user(random.int(0, USER_COUNT - 1)).address,
        valueWei: BigInt(random.int(1, 9_999)) * 10n ** 18n,
        data: none,
        gasLimit: 25_000n,
      };
    case "create": {
      const data = random.pick([STORE_INIT_CODE, RETURNING_INIT_CODE]);
      return { to: undefined, valueWei: small(), data, gasLimit };
    }
    case "fail":
      return {
        to: undefined,
        valueWei: small(),
        data: hexToBytes(random.pick(FAILING_INIT_CODES)),
        gasLimit,
      };
    case "call":
      return { to: contract(), valueWei: small(), data: word(), gasLimit };
    case "revert":
      return {
        to: contract(),
        valueWei: small(),
        data: none,
        gasLimit: random.chance(50) ? 21_500n : gasLimit,
      };
  }
}
