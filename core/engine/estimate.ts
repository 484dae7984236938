/**
 * Gas that a transaction needs, by trying it on the latest state.
 *
 * Owns the verb and why it is refused. Does not own the search (`vm/gas_estimate.ts`).
 * @module
 */
import { callInNextBlock } from "../pipeline/call.ts";
import { poolContext } from "../pipeline/inlet.ts";
import type { Node } from "../pipeline/node.ts";
import { RollupError } from "../primitives/errors.ts";
import { address, bytesToHex, type Hex, hexToBytes } from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import { estimateGasLimit } from "../vm/gas_estimate.ts";
import { toNumber } from "./views.ts";

/** Codes of this file. */
export type EstimateErrorCode = "EXECUTION_REVERTED" | "INSUFFICIENT_FUNDS";

/** Gas that `request` needs. @throws `EXECUTION_REVERTED`, `INSUFFICIENT_FUNDS` */
export async function estimateGas(
  node: Node,
  request: { from: Hex; to?: Hex; data: Hex; valueWei: string },
): Promise<number> {
  const { baseFeePerGasWei, blockGasLimit } = poolContext(node);
  const allowance = blockGasLimit < LIMITS.maxTxGas ? blockGasLimit : LIMITS.maxTxGas;
  const estimate = await estimateGasLimit((gasLimit) =>
    callInNextBlock(node, {
      from: address(request.from),
      to: request.to === undefined ? undefined : address(request.to),
      data: hexToBytes(request.data),
      valueWei: BigInt(request.valueWei),
      gasLimit,
      gasPriceWei: baseFeePerGasWei,
      asTransaction: true,
      accessList: [],
      authorizations: [],
    }), allowance);
  if (estimate.kind === "limit") return toNumber(estimate.gasLimit);
  const { exception, returnData, invalid } = estimate.outcome;
  if (invalid?.reason === "INSUFFICIENT_FUNDS") {
    throw new RollupError<EstimateErrorCode>(
      "INSUFFICIENT_FUNDS",
      `Cannot estimate gas as the sender must afford the transaction: ${invalid.message}`,
      {
        details: { from: request.from, valueWei: request.valueWei },
        mend: "Send less, or fund the account; `inspect-state account ADDRESS` shows its balance.",
      },
    );
  }
  throw new RollupError<EstimateErrorCode>(
    "EXECUTION_REVERTED",
    `Cannot estimate gas as the transaction must succeed: it fails with "${exception}"`,
    {
      details: { exception, returnData: bytesToHex(returnData) },
      mend: "Check recipient, data, value and balance; name a limit with `--gas` to send anyway.",
    },
  );
}
