/**
 * Chapters about what a test may do to a devnet: decreed state, snapshots, time, the next block.
 *
 * Owns these. Does not own the pool (`pool.ts`) or impersonation (`transactions.ts`).
 * @module
 */
import { bytesToHex, ZERO_ADDRESS } from "../../../core/primitives/hex.ts";
import {
  type Chapter,
  GWEI,
  nextName,
  PUPPETS,
  type Question,
  type Teller,
  toQuantity,
  toWord,
} from "./teller.ts";
import { nextBlock } from "./transactions.ts";

/** Balance, nonce, code or storage of an account becomes another. */
export const decree: Chapter = (tell) => {
  const { random, memory } = tell;
  const who = random.pick(PUPPETS);
  const prefix = random.pick(["anvil", "hardhat"]);
  const slot = toWord(random.int(0, 3));
  const holder = random.pick([who, random.pick(memory.contracts)]);
  const [change, look] = random.pick<readonly [Question, Question]>([
    [
      { method: `${prefix}_setBalance`, params: [who, toQuantity(random.int(0, 10 ** 9))] },
      { method: "eth_getBalance", params: [who, "latest"] },
    ],
    [
      { method: `${prefix}_setCode`, params: [who, anyCode(tell)] },
      { method: "eth_getCode", params: [who, "latest"] },
    ],
    [
      { method: `${prefix}_setStorageAt`, params: [holder, slot, toWord(random.int(0, 5))] },
      { method: "eth_getStorageAt", params: [holder, slot, "latest"] },
    ],
    [
      { method: `${prefix}_setNonce`, params: [who, toQuantity(random.int(50, 90))] },
      { method: "eth_getTransactionCount", params: [who, "latest"] },
    ],
    [
      { method: "anvil_addBalance", params: [who, toQuantity(random.int(0, 10 ** 9))] },
      { method: "eth_getBalance", params: [who, "latest"] },
    ],
  ]);
  // What was decreed belongs to the block that was the latest, also when another one is.
  const lookBack = {
    ...look,
    params: [...look.params.slice(0, -1), toQuantity(memory.blockNumber)],
  };
  return [change, look, ...nextBlock(tell), look, lookBack];
};

/** A snapshot is taken, or one is gone back to. */
export const snapshot: Chapter = (tell) => {
  const { random, memory } = tell;
  if (memory.snapshots.length > 0 && random.chance(50)) {
    const index = random.int(0, memory.snapshots.length - 1);
    const [chosen] = memory.snapshots.splice(index);
    if (chosen === undefined) return [];
    Object.assign(memory, chosen.memory);
    const revert = { method: "evm_revert", params: [chosen.name] };
    return [
      revert,
      revert,
      // We go back in all of it; anvil keeps the fee, and what was set of blocks to come.
      { method: "anvil_setNextBlockBaseFeePerGas", params: [toQuantity(GWEI)] },
      { method: "anvil_setCoinbase", params: [ZERO_ADDRESS] },
      { method: "evm_setBlockGasLimit", params: [toQuantity(30_000_000)] },
      { method: "txpool_status", params: [] },
    ];
  }
  const name = nextName(tell, "snapshot");
  const { contracts, nonces, delegated, blockNumber, timestampSec } = memory;
  memory.snapshots.push({
    name,
    memory: {
      contracts: [...contracts],
      nonces: new Map(nonces),
      delegated: new Set(delegated),
      blockNumber,
      timestampSec,
    },
  });
  return [{ method: "evm_snapshot", params: [], as: name }];
};

/** Blocks that come at a fixed distance. */
export const interval: Chapter = ({ random, memory }) => {
  const [seconds, count] = [random.int(1, 100), random.int(1, 4)];
  memory.blockNumber += BigInt(count);
  memory.timestampSec += BigInt(seconds * count);
  return [
    { method: "anvil_setBlockTimestampInterval", params: [seconds] },
    ...(random.chance(50)
      ? [{ method: "anvil_mine", params: [toQuantity(count)] }]
      : Array.from({ length: count }, () => ({ method: "evm_mine", params: [] }))),
    { method: "anvil_removeBlockTimestampInterval", params: [] },
    { method: "anvil_removeBlockTimestampInterval", params: [] },
  ];
};

/** The clock jumps, and a block whose time is chosen comes after it. */
export const clock: Chapter = (tell) => {
  const { random, memory } = tell;
  const jumpSec = random.int(0, 1000);
  memory.timestampSec += BigInt(jumpSec);
  const jump = random.pick<Question>([
    { method: "evm_increaseTime", params: [jumpSec] },
    { method: "evm_setTime", params: [Number(memory.timestampSec)] },
  ]);
  const [time, mine] = nextBlock(tell);
  return random.chance(50)
    ? [jump, time, mine]
    : [jump, { method: "evm_mine", params: [Number(memory.timestampSec)] }];
};

/** Who mines the next block, and what gas costs in it. */
export const wishes: Chapter = (tell) => {
  const { random } = tell;
  const [time, mine] = nextBlock(tell);
  return [
    random.pick<Question>([
      { method: "anvil_setCoinbase", params: [random.pick(PUPPETS)] },
      {
        method: "anvil_setNextBlockBaseFeePerGas",
        params: [toQuantity(random.int(10 ** 8, 2 * 10 ** 9))],
      },
      { method: "evm_setBlockGasLimit", params: [toQuantity(random.int(29_000_000, 31_000_000))] },
    ]),
    time,
    mine,
  ];
};

/** Code that answers a number, or none. */
function anyCode({ random }: Teller): string {
  const number = random.int(0, 255);
  return random.pick([
    "0x",
    bytesToHex(Uint8Array.of(0x60, number, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3)),
  ]);
}
