/**
 * `devnet`: L1 and L2 in one process, served over JSON-RPC.
 *
 * Owns its flags, help, banner and the wait for Ctrl-C. Does not own the chains or the servers.
 * @module
 */
import { type CommandContext, defineCommand } from "../command.ts";
import type { Devnet, DevnetMode, DevnetOptions } from "../../devnet/devnet.ts";
import { usageError } from "../args.ts";
import { chainOptions, CONNECT_FLAGS } from "../connect.ts";
import { formatEther, printable, toJsonValue } from "../render.ts";
import { VERSION } from "../version.ts";

/** The longest that a timer waits: 2^31 - 1 ms. */
const MAX_BLOCK_TIME_MS = 2_147_483_647;

/** The command. */
export const devnet = defineCommand({
  name: "devnet",
  summary: "Run L1 and L2 in this process and serve JSON-RPC",
  description:
    "Starts an L1 and an L2 with the rollup's contracts deployed, serves both over HTTP and " +
    "WebSocket and runs every stage by itself: a block for each transaction, or one every " +
    "--block-time seconds. With --manual nothing moves by itself: the other commands, run beside " +
    "it, make each step. All state is in --data and is there again at the next start. Ctrl-C stops.",
  flags: {
    "data-dir": { ...CONNECT_FLAGS["data-dir"], summary: "Data folder; made if it is not there" },
    "l1-port": { type: "port", default: "8545", summary: "Port of the L1; 0 for any free one" },
    "l2-port": {
      type: "port",
      alias: "p",
      default: "9545",
      summary: "Port of the L2; 0 for any free one",
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
    "seal-limits": CONNECT_FLAGS["seal-limits"],
    "gas-per-pubdata": CONNECT_FLAGS["gas-per-pubdata"],
  },
  exclusive: [["block-time", "manual"]],
  positionals: [],
  examples: [
    { line: "varve devnet", summary: "L1 on port 8545, L2 on port 9545, a block per transaction" },
    {
      line: "varve devnet --l1-port 0 --l2-port 0 --data $(mktemp -d) --json",
      summary: "A devnet of its own for a test run; the JSON line tells its ports",
    },
    { line: "varve devnet --block-time 2", summary: "An L2 block every two seconds" },
    { line: "varve devnet --manual --clock virtual", summary: "Step by step and reproducible" },
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
    await serve(context, {
      dataDir: flags["data-dir"],
      clock: flags.clock,
      log: context.log,
      host: flags.host,
      l1Port: flags["l1-port"],
      l2Port: flags["l2-port"],
      mode,
      ...(blockTimeMs === undefined ? {} : { blockTimeMs }),
      ...chainOptions(flags),
    });
  },
});

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
  const json = toJsonValue({
    version: VERSION,
    ...facts,
    dataDir,
    clock,
    mode,
    ...(blockTimeMs === undefined ? {} : { blockTimeMs }),
    host,
    l1Port,
    l2Port,
    l1RpcUrl: `http://${authority}:${l1Port}`,
    l2RpcUrl: `http://${authority}:${l2Port}`,
  });
  // Tools wait for "Listening on" and take the port from what follows; the L2 comes last.
  const text = [
    ...bannerLines(running, options),
    "",
    `Listening on ${authority}:${l1Port} (L1)`,
    `Listening on ${authority}:${l2Port} (L2)`,
  ].join("\n");
  return { json, text };
}

/** What users of anvil look for, in its order. */
function bannerLines({ facts }: Devnet, options: DevnetOptions): string[] {
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
    ...section("L2"),
    `Base fee:          ${facts.baseFeePerGasWei} wei`,
    `Gas limit:         ${facts.blockGasLimit}`,
    `Genesis timestamp: ${facts.genesisTimestampSec}`,
    `Clock:             ${clock}`,
    `Blocks:            ${blocks[mode]}`,
    `Data folder:       ${printable(dataDir)}`,
    ...section("Proofs"),
    `Kind:              ${facts.proofKind}`,
    `Still trusted:     ${facts.trusted}`,
  ];
}

function section(title: string): string[] {
  return ["", title, "=".repeat(Math.max(18, title.length))];
}
