/**
 * Precompiles of the program itself, called as its users call them: by a message to the address.
 *
 * @module
 */
import { address, ZERO_ADDRESS, ZERO_HASH } from "../../../core/primitives/hex.ts";
import { EXCEPTION_NONE } from "../../../core/vm/assembly/layout.ts";
import { createProgram } from "../../../core/vm/host/instance.ts";
import type { ProgramEnvironment, ProgramWorld, TxFrame } from "../../../core/vm/host/program.ts";
import type { PrecompileRunner } from "./check_vectors.ts";

const CALLER = address(`0x${"c0de".padStart(40, "0")}`);

const EMPTY_WORLD: ProgramWorld = {
  storage: {
    readSlot: () => ZERO_HASH,
    isWritten: () => false,
    readCode: () => new Uint8Array(0),
  },
};

const ENVIRONMENT: Omit<ProgramEnvironment, "fork"> = {
  profile: "ethereum",
  chainId: 1n,
  number: 1n,
  timestampSec: 1n,
  coinbase: ZERO_ADDRESS,
  gasLimit: 2n ** 62n,
  baseFeePerGasWei: 0n,
  prevRandao: ZERO_HASH,
  parentHash: ZERO_HASH,
  gasPerPubdata: 0n,
  blobBaseFeeWei: 1n,
  maxBlobs: 0,
  maxTxGas: 0n,
};

const FRAME: Omit<TxFrame, "to" | "data" | "gasLimit"> = {
  type: 0,
  sender: CALLER,
  valueWei: 0n,
  maxFeePerGasWei: 0n,
  maxPriorityFeePerGasWei: 0n,
  maxFeePerBlobGasWei: 0n,
  chainId: undefined,
  nonce: 0n,
  accessList: [],
  authorizations: [],
  blobHashes: [],
  // As a message: gas is the callee's alone.
  asTransaction: false,
};

/** Runs each call in a run of its own of the program. */
export function createPrecompileRunner(): PrecompileRunner {
  // Replaced after a trap, as its memory cannot be trusted then.
  let program = createProgram();
  return async ({ fork, precompile, input, gas }) => {
    const to = address(`0x${precompile.toString(16).padStart(40, "0")}`);
    try {
      await program.begin({ ...ENVIRONMENT, fork }, EMPTY_WORLD);
      const result = await program.call({ ...FRAME, to, data: input, gasLimit: gas });
      if (result.kind === "invalid") throw new Error(`the call is invalid: ${result.reason}`);
      const { exception, gasUsed, returnData } = result;
      return { isSuccess: exception === EXCEPTION_NONE, gasUsed, output: returnData };
    } catch (error) {
      program = createProgram();
      throw error;
    }
  };
}
