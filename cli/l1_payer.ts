/**
 * Who pays on L1 for a call that anyone may make, and sending it.
 *
 * Owns the flags, and that the key never leaves this process: the node plans the call and hands it
 * on, the signature is made here. Does not own what is called (`core/engine/l1_calls.ts`).
 * @module
 */
import type { Engine, L1CallRequest, L1PlanView, L1SentView } from "../core/engine/engine.ts";
import { RollupError } from "../core/primitives/errors.ts";
import {
  type Address,
  address,
  bytesToHex,
  type Hash32,
  hexToBytes,
} from "../core/primitives/hex.ts";
import { readDevnetAccount, readPrivateKey, type Signer } from "./accounts.ts";
import { type Flags, type FlagValues, usageError } from "./args.ts";
import type { Services } from "./connect.ts";
import { L1_KEY_FLAGS, readKeySource } from "./l1_flags.ts";

/** Codes of this file. */
export type L1PayerErrorCode = "L1_TRANSACTION_REVERTED";

/** Flags that name the payer. */
export const L1_PAYER_FLAGS = {
  ...L1_KEY_FLAGS,
  "l1-from": {
    type: "string",
    placeholder: "ACCOUNT",
    summary: "Devnet account that pays on L1: index or address",
  },
} as const satisfies Flags;

/** Flags of {@linkcode L1_PAYER_FLAGS} of which one may be given. */
export const L1_PAYER_EXCLUSIVE = [
  ["l1-from", "l1-private-key", "l1-keystore"],
] as const satisfies readonly (readonly (keyof typeof L1_PAYER_FLAGS)[])[];

type L1PayerFlags = FlagValues<typeof L1_PAYER_FLAGS>;

/**
 * The account that pays: that of a flag, or the devnet account that `fallback` is the address of.
 *
 * @throws `USAGE_MISSING_ARGUMENT` when there is neither, `USAGE_INVALID_VALUE`, and what reading a
 * keystore throws.
 */
export async function readL1Payer(
  flags: L1PayerFlags,
  services: Pick<Services, "devnetAccounts" | "readL1Key">,
  fallback?: Address,
): Promise<Signer> {
  const source = readKeySource(flags);
  if (source?.kind === "keystore") return await services.readL1Key(source);
  if (source !== undefined) return await readPrivateKey(source.privateKey, "--l1-private-key");
  const accounts = await services.devnetAccounts();
  const { "l1-from": from } = flags;
  const account = from === undefined
    ? accounts.find((each) => each.address === fallback)
    : readDevnetAccount(from, "--l1-from", accounts);
  if (account !== undefined) {
    return { address: account.address, privateKey: hexToBytes(account.privateKey) };
  }
  throw usageError("USAGE_MISSING_ARGUMENT", "Cannot send to L1 without an account that pays", {
    mend: "Give --l1-from ACCOUNT, the index or address of a devnet account, or " +
      "--l1-private-key KEY.",
  });
}

/** `flags` for a node that signs nothing: the payer's key is not its own. */
export function withoutL1Key<F extends L1PayerFlags>(flags: F): F {
  const none = {
    "l1-private-key": undefined,
    "l1-keystore": undefined,
    "l1-password-file": undefined,
  };
  return { ...flags, ...none };
}

/** What `force-tx` answers. */
export interface ForcedView {
  /** keccak256 of the operation; of a transaction, its hash on L2. */
  readonly operationHash: Hash32;
  /** Who signed it for L2; `null` when the bytes are no signed transaction. */
  readonly from: Address | null;
  readonly l1From: Address;
  readonly l1Transaction: L1SentView;
  /** Why the operation will have no effect, as far as the bytes alone tell. */
  readonly warning: string | null;
}

/** A call that L1 has, with what was planned of it. */
export interface SentL1Call {
  readonly plan: L1PlanView;
  readonly sent: L1SentView;
}

/**
 * Plans `request`, signs it as `payer` and sends it.
 *
 * @throws `L1_TRANSACTION_REVERTED` when L1 mined it as a failure, and what the engine throws.
 */
export async function sendL1Call(
  engine: Pick<Engine, "planL1" | "sendL1">,
  request: L1CallRequest,
  payer: Signer,
): Promise<SentL1Call> {
  const { signL1Transaction } = await import("../core/l1/transaction.ts");
  const plan = await engine.planL1(request, payer.address);
  const { raw } = signL1Transaction({
    chainId: BigInt(plan.chainId),
    nonce: BigInt(plan.nonce),
    to: address(plan.to),
    data: hexToBytes(plan.data),
    valueWei: 0n,
    gasLimit: BigInt(plan.gasLimit),
    maxFeePerGasWei: BigInt(plan.maxFeePerGasWei),
    maxPriorityFeePerGasWei: BigInt(plan.maxPriorityFeePerGasWei),
  }, payer.privateKey);
  const sent = await engine.sendL1(bytesToHex(raw));
  if (sent.status === "reverted") throw reverted(plan, sent);
  return { plan, sent };
}

function reverted(plan: L1PlanView, sent: L1SentView): RollupError<L1PayerErrorCode> {
  return new RollupError(
    "L1_TRANSACTION_REVERTED",
    `Cannot ${plan.purpose}: L1 mined ${sent.transactionHash} as a failure, ${
      sent.reason ?? "it gave no reason"
    }`,
    {
      details: { ...sent },
      mend: "L1 has changed since the call was tried: run `sync`, look at " +
        "`inspect-state operations`, and do it again if it is still needed.",
    },
  );
}
