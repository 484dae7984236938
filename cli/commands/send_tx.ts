/**
 * `send-tx`: tx -> pool.
 *
 * Owns its help. Does not own how a transaction is said (`l2_transaction.ts`) or admission.
 * @module
 */
import { defineCommand } from "../command.ts";
import { connect, CONNECT_EXCLUSIVE, CONNECT_FLAGS } from "../connect.ts";
import {
  DATA_DIR_BESIDE_CALLDATA,
  planSend,
  signPlan,
  TX_EXCLUSIVE,
  TX_FLAGS,
  TX_POSITIONALS,
} from "../l2_transaction.ts";
import { toJsonValue } from "../render.ts";
import { renderSend } from "../views.ts";

/** The command. */
export const sendTx = defineCommand({
  name: "send-tx",
  summary: "Sign a transaction and send it to the L2 pool",
  description:
    "Signs with a devnet account or a private key, sends, and prints the outcome: pooled, or " +
    "included or reverted in a block where blocks come at once. Refused, with the reason, when " +
    "the pool does not admit it or when it would revert; --gas skips that trial run.",
  flags: {
    ...TX_FLAGS,
    ...CONNECT_FLAGS,
    ...DATA_DIR_BESIDE_CALLDATA,
  },
  exclusive: [...TX_EXCLUSIVE, ...CONNECT_EXCLUSIVE],
  positionals: TX_POSITIONALS,
  examples: [
    { line: "varve send-tx --to 1 --value 1ether", summary: "From devnet account 0 to account 1" },
    {
      line: "varve send-tx 0x5FbDB2315678afecb367f032d93F642f64180aa3 " +
        '"transfer(address,uint256)" 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 1ether --from 2',
      summary: "Call a contract",
    },
    {
      line: "varve send-tx --create 0x600a600c600039600a6000f3602a60005260206000f3",
      summary: "Create a contract; the address is printed once it is included",
    },
    { line: "varve send-tx --raw 0x02f8… --json", summary: "Send what another tool has signed" },
  ],
  async run(context, { flags, positionals }) {
    const { services } = context;
    const plan = await planSend(flags, positionals, services);
    await using engine = await connect(context, flags);
    const raw = "raw" in plan ? plan.raw : await signPlan(engine, plan, flags);
    const view = await engine.sendTransaction(raw);
    context.show({ json: toJsonValue(view), text: renderSend(view) });
  },
});
