/**
 * `deploy`: the rollup's contracts -> somebody else's L1.
 *
 * Owns its flags and help. Does not own deploying.
 * @module
 */
import { readAddress } from "../accounts.ts";
import { type Flags, type FlagValues, usageError } from "../args.ts";
import { defineCommand } from "../command.ts";
import { CONNECT_FLAGS, type DevnetAccount } from "../connect.ts";
import {
  L1_EXCLUSIVE,
  L1_FLAGS,
  L1_KEY_FLAGS,
  readHttpUrl,
  readKeySource,
  toSeconds,
} from "../l1_flags.ts";
import { renderFields, toJsonValue } from "../render.ts";

const DEPLOY_FLAGS = {
  "data-dir": {
    ...CONNECT_FLAGS["data-dir"],
    summary: "Data folder of the node to come; the deployment is written there",
  },
  "l1-rpc": { ...L1_FLAGS["l1-rpc"], summary: "Ethereum node to deploy on" },
  ...L1_KEY_FLAGS,
  "l1-max-fee": L1_FLAGS["l1-max-fee"],
  admin: {
    type: "string",
    placeholder: "ADDRESS",
    summary: "Who may change settings and declare an emergency; the key's account by default",
  },
  sequencer: {
    type: "string",
    placeholder: "ADDRESS",
    summary: "Who may sequence batches, and gets the fees of the L2; the key's account by default",
  },
  aggregator: {
    type: "string",
    placeholder: "ADDRESS",
    summary: "Who may send proofs at any time; the key's account by default",
  },
  "aggregator-timeout": {
    type: "seconds",
    summary: "Time after which anyone may send a proof; a week less a second by default",
  },
  "force-timeout": {
    type: "seconds",
    summary: "Time that the sequencer has to take a forced transaction; 5 days by default",
  },
  "gas-per-pubdata": CONNECT_FLAGS["gas-per-pubdata"],
  timeout: {
    type: "seconds",
    default: "300",
    summary: "How long to wait for L1 to mine the contracts",
  },
  out: {
    type: "string",
    setting: "deployment",
    placeholder: "FILE",
    summary: "File to write; deployment.json in the data folder by default",
  },
} as const satisfies Flags;

/** The command. */
export const deploy = defineCommand({
  name: "deploy",
  summary: "Deploy the rollup's contracts on an Ethereum node",
  description:
    "Deploys verifier and rollup for the program and the genesis of this version, waits until they " +
    "are mined and writes a file that says where they are: devnet and the other commands need it " +
    "beside --l1-rpc, and so does every follower. What is signed is in the file before it is sent: " +
    "the same command again goes on after a crash, and does nothing when all is there.",
  flags: DEPLOY_FLAGS,
  exclusive: L1_EXCLUSIVE,
  positionals: [],
  examples: [
    {
      line: "varve deploy --l1-rpc http://127.0.0.1:8545 --l1-private-key 0xac09…ff80",
      summary: "On an anvil of one's own",
    },
    {
      line: "varve deploy --l1-rpc https://node.example --l1-keystore key.json " +
        "--l1-password-file password.txt --l1-max-fee 30gwei --out testnet.json",
      summary: "On a testnet, with a keystore and at most 30 gwei a gas",
    },
  ],
  async run(context, { flags }) {
    const { "l1-rpc": rpc, "data-dir": dataDir } = flags;
    if (rpc === undefined) {
      throw usageError("USAGE_MISSING_ARGUMENT", "Cannot deploy without an L1: no --l1-rpc", {
        mend: "Give --l1-rpc URL; a devnet on its embedded L1 deploys by itself.",
      });
    }
    const key = readKeySource(flags);
    if (key === undefined) {
      throw usageError("USAGE_MISSING_ARGUMENT", "Cannot deploy without a key that signs", {
        mend: "Give --l1-private-key KEY, or --l1-keystore FILE with --l1-password-file FILE.",
      });
    }
    const file = flags.out ?? `${dataDir}/deployment.json`;
    context.progress("Deploying the rollup");
    const { deployment, isRepeated } = await context.services.deploy({
      rpcUrl: readHttpUrl(rpc, "--l1-rpc"),
      key,
      file,
      settings: await readSettings(flags, () => context.services.devnetAccounts()),
      timeoutMs: flags.timeout,
      signal: context.interruptSignal(),
      progress: context.progress,
    });
    const view = { ...deployment, file, alreadyDeployed: isRepeated };
    const { rollup, verifier, l1ChainId, deployedAtL1Block } = deployment;
    context.show({
      json: toJsonValue({
        ...view,
        l1ChainId: Number(l1ChainId),
        l2ChainId: Number(deployment.l2ChainId),
        deployedAtL1Block: Number(deployedAtL1Block),
        genesisLeafCount: Number(deployment.genesisLeafCount),
        gasPerPubdata: Number(deployment.gasPerPubdata),
        aggregatorTimeoutSec: Number(deployment.aggregatorTimeoutSec),
        forceTimeoutSec: Number(deployment.forceTimeoutSec),
      }),
      text: `${isRepeated ? "Deployed before" : "Deployed"} on L1 chain ${l1ChainId}\n` +
        renderFields([
          ["rollup", rollup],
          ["verifier", verifier],
          ["l1Block", `${deployedAtL1Block}`],
          ["admin", deployment.admin],
          ["sequencer", deployment.sequencer],
          ["aggregator", deployment.aggregator],
          ["genesisStateRoot", deployment.genesisStateRoot],
          ["programHash", deployment.programHash],
          ["file", file],
        ]),
    });
  },
});

async function readSettings(
  flags: FlagValues<typeof DEPLOY_FLAGS>,
  listAccounts: () => Promise<readonly DevnetAccount[]>,
) {
  const { admin, sequencer, aggregator } = flags;
  const named = [admin, sequencer, aggregator].some((name) => name !== undefined);
  const accounts = named ? await listAccounts() : [];
  const address = (role: "admin" | "sequencer" | "aggregator") => {
    const text = flags[role];
    return text === undefined ? {} : { [role]: readAddress(text, `--${role}`, accounts) };
  };
  const {
    "aggregator-timeout": aggregatorMs,
    "force-timeout": forceMs,
    "gas-per-pubdata": gasPerPubdata,
    "l1-max-fee": maxFeePerGasWei,
  } = flags;
  return {
    ...address("admin"),
    ...address("sequencer"),
    ...address("aggregator"),
    ...(aggregatorMs === undefined ? {} : { aggregatorTimeoutSec: toSeconds(aggregatorMs) }),
    ...(forceMs === undefined ? {} : { forceTimeoutSec: toSeconds(forceMs) }),
    ...(gasPerPubdata === undefined ? {} : { gasPerPubdata }),
    ...(maxFeePerGasWei === undefined ? {} : { maxFeePerGasWei }),
  };
}
