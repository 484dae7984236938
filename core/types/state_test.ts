import { assertEquals } from "@std/assert";
import { address, bytesToHex, hash32 } from "../primitives/hex.ts";
import {
  balanceSlot,
  blockHashSlot,
  codeHashSlot,
  compareSlots,
  flatKey,
  HISTORY_STORAGE_ADDRESS,
  HISTORY_WINDOW_BLOCKS,
  nonceSlot,
} from "./state.ts";

const account = address("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
const slotNumber = (value: bigint) => hash32(`0x${value.toString(16).padStart(64, "0")}`);

Deno.test("flatKey() gives the derived key of a state diff of zkSync Era's own test", () => {
  const id = { address: address(`0x${"00".repeat(18)}800a`), slot: slotNumber(1n) };
  const derivedKey = [
    ...[113, 233, 23, 33, 249, 145, 133, 118, 215, 96, 240, 47, 3, 202, 196, 124],
    ...[111, 64, 3, 49, 96, 49, 132, 142, 60, 29, 153, 230, 232, 58, 71, 67],
  ];
  assertEquals(bytesToHex(flatKey(id)), bytesToHex(Uint8Array.from(derivedKey)));
});

Deno.test("balanceSlot() and nonceSlot() are mapping slots of their system contracts", () => {
  assertEquals<string>(balanceSlot(account).address, `0x${"00".repeat(18)}800a`);
  assertEquals<string>(nonceSlot(account).address, `0x${"00".repeat(18)}8003`);
  assertEquals(balanceSlot(account).slot, nonceSlot(account).slot);
  // keccak256(abi.encode(0, 0)), where Solidity keeps the first key of a mapping at slot 0.
  assertEquals<string>(
    balanceSlot(address(`0x${"00".repeat(20)}`)).slot,
    "0xad3228b676f7d3cd4284a5443f17f1962b36e491b30a40b2405849e597ba5fb5",
  );
});

Deno.test("codeHashSlot() is the account's own address", () => {
  assertEquals(codeHashSlot(account), {
    address: address(`0x${"00".repeat(18)}8002`),
    slot: slotNumber(BigInt(account)),
  });
});

Deno.test("blockHashSlot() goes round the ring of EIP-2935", () => {
  assertEquals(HISTORY_WINDOW_BLOCKS, 8_191n);
  const at = (number: bigint) => blockHashSlot(number);
  assertEquals(at(5n), { address: HISTORY_STORAGE_ADDRESS, slot: slotNumber(5n) });
  assertEquals(at(8_190n).slot, slotNumber(8_190n));
  assertEquals(at(8_191n).slot, slotNumber(0n));
  assertEquals(at(8_196n), at(5n));
});

Deno.test("compareSlots() orders by address, then by slot, as numbers", () => {
  const low = address(`0x${"00".repeat(19)}09`);
  const high = address(`0x${"00".repeat(19)}0a`);
  const sorted = [
    { address: low, slot: slotNumber(2n) },
    { address: low, slot: slotNumber(10n) },
    { address: high, slot: slotNumber(0n) },
    { address: high, slot: slotNumber(1n << 255n) },
  ];
  for (const [leftAt, left] of sorted.entries()) {
    for (const [rightAt, right] of sorted.entries()) {
      assertEquals(compareSlots(left, right), Math.sign(leftAt - rightAt));
    }
  }
});
