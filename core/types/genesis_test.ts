import { assertEquals, assertNotEquals } from "@std/assert";
import { address, hash32 } from "../primitives/hex.ts";
import { type ChainConfig, genesisHash } from "./genesis.ts";

const config: ChainConfig = {
  chainId: 901n,
  l1ChainId: 900n,
  genesisTimestampSec: 1_700_000_000n,
  coinbase: address(`0x${"11".repeat(20)}`),
  blockGasLimit: 30_000_000n,
  initialBaseFeePerGasWei: 1_000_000_000n,
  gasPerPubdata: 0n,
  dataAvailability: "transactions",
  accounts: [{
    address: address(`0x${"22".repeat(20)}`),
    balanceWei: 1n,
    nonce: 0n,
    code: "0x",
    storage: [{ slot: hash32(`0x${"00".repeat(32)}`), value: hash32(`0x${"01".repeat(32)}`) }],
  }],
};

Deno.test("genesisHash() does not depend on the order in which fields were written", () => {
  const reordered = (value: object) => Object.fromEntries(Object.entries(value).toReversed());
  // Every field is still there; only their order differs.
  const other = {
    ...reordered(config),
    accounts: config.accounts.map(reordered),
  } as unknown as ChainConfig;
  assertNotEquals(Object.keys(other), Object.keys(config));
  assertEquals(genesisHash(other), genesisHash(config));
});

Deno.test("genesisHash() covers every field, those of accounts included", () => {
  const [account] = config.accounts;
  const changes: Partial<ChainConfig>[] = [
    { chainId: 902n },
    { l1ChainId: 1n },
    { genesisTimestampSec: 0n },
    { coinbase: address(`0x${"33".repeat(20)}`) },
    { blockGasLimit: 1n },
    { initialBaseFeePerGasWei: 0n },
    { accounts: [] },
    { accounts: account === undefined ? [] : [{ ...account, balanceWei: 2n }] },
    { accounts: account === undefined ? [] : [{ ...account, nonce: 1n }] },
    { accounts: account === undefined ? [] : [{ ...account, code: "0x00" }] },
    { accounts: account === undefined ? [] : [{ ...account, storage: [] }] },
  ];
  const hashes = [config, ...changes.map((change) => ({ ...config, ...change }))].map(genesisHash);
  assertEquals(new Set(hashes).size, hashes.length);
});
