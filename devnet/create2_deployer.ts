/**
 * The contract by which everybody deploys to the same address on every chain.
 *
 * Owns its genesis account. Both layers start with it, as anvil does: `forge script` and many
 * deployment tools take it for granted.
 * @module
 */
import { address } from "../core/primitives/hex.ts";
import type { GenesisAccount } from "../core/types/genesis.ts";

/** The deterministic deployment proxy: 32 bytes of salt, then init code, to CREATE2. */
export const CREATE2_DEPLOYER: GenesisAccount = {
  address: address("0x4e59b44847b379578588920ca78fbf26c0b4956c"),
  balanceWei: 0n,
  nonce: 1n,
  code:
    `0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0${"3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"}`,
  storage: [],
};
