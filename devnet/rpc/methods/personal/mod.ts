/**
 * The methods `personal_*`, each in a file of its own: accounts of this devnet.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { personalSign } from "./personal_sign.ts";

/** All methods `personal_*`. */
export const PERSONAL_METHODS: readonly RpcMethod[] = [
  personalSign,
];
