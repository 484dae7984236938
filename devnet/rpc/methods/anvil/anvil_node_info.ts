/**
 * The latest block, fees and rules of the chain in a few lines.
 * @module
 */
import { SUGGESTED_PRIORITY_FEE_WEI } from "../../fees.ts";
import { formatQuantity } from "../../format.ts";
import { controlMethod } from "../../method.ts";

/** `anvil_nodeInfo`: the latest block, fees and rules of the chain in a few lines. */
export const anvilNodeInfo = controlMethod({
  name: "anvil_nodeInfo",
  aliases: ["hardhat_nodeInfo"],
  isRead: true,
  summary: "The latest block, fees and rules of the chain in a few lines",
  params: [],
  result: { type: "object" },
  handler: async ({ chain, controls }) => {
    const header = await chain.header(await chain.numberOf("latest"));
    const baseFeeWei = await chain.nextBaseFeePerGasWei();
    return {
      currentBlockNumber: formatQuantity(header?.number ?? 0n),
      currentBlockTimestamp: Number(header?.timestampSec ?? 0n),
      currentBlockHash: header?.hash ?? null,
      hardFork: controls.hardfork(),
      transactionOrder: "fees",
      environment: {
        baseFee: formatQuantity(baseFeeWei),
        chainId: Number(chain.chainId),
        gasLimit: formatQuantity(chain.blockGasLimit()),
        gasPrice: formatQuantity(baseFeeWei + SUGGESTED_PRIORITY_FEE_WEI),
      },
      forkConfig: { forkUrl: null, forkBlockNumber: null, forkRetryBackoff: null },
    };
  },
});
