/**
 * What tells this run of the devnet from others, with its snapshots.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { devnetMethod } from "../../method.ts";

/** `anvil_metadata`: what tells this run of the devnet from others, with its snapshots. */
export const anvilMetadata = devnetMethod({
  name: "anvil_metadata",
  aliases: ["hardhat_metadata"],
  isRead: true,
  summary: "What tells this run of the devnet from others, with its snapshots",
  params: [],
  result: { type: "object" },
  handler: async ({ chain, devnet, clientVersion }) => {
    const header = await chain.header(await chain.numberOf("latest"));
    return {
      clientVersion,
      clientSemver: clientVersion.split("/")[1] ?? null,
      clientCommitSha: null,
      chainId: Number(chain.chainId),
      instanceId: devnet.instanceId(),
      latestBlockNumber: Number(header?.number ?? 0n),
      latestBlockHash: header?.hash ?? null,
      forkedNetwork: null,
      snapshots: Object.fromEntries(
        devnet.snapshots(chain.layer).map(({ id, blockNumber, blockHash }) => [
          formatQuantity(id),
          [Number(blockNumber), blockHash],
        ]),
      ),
    };
  },
});
