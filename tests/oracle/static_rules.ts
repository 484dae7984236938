/**
 * What no state and no block can make good in a transaction, in TypeScript.
 *
 * Owns the oracle's version of these rules. Does not own those that the L1 shares
 * (`core/vm/tx_rules.ts`).
 * @module
 */
import { LIMITS } from "../../core/primitives/limits.ts";
import type { UnsignedTransaction } from "../../core/types/tx.ts";
import type { BlockEnvironment } from "../../core/vm/executor.ts";
import { findMessageInvalidity, type TxInvalidity } from "../../core/vm/tx_rules.ts";

/** The first rule that `tx` breaks, if it does. */
export function findStaticInvalidity(
  tx: UnsignedTransaction,
  { chainId, gasLimit }: Pick<BlockEnvironment, "chainId" | "gasLimit">,
): TxInvalidity | undefined {
  if (tx.chainId !== undefined && tx.chainId !== chainId) {
    return { reason: "CHAIN_ID_MISMATCH", message: `signed for ${tx.chainId}, not ${chainId}` };
  }
  if (tx.maxPriorityFeePerGasWei > tx.maxFeePerGasWei) {
    return { reason: "INVALID", message: "the priority fee is above the fee cap (EIP-1559)" };
  }
  if (tx.type === 4 && (tx.to === undefined || tx.authorizations.length === 0)) {
    return { reason: "INVALID", message: "type 4 needs a recipient and authorizations (EIP-7702)" };
  }
  const mostGas = gasLimit < LIMITS.maxTxGas ? gasLimit : LIMITS.maxTxGas;
  if (tx.gasLimit > mostGas) {
    const message = `gas limit ${tx.gasLimit} is above ${mostGas} (EIP-7825)`;
    return { reason: "GAS_LIMIT_TOO_HIGH", message };
  }
  return findMessageInvalidity(tx, tx.gasLimit);
}
