import { assertEquals } from "@std/assert";
import { mnemonicToAccount } from "viem/accounts";
import { privateKeyToAddress } from "../../../core/crypto/secp256k1.ts";
import {
  DEV_ACCOUNTS,
  DEVNET_DERIVATION_PATH,
  DEVNET_MNEMONIC,
  DEVNET_ROLES,
  devnetGenesisAccounts,
  INITIAL_BALANCE_WEI,
} from "../../../devnet/accounts.ts";
import { CREATE2_DEPLOYER } from "../../../devnet/create2_deployer.ts";

const ALL = [
  ...DEV_ACCOUNTS,
  DEVNET_ROLES.deployer,
  DEVNET_ROLES.sequencer,
  DEVNET_ROLES.aggregator,
];

Deno.test("DEV_ACCOUNTS and DEVNET_ROLES are indices 0 to 12 of the public mnemonic", () => {
  assertEquals(ALL.map(({ index }) => index), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  assertEquals(DEVNET_DERIVATION_PATH, "m/44'/60'/0'/0/");
  for (const { index, address, privateKey } of ALL) {
    const derived = mnemonicToAccount(DEVNET_MNEMONIC, {
      path: `m/44'/60'/0'/0/${index}`,
    });
    assertEquals(address, derived.address.toLowerCase());
    assertEquals(privateKey, new Uint8Array(derived.getHdKey().privateKey ?? []));
    assertEquals(privateKeyToAddress(privateKey), address);
  }
});

Deno.test("devnetGenesisAccounts() gives each account 10,000 ETH, sorted by address", () => {
  const all = devnetGenesisAccounts();
  assertEquals(all.filter(({ code }) => code !== "0x"), [CREATE2_DEPLOYER]);
  const accounts = all.filter(({ code }) => code === "0x");
  assertEquals(accounts.length, ALL.length);
  assertEquals(INITIAL_BALANCE_WEI, 10_000n * 10n ** 18n);
  assertEquals(accounts.every(({ balanceWei }) => balanceWei === INITIAL_BALANCE_WEI), true);
  const sorted = all.map(({ address }) => address);
  assertEquals(sorted, [...sorted].sort());
  const addresses = accounts.map(({ address }) => address);
  assertEquals(new Set(addresses), new Set(ALL.map(({ address }) => address)));
});
