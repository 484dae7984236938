/**
 * Where a token keeps balances and allowances.
 *
 * Owns finding the slot by trying the layouts that compilers and libraries use: each candidate is
 * overridden in a call, and the one that the token's own view then reads is it. Nothing is written
 * before it is found. Does not own the write.
 * @module
 */
import { keccak256, keccak256Bytes } from "../../core/crypto/keccak.ts";
import { bigintToBytes, bytesToBigint, concatBytes } from "../../core/primitives/bytes.ts";
import {
  type Address,
  bigintToHash32,
  type Hash32,
  hexToBytes,
  ZERO_ADDRESS,
} from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import type { ChainBackend } from "./chain.ts";
import { invalidParams } from "./errors.ts";
import type { ControlContext } from "./method.ts";

/** Gives `account` the balance. @throws RpcError when the slot is not found. */
export async function dealErc20(
  { chain, controls }: Pick<ControlContext, "chain" | "controls">,
  token: Address,
  { account, balance }: { readonly account: Address; readonly balance: bigint },
): Promise<void> {
  const view = concatBytes(BALANCE_OF, word(account));
  const candidates = BASES.flatMap((base) => mappingSlots(word(account), base));
  const slot = await findSlot(chain, { token, view, candidates });
  await controls.decree(
    new Map([[token, { storage: new Map([[slot, bigintToHash32(balance)]]) }]]),
  );
}

/** Lets `spender` spend `amount` of `owner`'s. @throws RpcError when the slot is not found. */
export async function allowErc20(
  { chain, controls }: Pick<ControlContext, "chain" | "controls">,
  token: Address,
  allowance: { readonly owner: Address; readonly spender: Address; readonly amount: bigint },
): Promise<void> {
  const { owner, spender, amount } = allowance;
  const view = concatBytes(ALLOWANCE, word(owner), word(spender));
  const candidates = BASES.flatMap((base) =>
    mappingSlots(word(owner), base).flatMap((inner) => mappingSlots(word(spender), inner))
  );
  const slot = await findSlot(chain, { token, view, candidates });
  await controls.decree(new Map([[token, { storage: new Map([[slot, bigintToHash32(amount)]]) }]]));
}

const BALANCE_OF = keccak256Bytes(new TextEncoder().encode("balanceOf(address)")).slice(0, 4);
const ALLOWANCE = keccak256Bytes(new TextEncoder().encode("allowance(address,address)")).slice(
  0,
  4,
);

/** ERC-7201 name space of OpenZeppelin's upgradeable tokens: balances, then allowances. */
const OPENZEPPELIN_ERC20 = 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00n;
/** Slots that mappings are declared at; tokens with more state before them are rare. */
const BASES: readonly Hash32[] = [
  ...Array.from({ length: 64 }, (_, index) => bigintToHash32(BigInt(index))),
  bigintToHash32(OPENZEPPELIN_ERC20),
  bigintToHash32(OPENZEPPELIN_ERC20 + 1n),
];
/** What no token holds by chance. */
const PROBE = 0x7661727665n;

/** The slots of `key` in the mapping at `base`, as Solidity and as Vyper lay it out. */
function mappingSlots(key: Uint8Array, base: Hash32): readonly Hash32[] {
  return [
    keccak256(concatBytes(key, hexToBytes(base))),
    keccak256(concatBytes(hexToBytes(base), key)),
  ];
}

interface SlotSearch {
  readonly token: Address;
  /** Call data of the view that reads the slot. */
  readonly view: Uint8Array;
  readonly candidates: readonly Hash32[];
}

async function findSlot(
  chain: ChainBackend,
  { token, view, candidates }: SlotSearch,
): Promise<Hash32> {
  const number = await chain.numberOf("latest");
  for (const slot of candidates) {
    const stateDiff = new Map([[slot, bigintToHash32(PROBE)]]);
    const { success, returnData } = await chain.call(
      {
        from: ZERO_ADDRESS,
        to: token,
        data: view,
        valueWei: 0n,
        gasLimit: LIMITS.maxCallGas,
        gasPriceWei: 0n,
        asTransaction: false,
        accessList: [],
        authorizations: [],
      },
      number,
      { state: new Map([[token, { stateDiff }]]) },
    );
    if (success && returnData.length === 32 && bytesToBigint(returnData) === PROBE) return slot;
  }
  throw invalidParams(
    `invalid argument (token): no slot of ${token} found that its view reads`,
    "Find the slot yourself and use anvil_setStorageAt.",
  );
}

function word(account: Address): Uint8Array {
  return bigintToBytes(BigInt(account), 32);
}
