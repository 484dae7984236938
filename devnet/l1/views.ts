/**
 * What the embedded L1 works out for whoever asks, beside what it stores.
 *
 * Owns how calls, simulations, proofs and prices of blobs reach the chain's state. None of it waits
 * for a block under construction. Does not own execution (`call.ts`, `simulate.ts`).
 * @module
 */
import type { ChainBackend, ChainHeader } from "../rpc/chain.ts";
import { blobBaseFeeWei, nextExcessBlobGas } from "./blob_fee.ts";
import { callAfter, comingBlock } from "./call.ts";
import { groundAfter } from "./decrees.ts";
import { listForkConfigs } from "./fork_configs.ts";
import { GAS_PER_BLOB, rulesAt } from "./forks.ts";
import type { OpenChain } from "./open_chain.ts";
import { proveAccount } from "./proof.ts";
import { simulateBlocks } from "./simulate.ts";

/** The methods of a chain that {@linkcode createL1Views} makes. */
export type L1Views = Required<
  Pick<ChainBackend, "call" | "nextBlock" | "blobMarket" | "forkConfigs" | "simulation" | "proofs">
>;

/** The views of `chain`; `requireHeader` throws for a block that it does not have. */
export function createL1Views(
  chain: OpenChain,
  requireHeader: (number: bigint) => Promise<{ readonly header: ChainHeader }>,
): L1Views {
  const { forks, nodes } = chain;
  return {
    call: async (request, number, overrides) => {
      const { header } = await requireHeader(number);
      return await nodes.guard(callAfter(chain, header, { request, overrides }));
    },
    nextBlock: () => Promise.resolve(comingBlock(chain)),
    blobMarket: (header) => {
      const { excessBlobGas, difficulty } = header;
      const rules = rulesAt(forks, { ...header, isMerged: difficulty === 0n });
      const { blobs } = rules;
      if (blobs === undefined || excessBlobGas === undefined) return undefined;
      return {
        baseFeeWei: blobBaseFeeWei(excessBlobGas, blobs),
        nextBaseFeeWei: blobBaseFeeWei(nextExcessBlobGas(header, rules) ?? 0n, blobs),
        maxBlobGas: blobs.maxBlobs * GAS_PER_BLOB,
      };
    },
    forkConfigs: async () => {
      const genesis = (await requireHeader(0n)).header;
      return listForkConfigs(forks, { genesis, nowSec: chain.view.head().header.timestampSec });
    },
    simulation: {
      simulate: async (simulation) => {
        const { header } = await requireHeader(simulation.number);
        return await nodes.guard(simulateBlocks(chain, header, simulation));
      },
    },
    proofs: {
      prove: async (account, slots, number) => {
        const { header } = await requireHeader(number);
        // Not what was decreed after the block: a proof is held against its header.
        return await nodes.guard(proveAccount(nodes, header.stateRoot, { account, slots }));
      },
      account: async (account, number) => {
        const { header } = await requireHeader(number);
        const root = await groundAfter(chain, header);
        return await nodes.guard(proveAccount(nodes, root, { account, slots: [] }));
      },
    },
  };
}
