/**
 * Proofs, simulations and forks of a chain that has none, for tests of JSON-RPC.
 *
 * Owns answers that show where each value of a request went. Does not own any trie or EVM.
 * @module
 */
import { assert } from "../../../core/primitives/errors.ts";
import { address, bigintToHash32, ZERO_HASH } from "../../../core/primitives/hex.ts";
import type { ChainBackend, ForkConfig } from "../chain.ts";

/** A fork that has always been there. */
const FORK: ForkConfig = {
  activationTimeSec: 0n,
  blobSchedule: { target: 6n, max: 9n, baseFeeUpdateFraction: 5_007_716n },
  forkId: "0x01020304",
  precompiles: { ECREC: address(`0x${"1".padStart(40, "0")}`) },
  systemContracts: {},
};

/** The views of a fake; its calls succeed with their data and 21,000 gas. */
export function createFakeViews(
  chainOf: () => ChainBackend,
): Required<Pick<ChainBackend, "proofs" | "simulation" | "forkConfigs">> {
  return {
    proofs: {
      prove: (_account, slots, number) =>
        Promise.resolve({
          balanceWei: number,
          nonce: 1n,
          codeHash: ZERO_HASH,
          storageHash: bigintToHash32(2n),
          nodes: [Uint8Array.of(0xc0)],
          storage: slots.map((slot) => ({ slot, value: slot, nodes: [Uint8Array.of(0xc1, 0x80)] })),
        }),
      account: (_account, number) =>
        Promise.resolve({
          balanceWei: number,
          nonce: 1n,
          codeHash: ZERO_HASH,
          storageHash: bigintToHash32(2n),
        }),
    },
    simulation: {
      simulate: async ({ number, blocks }) => {
        const base = await chainOf().block(number);
        assert(base !== undefined, "a simulation is based on a block that is there");
        return blocks.map(({ overrides, calls }) => ({
          block: {
            ...base,
            header: {
              ...base.header,
              number: overrides.number,
              timestampSec: overrides.timestampSec,
            },
          },
          calls: calls.map(({ data }) => ({
            success: data.length > 0,
            returnData: data,
            exception: data.length > 0 ? undefined : "execution reverted",
            gasUsed: 21_000n,
            maxGasUsed: 22_000n,
            logs: [],
            isGasCapped: false,
          })),
        }));
      },
    },
    forkConfigs: () => Promise.resolve({ current: FORK, next: undefined, last: undefined }),
  };
}
