/**
 * The door to the executor on ethereumjs; loading it asks for `--allow-env`.
 *
 * Owns what the rest of the house may use of this folder. Does not own anything else.
 * @module
 */
export { createEthereumjsExecutor, ETHEREUMJS_PROGRAM_HASH } from "./ethereumjs_executor.ts";
