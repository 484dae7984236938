/**
 * The port to an EVM: one message at the top of the call stack goes in, what it did comes out.
 *
 * Owns the interface. Does not own what surrounds a message: nonces, fees, refunds and validity are
 * `tx_execution.ts`.
 * @module
 */
import type { Address } from "../../core/primitives/hex.ts";
import type { EventLog } from "../../core/types/receipt.ts";
import type { AccessListEntry } from "../../core/types/tx.ts";

/** A message at the top of the call stack; fees and nonce are already dealt with. */
export interface TopMessage {
  readonly from: Address;
  readonly to: Address | undefined;
  readonly data: Uint8Array;
  readonly valueWei: bigint;
  readonly gasLimit: bigint;
  readonly gasPriceWei: bigint;
  /** Warm besides sender, recipient, coinbase and precompiles. */
  readonly accessList: readonly AccessListEntry[];
  readonly warmAddresses: readonly Address[];
}

/** What a message did. */
export interface MessageResult {
  /** Without intrinsic gas and before refunds. */
  readonly gasUsed: bigint;
  readonly refundGas: bigint;
  readonly returnData: Uint8Array;
  readonly exception: string | undefined;
  readonly logs: readonly EventLog[];
  readonly createdAddress: Address | undefined;
  /** Accounts to remove at the transaction's end (EIP-6780). */
  readonly destroyed: readonly Address[];
}

/** An EVM bound to a block and its state. */
export interface Machine {
  isPrecompile(address: Address): boolean;
  run(message: TopMessage): Promise<MessageResult>;
}
