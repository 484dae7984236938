/**
 * Prices of the EVM up to Osaka, and limits that consensus sets.
 */

/** EIP-2929. */
export const GAS_WARM: i64 = 100;
export const GAS_COLD_ACCOUNT: i64 = 2600;
export const GAS_COLD_SLOT: i64 = 2100;

/** SSTORE: EIP-2200 as EIP-2929 and EIP-3529 left it. */
export const GAS_SSTORE_SENTRY: i64 = 2300;
export const GAS_SSTORE_SET: i64 = 20000;
export const GAS_SSTORE_RESET: i64 = 2900;
export const REFUND_SSTORE_CLEAR: i64 = 4800;

export const GAS_KECCAK: i64 = 30;
export const GAS_KECCAK_WORD: i64 = 6;
export const GAS_COPY_WORD: i64 = 3;
export const GAS_MEMORY_WORD: i64 = 3;
export const GAS_LOG: i64 = 375;
export const GAS_LOG_BYTE: i64 = 8;
export const GAS_EXP: i64 = 10;
export const GAS_EXP_BYTE: i64 = 50;
export const GAS_BLOCKHASH: i64 = 20;

export const GAS_CALL_VALUE: i64 = 9000;
export const GAS_CALL_STIPEND: i64 = 2300;
export const GAS_NEW_ACCOUNT: i64 = 25000;
export const GAS_CREATE: i64 = 32000;
/** EIP-3860. */
export const GAS_INIT_CODE_WORD: i64 = 2;
export const GAS_CODE_BYTE: i64 = 200;
export const GAS_SELFDESTRUCT: i64 = 5000;

/** EIP-170. */
export const MAX_CODE_SIZE: u32 = 24576;
/** EIP-3860. */
export const MAX_INIT_CODE_SIZE: u64 = 49152;
/** Frames below the first one. */
export const MAX_DEPTH: u32 = 1024;
export const STACK_LIMIT: u32 = 1024;
