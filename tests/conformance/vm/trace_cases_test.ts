/**
 * What the tracing build of the program tells of each kind of opcode and failure, against what the
 * embedded L1's EVM tells: with plenty of gas, and with just too little for each step.
 */
import { assert } from "../../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bigintToHash32,
  bytesToHex,
  type Hash32,
  type Hex,
  hexToBytes,
} from "../../../core/primitives/hex.ts";
import { delegationCode } from "../../../core/vm/authorizations.ts";
import type { CallRequest } from "../../../core/vm/executor.ts";
import type { OpcodeStep } from "../../../core/vm/trace.ts";
import { assemble, deploy } from "./assemble.ts";
import { type TracePair, withTracePair } from "./trace_compare.ts";
import { TARGET, testAddress, testCall, testConfig } from "./world.ts";

/** Gas of every message; what code sees of it must be the same on both. */
const GAS_LIMIT = 400_000n;

const other = (byte: string): Address => address(`0x${byte.repeat(20)}`);
const REVERTS = other("a1");
const STORES = other("a2");
const LOGS = other("a3");
const BREAKS = other("a4");
const ENDS = other("a5");
const DELEGATES = other("a6");
const RETURNS = other("a7");
const CREATES = other("a8");
const SENDS = other("a9");
const TRANSIENT = other("aa");
const LENDS_PRECOMPILE = other("ab");
const CALLS_ITSELF = other("ac");
const NOBODY = other("e1");

const word = (account: Address): string => `${BigInt(account)}`;
/** Init code of at most 32 bytes, as a word from the left. */
const inWord = (code: Hex): string =>
  `${BigInt(code) << BigInt(8 * (32 - (code.length - 2) / 2))} 0 MSTORE`;
const sizeOf = (code: Hex): number => (code.length - 2) / 2;
const create = (code: Hex, wei = 0): string => `${inWord(code)} ${sizeOf(code)} 0 ${wei} CREATE`;
const create2 = (code: Hex, wei = 0): string =>
  `${inWord(code)} 7 ${sizeOf(code)} 0 ${wei} CREATE2`;
const call = (to: Address | number, wei = 0, gas: string | number = "GAS"): string =>
  `32 0 32 0 ${wei} ${typeof to === "number" ? to : word(to)} ${gas} CALL`;
const callBy = (kind: string, to: Address | number, gas: string | number = "GAS"): string =>
  `32 0 32 0 ${typeof to === "number" ? to : word(to)} ${gas} ${kind}`;

const ACCOUNTS = [
  { address: REVERTS, code: assemble("77 0 MSTORE 32 0 REVERT") },
  { address: STORES, code: assemble("1 2 SSTORE 2 SLOAD 0 2 SSTORE") },
  { address: LOGS, code: assemble("1 2 3 4 32 0 LOG4") },
  { address: BREAKS, code: assemble("1 2 SSTORE INVALID") },
  { address: ENDS, balanceWei: 9n, code: assemble(`${word(NOBODY)} SELFDESTRUCT`) },
  { address: DELEGATES, code: bytesToHex(delegationCode(RETURNS)) },
  { address: RETURNS, code: assemble("ADDRESS 0 MSTORE CALLER 32 MSTORE 64 0 RETURN") },
  { address: CREATES, code: assemble(create(deploy("0x00"))) },
  { address: SENDS, balanceWei: 5n, code: assemble(call(NOBODY, 1)) },
  { address: TRANSIENT, code: assemble("1 2 TSTORE 2 TLOAD") },
  { address: LENDS_PRECOMPILE, code: bytesToHex(delegationCode(precompile(2))) },
  { address: CALLS_ITSELF, code: assemble(`1 0 SLOAD 0 SSTORE ${call(CALLS_ITSELF)}`) },
];

function precompile(number: number): Address {
  return address(`0x${number.toString(16).padStart(40, "0")}`);
}

/** Codes of the account that is called, by what they are about. */
const CASES: Readonly<Record<string, string>> = {
  arithmetic: "3 2 ADD 3 MUL 2 SUB 7 DIV 3 SDIV 2 MOD 5 SMOD 3 2 ADDMOD 7 3 MULMOD 2 EXP " +
    "0 SIGNEXTEND 3 LT 2 GT 1 SLT 0 SGT ISZERO 4 EQ 7 AND 1 OR 3 XOR NOT 31 BYTE 4 SHL 2 SHR 1 SAR CLZ",
  "exponents of every size": "0 2 EXP 255 2 EXP 256 2 EXP 65536 2 EXP " +
    `${(1n << 256n) - 1n} 2 EXP`,
  environment: "ADDRESS BALANCE ORIGIN CALLER CALLVALUE 0 CALLDATALOAD CALLDATASIZE CODESIZE " +
    "GASPRICE COINBASE TIMESTAMP NUMBER PREVRANDAO GASLIMIT CHAINID SELFBALANCE BASEFEE " +
    "0 BLOBHASH BLOBBASEFEE PC MSIZE GAS 0 BLOCKHASH 1 BLOCKHASH",
  memory: "1 0 MSTORE 2 31 MSTORE8 0 MLOAD 64 MLOAD 33 0 100 MCOPY 0 7 0 MCOPY 3 200 KECCAK256 " +
    "0 999 KECCAK256 MSIZE",
  copies: "40 1 0 CALLDATACOPY 40 1 50 CODECOPY 0 0 9999 CODECOPY 0 0 0 RETURNDATACOPY " +
    `40 1 100 ${word(RETURNS)} EXTCODECOPY 40 1 100 ${word(RETURNS)} EXTCODECOPY`,
  "memory that costs": "1 10000 MSTORE 1 20000 MSTORE8 30000 MLOAD",
  "memory beyond everything": `1 ${(1n << 64n) - 1n} MSTORE`,
  "memory beyond 64 bits": `1 ${1n << 64n} MSTORE`,
  "memory beyond its price": `1 ${1n << 37n} MSTORE`,
  "a copy beyond 64 bits": `${1n << 70n} 0 0 CALLDATACOPY`,
  logs: "0 0 LOG0 1 32 0 LOG1 2 1 40 3 LOG2 3 2 1 40 3 LOG3 4 3 2 1 40 3 LOG4",
  "storage, new": "1 1 SSTORE 1 SLOAD 2 SLOAD",
  "storage, every way":
    "1 1 SSTORE 2 1 SSTORE 0 1 SSTORE 1 1 SSTORE 0 5 SSTORE 7 5 SSTORE 9 6 SSTORE 8 6 SSTORE",
  "transient storage": "1 1 TSTORE 1 TLOAD 2 TLOAD 0 1 TSTORE",
  "cold and warm accounts": `${word(NOBODY)} BALANCE ${word(NOBODY)} BALANCE ` +
    `${word(RETURNS)} EXTCODESIZE ${word(RETURNS)} EXTCODEHASH ${word(NOBODY)} EXTCODEHASH ` +
    `${word(DELEGATES)} EXTCODESIZE ${word(DELEGATES)} EXTCODEHASH 1 EXTCODEHASH`,
  "calls without code": `${call(NOBODY)} ${call(testAddress(3))} ${call(testAddress(3), 1)}`,
  "a value to nobody": call(NOBODY, 1),
  "a value to oneself": call(TARGET, 1, 0),
  "a value that is not there": `${call(NOBODY, 5_000)} ${call(RETURNS, 5_000)}`,
  "gas that is not there": call(RETURNS, 0, 10_000_000),
  "gas handed on": `${call(RETURNS, 0, 500)} ${call(RETURNS, 0, 0)} ${call(RETURNS, 1, 0)}`,
  "a call that reverts": `${call(REVERTS)} RETURNDATASIZE 32 0 0 RETURNDATACOPY`,
  "a call that breaks": `${call(BREAKS, 0, 50_000)} RETURNDATASIZE`,
  "a call that stores": `${call(STORES)} ${call(STORES)}`,
  "a call that logs": call(LOGS),
  "a call that returns": `${call(RETURNS)} RETURNDATASIZE 64 0 0 RETURNDATACOPY`,
  "a call with too little": call(STORES, 0, 2_000),
  "the code of others": `32 0 32 0 1 ${word(RETURNS)} GAS CALLCODE ${
    callBy("DELEGATECALL", RETURNS)
  } ${callBy("DELEGATECALL", STORES)} ${callBy("DELEGATECALL", ENDS)}`,
  "callcode of more than there is": `0 0 0 0 5000 ${word(RETURNS)} GAS CALLCODE`,
  "static reads": `${callBy("STATICCALL", RETURNS)} RETURNDATASIZE`,
  "static: SSTORE": callBy("STATICCALL", STORES, 30_000),
  "static: LOG": callBy("STATICCALL", LOGS, 30_000),
  "static: SELFDESTRUCT": callBy("STATICCALL", ENDS, 30_000),
  "static: CREATE": callBy("STATICCALL", CREATES, 60_000),
  "static: a value": callBy("STATICCALL", SENDS, 30_000),
  "static: TSTORE": callBy("STATICCALL", TRANSIENT, 30_000),
  "a delegation": `${call(DELEGATES)} ${call(DELEGATES)} ${callBy("DELEGATECALL", DELEGATES)} ${
    callBy("STATICCALL", DELEGATES)
  }`,
  "a delegation to a precompile": call(LENDS_PRECOMPILE, 0, 10_000),
  "a creation": `${create(deploy("0x6001"), 1)} EXTCODESIZE`,
  "a creation by salt, twice": `${create2(deploy("0x6001"), 1)} ${create2(deploy("0x6001"))}`,
  "an empty creation": "0 0 0 CREATE EXTCODESIZE",
  "a creation that reverts": `${create(assemble("4 0 REVERT"))} RETURNDATASIZE`,
  "a creation that breaks": "254 0 MSTORE8 1 0 0 CREATE RETURNDATASIZE",
  "a creation of 0xef": create(assemble("239 0 MSTORE8 1 0 RETURN")),
  "a creation that is too large": create(assemble("24577 0 RETURN")),
  "a creation that cannot pay its code": create(assemble("5000 0 RETURN")),
  "a creation without the funds": create(assemble("0"), 5_000),
  "init code that is too large": "49153 0 0 CREATE",
  "init code that is too large, by salt": "0 49153 0 0 CREATE2",
  "the largest init code": "49152 0 0 CREATE",
  "a creation that calls and ends": create(assemble(`CALLER SELFDESTRUCT`), 3),
  "a creation that leaves itself all": create(assemble(`ADDRESS SELFDESTRUCT`), 3),
  "an end, to nobody": `${word(NOBODY)} SELFDESTRUCT`,
  "an end, to somebody": `${word(testAddress(3))} SELFDESTRUCT`,
  "an end, to oneself": "ADDRESS SELFDESTRUCT",
  "an end of others, twice": `${call(ENDS)} ${call(ENDS)}`,
  precompiles: `${callBy("STATICCALL", 2)} ${call(4, 1)} ${call(1)} ${callBy("STATICCALL", 5)} ${
    callBy("DELEGATECALL", 3)
  } ${call(0x100)}`,
  "precompiles with too little": `${call(2, 0, 10)} ${call(1, 0, 2_000)} ${call(8, 0, 100)}`,
  "precompiles that refuse": `77 0 MSTORE 77 32 MSTORE ${
    [6, 7].map((number) => `64 0 96 0 0 ${number} 30000 CALL`).join(" ")
  } ${[8, 9, 0x0a, 0x0b].map((number) => `0 0 31 0 0 ${number} 60000 CALL`).join(" ")}`,
  "recursion until the gas is gone": call(CALLS_ITSELF),
  "jumps": "4 JUMP INVALID JUMPDEST 1 10 JUMPI INVALID JUMPDEST 0 99 JUMPI",
  "a jump to nothing": "1 9999 JUMP",
  "a jump into a push": "4 JUMP 91",
  "a jump beyond 64 bits": `${1n << 64n} JUMP`,
  "a jump that is taken to nothing": "1 2 JUMPI",
  "what is returned and is not there": "1 0 0 RETURNDATACOPY",
  "what is returned beyond 64 bits": `0 ${1n << 70n} 0 RETURNDATACOPY`,
  "a stack that is empty": "1 ADD",
  "a swap too deep": "1 SWAP1",
  "a revert with data": "77 0 MSTORE 36 0 REVERT",
  "a return with data": "77 0 MSTORE 36 1000 RETURN",
  "no opcode": "INVALID",
};

/** The same as bytes, where the assembler has no words. */
const RAW_CASES: Readonly<Record<string, Hex>> = {
  "undefined opcode": "0x600c0c",
  "undefined opcode 0xee": "0xee",
  "a push beyond the end": "0x61ff",
  "a stack that is full": "0x5b5f600056",
  "a stack that is full of copies": "0x5f5b80600156",
  "a stack that is full, by the environment": "0x5b30600056",
  "no code": "0x",
  "stop": "0x00",
  "deep dups and swaps": `0x${"5f".repeat(17)}8f9f`,
  "too deep a dup": `0x${"5f".repeat(15)}8f`,
};

/** Messages that create. */
const CREATIONS: Readonly<Record<string, Hex>> = {
  "deploys": deploy("0x600160015500"),
  "deploys nothing": "0x",
  "reverts": assemble("77 0 MSTORE 32 0 REVERT"),
  "breaks": "0xfe",
  "ends itself": assemble("CALLER SELFDESTRUCT"),
  "deploys 0xef": assemble("239 0 MSTORE8 1 0 RETURN"),
  "deploys too much": assemble("24577 0 RETURN"),
  "cannot pay its code": assemble("3000 0 RETURN"),
  "creates and calls": assemble(`${create(deploy("0x00"))} ${call(RETURNS)}`),
};

/** Steps, by opcode and price, that have been one gas short already. */
const starved = new Set<string>();

async function compareWithSweep(
  pair: TracePair,
  code: Hex,
  { label, request }: { readonly label: string; readonly request: CallRequest },
): Promise<number> {
  const config = testConfig([
    ...ACCOUNTS,
    {
      address: TARGET,
      balanceWei: 1_000n,
      nonce: 1n,
      code,
      storage: [5n, 6n].map((slot) => ({ slot: slotOf(slot), value: slotOf(7n) })),
    },
  ]);
  const limits = new Set<bigint>();
  const onOpcode = ({ depth, op, gas, cost }: OpcodeStep) => {
    const kind = `${op} for ${cost}`;
    if (depth > 1 || starved.has(kind)) return;
    starved.add(kind);
    limits.add(request.gasLimit - gas + cost - 1n);
  };
  let count = (await pair.compare(config, request, { label, hooks: { onOpcode } })).length;
  for (const gasLimit of limits) {
    const poor = { ...request, gasLimit };
    count += (await pair.compare(config, poor, { label: `${label}, gas ${gasLimit}` })).length;
  }
  return count;
}

function slotOf(value: bigint): Hash32 {
  return bigintToHash32(value);
}

const MESSAGE: CallRequest = testCall({
  data: hexToBytes("0x0102030405"),
  gasLimit: GAS_LIMIT,
  asTransaction: true,
});

const CODES: readonly (readonly [string, Hex])[] = [
  ...Object.entries(CASES).map(([name, text]) => [name, assemble(text)] as const),
  ...Object.entries(RAW_CASES),
];

for (const part of [0, 1, 2, 3]) {
  Deno.test(`trace() tells what the L1's EVM tells of each kind of step, part ${part}`, async () => {
    await withTracePair(async (pair) => {
      for (const [name, code] of CODES.filter((_, index) => index % 4 === part)) {
        const count = await compareWithSweep(pair, code, { label: name, request: MESSAGE });
        assert(count > 0, `${name} runs`);
      }
    });
  });
}

Deno.test("trace() tells what the L1's EVM tells of creations", async () => {
  await withTracePair(async (pair) => {
    for (const [name, code] of Object.entries(CREATIONS)) {
      for (const valueWei of [0n, 3n]) {
        const request = { ...MESSAGE, to: undefined, data: hexToBytes(code), valueWei };
        await compareWithSweep(pair, "0x", { label: `${name} with ${valueWei}`, request });
      }
    }
  });
});

Deno.test("trace() tells what the L1's EVM tells of messages without code", async () => {
  await withTracePair(async (pair) => {
    const targets = [NOBODY, testAddress(0), testAddress(3), DELEGATES, LENDS_PRECOMPILE]
      .concat([1, 2, 4, 5, 6, 8, 9, 0x0a, 0x0b, 0x100].map(precompile));
    for (const to of targets) {
      for (const valueWei of [0n, 3n]) {
        const request = { ...MESSAGE, to, valueWei };
        await compareWithSweep(pair, "0x", { label: `${to} with ${valueWei}`, request });
      }
    }
  });
});
