/**
 * `devnet`: L1 and L2 in one process, served over JSON-RPC.
 *
 * Owns its flags, help, banner and the wait for Ctrl-C. Does not own the chains or the servers.
 * @module
 */
import { type CommandContext, defineCommand } from "../command.ts";
import type { Devnet, DevnetMode, DevnetOptions } from "../../devnet/devnet.ts";
import { readAddress } from "../accounts.ts";
import { usageError } from "../args.ts";
import { chainOptions, CONNECT_EXCLUSIVE, CONNECT_FLAGS, type Services } from "../connect.ts";
import { L1_FLAGS, l1Options, toSeconds } from "../l1_flags.ts";
import { formatEther, printable, toJsonValue } from "../render.ts";
import { VERSION } from "../version.ts";

/** The longest that a timer waits: 2^31 - 1 ms. */
const MAX_BLOCK_TIME_MS = 2_147_483_647;

/** How long `--deploy` waits for L1 to mine the contracts. */
const DEPLOY_TIMEOUT_MS = 300_000;

/** The command. */
export const devnet = defineCommand({
  name: "devnet",
  summary: "Run L1 and L2 in this process and serve JSON-RPC",
  description:
    "Starts an L1 and an L2 with the rollup's contracts deployed, serves both over HTTP and " +
    "WebSocket, with /health and /metrics beside JSON-RPC, and runs every stage by itself: a block " +
    "for each transaction, or one every " +
    "--block-time seconds. With --manual nothing moves by itself: the other commands, run beside " +
    "it, make each step. All state is in --data and is there again at the next start. Ctrl-C stops. " +
    "With --l1-rpc the L1 is an Ethereum node elsewhere, with the contracts that deploy has put there.",
  flags: {
    "data-dir": { ...CONNECT_FLAGS["data-dir"], summary: "Data folder; made if it is not there" },
    "l1-port": { type: "port", default: "8545", summary: "Port of the L1; 0 for any free one" },
    "l2-port": {
      type: "port",
      alias: "p",
      default: "9545",
      summary: "Port of the L2; 0 for any free one",
    },
    "l1-genesis": {
      type: "string",
      placeholder: "FILE",
      summary: "A geth genesis.json that the L1 of a new folder starts from",
    },
    "l1-chain": {
      type: "string",
      placeholder: "FILE",
      summary: "Blocks that follow it, as geth export writes them; needs --l1-genesis",
    },
    host: { type: "string", default: "127.0.0.1", summary: "Address to listen on" },
    "block-time": {
      type: "seconds",
      alias: "b",
      summary: "Seconds between L2 blocks; without it each transaction makes one",
    },
    clock: {
      type: "enum",
      choices: ["real", "virtual"],
      default: "real",
      summary: "Time of blocks; virtual gives the same bytes on every run",
    },
    manual: { type: "boolean", summary: "Make no step without a command" },
    cors: {
      type: "string",
      placeholder: "ORIGINS",
      summary: "Pages that may ask and read answers, as https://a.example,http://b.example, or *",
    },
    "allow-host": {
      type: "string",
      placeholder: "NAMES",
      summary: "Names that clients may call the ports by besides localhost, as A,B, or *",
    },
    "no-dev-methods": {
      type: "boolean",
      summary: "No anvil_, hardhat_ or evm_ methods and no unlocked accounts",
    },
    "seal-limits": CONNECT_FLAGS["seal-limits"],
    "gas-per-pubdata": CONNECT_FLAGS["gas-per-pubdata"],
    censor: {
      type: "string",
      placeholder: "LIST",
      summary: "Senders that the sequencer does not take: addresses or indices, as A,B,C",
    },
    "force-timeout": {
      type: "seconds",
      summary: "Time that the sequencer has to take a forced transaction; 5 days by default",
    },
    ...L1_FLAGS,
    deploy: { type: "boolean", summary: "With --l1-rpc: deploy the contracts if there are none" },
  },
  exclusive: [["block-time", "manual"], ["l1-rpc", "l1-port"], ...CONNECT_EXCLUSIVE],
  positionals: [],
  examples: [
    { line: "varve devnet", summary: "L1 on port 8545, L2 on port 9545, a block per transaction" },
    {
      line: "varve devnet --l1-port 0 --l2-port 0 --data $(mktemp -d) --json",
      summary: "A devnet of its own for a test run; the JSON line tells its ports",
    },
    { line: "varve devnet --block-time 2", summary: "An L2 block every two seconds" },
    {
      line: "varve devnet --cors http://localhost:5173 --log rpc=debug",
      summary: "For a page under development, with a line for each request",
    },
    { line: "varve devnet --manual --clock virtual", summary: "Step by step and reproducible" },
    {
      line: "varve devnet --censor 2 --force-timeout 600",
      summary: "A sequencer that refuses account 2, which has force-tx",
    },
    {
      line: "varve devnet --l1-rpc http://127.0.0.1:8545 --l1-private-key 0xac09…ff80 --deploy",
      summary: "On an anvil as L1, which gets the contracts first",
    },
  ],
  async run(context, { flags }) {
    const blockTimeMs = flags["block-time"];
    if (blockTimeMs !== undefined && blockTimeMs > MAX_BLOCK_TIME_MS) {
      throw usageError(
        "USAGE_INVALID_VALUE",
        `Cannot wait ${blockTimeMs / 1000} s between blocks: at most ${MAX_BLOCK_TIME_MS / 1000} s`,
        { mend: "Give a shorter --block-time, or --manual for blocks by command only." },
      );
    }
    const mode: DevnetMode = flags.manual
      ? "manual"
      : blockTimeMs === undefined
      ? "automine"
      : "interval";
    const { l1, ...nodeOptions } = l1Options(flags);
    if (flags.deploy && l1 === undefined) {
      throw usageError("USAGE_MISSING_ARGUMENT", "Cannot deploy without an L1: no --l1-rpc", {
        mend: "Leave out --deploy, as the embedded L1 has the contracts, or give --l1-rpc URL.",
      });
    }
    const deploy = {
      signal: context.interruptSignal(),
      timeoutMs: DEPLOY_TIMEOUT_MS,
      progress: context.progress,
    };
    await serve(context, {
      dataDir: flags["data-dir"],
      clock: flags.clock,
      log: context.log,
      host: flags.host,
      l1Port: flags["l1-port"],
      l2Port: flags["l2-port"],
      mode,
      ...(blockTimeMs === undefined ? {} : { blockTimeMs }),
      ...portOptions(flags),
      ...importOptions(flags),
      ...chainOptions(flags),
      ...nodeOptions,
      ...(await censorOptions(flags.censor, context.services)),
      ...forceTimeoutOptions(flags),
      ...(l1 === undefined ? {} : { l1: { ...l1, ...(flags.deploy ? { deploy } : {}) } }),
    });
  },
});

/** Which chain the embedded L1 goes on from. */
function importOptions(flags: {
  readonly "l1-genesis": string | undefined;
  readonly "l1-chain": string | undefined;
  readonly "l1-rpc": string | undefined;
}): Pick<DevnetOptions, "l1Import"> {
  const { "l1-genesis": genesisFile, "l1-chain": chainFile, "l1-rpc": rpc } = flags;
  if (genesisFile === undefined && chainFile === undefined) return {};
  if (genesisFile === undefined) {
    throw usageError("USAGE_MISSING_ARGUMENT", "Cannot import --l1-chain without its genesis", {
      mend: "Give --l1-genesis FILE too, the genesis.json that the chain was made with.",
    });
  }
  if (rpc !== undefined) {
    throw usageError("USAGE_CONFLICT", "Cannot use --l1-genesis with --l1-rpc", {
      mend: "Leave one of them out: the L1 is in this process, or elsewhere.",
    });
  }
  return { l1Import: { genesisFile, ...(chainFile === undefined ? {} : { chainFile }) } };
}

/** Who may ask, and what. */
function portOptions(flags: {
  readonly cors: string | undefined;
  readonly "allow-host": string | undefined;
  readonly "no-dev-methods": boolean;
}): Pick<DevnetOptions, "corsOrigins" | "allowedHosts" | "devMethods"> {
  const { cors, "allow-host": hosts, "no-dev-methods": isWithoutDevMethods } = flags;
  return {
    ...(cors === undefined ? {} : { corsOrigins: listOf(cors).map(readOrigin) }),
    ...(hosts === undefined ? {} : { allowedHosts: listOf(hosts) }),
    ...(isWithoutDevMethods ? { devMethods: false } : {}),
  };
}

function listOf(text: string): readonly string[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

/** Browsers send scheme, host and port alone: anything else would never match. */
function readOrigin(text: string): string {
  if (text === "*" || URL.parse(text)?.origin === text) return text;
  const { origin = "null" } = URL.parse(text) ?? {};
  throw usageError("USAGE_INVALID_VALUE", `Cannot read "${text}" of --cors as an origin`, {
    mend: `Give scheme, host and port as browsers do, such as ${
      origin === "null" ? "https://app.example" : origin
    }, or * for every page.`,
    details: { origin: text },
  });
}

/** Whom the sequencer is to keep out. */
async function censorOptions(
  text: string | undefined,
  services: Pick<Services, "devnetAccounts">,
): Promise<Pick<DevnetOptions, "censored">> {
  if (text === undefined) return {};
  const accounts = await services.devnetAccounts();
  const names = text.split(",").map((name) => name.trim());
  return { censored: new Set(names.map((name) => readAddress(name, "--censor", accounts))) };
}

function forceTimeoutOptions(flags: {
  readonly "force-timeout": number | undefined;
  readonly "l1-rpc": string | undefined;
  readonly deploy: boolean;
}): Pick<DevnetOptions, "forceTimeoutSec"> {
  const { "force-timeout": timeoutMs, "l1-rpc": rpc, deploy } = flags;
  if (timeoutMs === undefined) return {};
  if (rpc !== undefined && !deploy) {
    throw usageError(
      "USAGE_CONFLICT",
      "Cannot use --force-timeout with --l1-rpc: the contracts are deployed, and say it themselves",
      { mend: "Leave it out, or add --deploy to deploy the contracts with it." },
    );
  }
  return { forceTimeoutSec: toSeconds(timeoutMs) };
}

/** Until Ctrl-C, or until the devnet ends by itself. */
async function serve(context: CommandContext, options: DevnetOptions): Promise<void> {
  // Listening before the start, so that a Ctrl-C meanwhile stops in order as well.
  const signal = context.interruptSignal();
  context.progress(`Starting a devnet in ${options.dataDir}`);
  const running = await context.services.startDevnet(options);
  try {
    context.show(describeDevnet(running, options));
    const interrupted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([interrupted, running.closed]);
    if (signal.aborted) context.progress("Stopping");
  } finally {
    await running.shutdown();
  }
}

function describeDevnet(running: Devnet, options: DevnetOptions) {
  const { facts, l1Port, l2Port } = running;
  const { dataDir, clock, mode, blockTimeMs, host } = options;
  const authority = host.includes(":") ? `[${host}]` : host;
  const l1RpcUrl = l1Port === undefined ? running.l1RpcUrl : `http://${authority}:${l1Port}`;
  const json = toJsonValue({
    version: VERSION,
    ...facts,
    dataDir,
    clock,
    mode,
    ...(blockTimeMs === undefined ? {} : { blockTimeMs }),
    host,
    ...(l1Port === undefined ? {} : { l1Port }),
    l2Port,
    l1RpcUrl,
    l2RpcUrl: `http://${authority}:${l2Port}`,
  });
  // Tools wait for "Listening on" and take the port from what follows; the L2 comes last.
  const text = [
    ...bannerLines(running, options),
    "",
    ...(l1Port === undefined ? [] : [`Listening on ${authority}:${l1Port} (L1)`]),
    `Listening on ${authority}:${l2Port} (L2)`,
  ].join("\n");
  return { json, text };
}

/** What users of anvil look for, in its order. */
function bannerLines({ facts, l1Port, l1RpcUrl }: Devnet, options: DevnetOptions): string[] {
  const { dataDir, clock, mode, blockTimeMs } = options;
  const blocks: Readonly<Record<DevnetMode, string>> = {
    automine: "one for each transaction",
    interval: `one every ${(blockTimeMs ?? 0) / 1000} s`,
    manual: "by command only",
  };
  return [
    `varve ${VERSION}`,
    ...section("Available Accounts"),
    ...facts.accounts.map(({ address, l1BalanceWei, l2BalanceWei }, index) =>
      `(${index}) ${address} (L1 ${formatEther(BigInt(l1BalanceWei))}, ` +
      `L2 ${formatEther(BigInt(l2BalanceWei))})`
    ),
    ...section("Private Keys"),
    ...facts.accounts.map(({ privateKey }, index) => `(${index}) ${privateKey}`),
    ...section("Wallet"),
    `Mnemonic:          ${facts.mnemonic}`,
    `Derivation path:   ${facts.derivationPath}`,
    ...section("Chain IDs"),
    `L1:                ${facts.l1ChainId}`,
    `L2:                ${facts.l2ChainId}`,
    ...section("Contracts on L1"),
    ...Object.entries(facts.contracts).map(([name, at]) => `${`${name}:`.padEnd(19)}${at}`),
    ...(l1Port === undefined ? [`${"L1 node:".padEnd(19)}${l1RpcUrl}`] : []),
    ...section("L2"),
    `Base fee:          ${facts.baseFeePerGasWei} wei`,
    `Gas limit:         ${facts.blockGasLimit}`,
    `Genesis timestamp: ${facts.genesisTimestampSec}`,
    `Clock:             ${clock}`,
    `Blocks:            ${blocks[mode]}`,
    `Data folder:       ${printable(dataDir)}`,
    `Roles:             ${facts.roles.join(", ")}`,
    ...section("Proofs"),
    `Kind:              ${facts.proofKind}`,
    `Still trusted:     ${facts.trusted}`,
  ];
}

function section(title: string): string[] {
  return ["", title, "=".repeat(Math.max(18, title.length))];
}
