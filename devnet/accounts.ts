/**
 * The accounts of the devnet: ten for its users, three for its own roles.
 *
 * Owns addresses and private keys. They come from the public test mnemonic that every Ethereum tool
 * knows, so they protect nothing. Does not own balances beyond the start.
 * @module
 */
import { type Address, address, hexToBytes } from "../core/primitives/hex.ts";
import type { GenesisAccount } from "../core/types/genesis.ts";
import { CREATE2_DEPLOYER } from "./create2_deployer.ts";

/** The public mnemonic; anyone can spend what it owns on any chain. */
export const DEVNET_MNEMONIC = "test test test test test test test test test test test junk";
/** Derivation path of the accounts; the index is appended. */
export const DEVNET_DERIVATION_PATH = "m/44'/60'/0'/0/";
/** What each account owns at the start: 10,000 ETH. */
export const INITIAL_BALANCE_WEI: bigint = 10_000n * 10n ** 18n;

/** An account whose private key everybody knows. */
export interface DevnetAccount {
  /** Last part of the derivation path. */
  readonly index: number;
  readonly address: Address;
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
}

/** What the devnet itself signs with. */
export interface DevnetRoles {
  /** Deploys the contracts on L1, at nonces 0 and 1. */
  readonly deployer: DevnetAccount;
  /** Sequences batches on L1, and takes the fees of the L2. */
  readonly sequencer: DevnetAccount;
  /** Verifies batches on L1; the prover that public inputs name. */
  readonly aggregator: DevnetAccount;
}

/** The accounts that users get, unlocked on both layers. */
export const DEV_ACCOUNTS: readonly DevnetAccount[] = [
  account(
    0,
    "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
  ),
  account(
    1,
    "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
  ),
  account(
    2,
    "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
    "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
  ),
  account(
    3,
    "0x90f79bf6eb2c4f870365e785982e1f101e93b906",
    "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
  ),
  account(
    4,
    "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65",
    "0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
  ),
  account(
    5,
    "0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc",
    "0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba",
  ),
  account(
    6,
    "0x976ea74026e726554db657fa54763abd0c3a0aa9",
    "0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e",
  ),
  account(
    7,
    "0x14dc79964da2c08b23698b3d3cc7ca32193d9955",
    "0x4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356",
  ),
  account(
    8,
    "0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f",
    "0xdbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97",
  ),
  account(
    9,
    "0xa0ee7a142d267c1f36714e4a8f75612f20a79720",
    "0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6",
  ),
];

/** The accounts of the devnet's own roles. */
export const DEVNET_ROLES: DevnetRoles = {
  deployer: account(
    10,
    "0xbcd4042de499d14e55001ccbb24a551f3b954096",
    "0xf214f2b2cd398c806f84e317254e0f0b801d0643303237d97a22a48e01628897",
  ),
  sequencer: account(
    11,
    "0x71be63f3384f5fb98995898a86b02fb2426c5788",
    "0x701b615bbdfb9de65240bc28bd21bbc0d996645a3dd57e7b12bc2bdf6f192c82",
  ),
  aggregator: account(
    12,
    "0xfabb0ac9d68b0b445fb7357272ff202c5651694a",
    "0xa267530f49f8280200edf313ee7af6b827f2a8bce2897751d06a843f644967b1",
  ),
};

/** The users' accounts by address with their keys, for `eth_sendTransaction` and `eth_sign`. */
export function devnetKeys(): ReadonlyMap<Address, Uint8Array> {
  return new Map(DEV_ACCOUNTS.map(({ address, privateKey }) => [address, privateKey]));
}

/** The accounts of users and roles as genesis accounts, sorted by address. */
export function devnetGenesisAccounts(): readonly GenesisAccount[] {
  const { deployer, sequencer, aggregator } = DEVNET_ROLES;
  const owners = [...DEV_ACCOUNTS, deployer, sequencer, aggregator].map((owner) =>
    fundedAccount(owner.address)
  );
  return [...owners, CREATE2_DEPLOYER].sort((left, right) => left.address < right.address ? -1 : 1);
}

/** A genesis account that owns the initial balance. */
export function fundedAccount(owner: Address): GenesisAccount {
  return { address: owner, balanceWei: INITIAL_BALANCE_WEI, nonce: 0n, code: "0x", storage: [] };
}

function account(index: number, accountAddress: string, privateKey: string): DevnetAccount {
  return { index, address: address(accountAddress), privateKey: hexToBytes(privateKey) };
}
