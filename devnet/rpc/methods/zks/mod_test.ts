import { assertEquals } from "@std/assert";
import { ECHO } from "../../testing/fake_chain.ts";
import { RECIPIENT } from "../../testing/fixture.ts";
import {
  type Case,
  equals,
  field,
  testMethods,
  TOO_MANY,
  UNKNOWN,
} from "../../testing/method_cases.ts";
import { ZKS_METHODS } from "./mod.ts";

const SEVEN = `0x${"7".padStart(64, "0")}`;

/** A method that answers with one constant. */
const constant = (wanted: unknown): Case => ({ check: equals(wanted), wrong: TOO_MANY });

const CASES: Readonly<Record<string, Case>> = {
  zks_L1BatchNumber: constant("0x3"),
  zks_L1ChainId: constant("0x384"),
  zks_getMainContract: constant(`0x${"70".repeat(20)}`),
  zks_getBridgehubContract: constant(null),
  zks_getTestnetPaymaster: constant(null),
  zks_getTimestampAsserter: constant(null),
  zks_getL2Multicall3: constant(null),
  zks_getBaseTokenL1Address: constant(`0x${"00".repeat(19)}01`),
  zks_getBridgeContracts: {
    check: (result) => assertEquals(field(result, "l1SharedDefaultBridge"), null),
    wrong: TOO_MANY,
  },
  zks_gasPerPubdata: constant("0x10"),
  zks_getL1GasPrice: constant("0x7"),
  zks_getBatchFeeInput: constant({
    PubdataIndependent: { fair_l2_gas_price: 7, fair_pubdata_price: 112, l1_gas_price: 7 },
  }),
  zks_getFeeParams: {
    check: (result) => {
      const params = field(result, "V2");
      assertEquals(field(params, "l1_pubdata_price"), 112);
      assertEquals(field(field(params, "config"), "max_pubdata_per_batch"), 100_000);
    },
    wrong: TOO_MANY,
  },
  zks_getL1BatchBlockRange: {
    params: () => [2],
    check: equals(["0x3", "0x4"]),
    wrong: [[["0x2"], "batch"], [[], "batch"]],
  },
  zks_getL1BatchDetails: {
    params: () => [1],
    check: (result) => {
      assertEquals(field(result, "status"), "verified");
      assertEquals(field(result, "commitTxHash"), SEVEN);
      assertEquals(field(result, "committedAt"), "2023-11-14T22:13:41.000Z");
      assertEquals(field(result, "executeTxHash"), null);
      assertEquals(field(result, "timestamp"), 1_700_000_002);
    },
    wrong: [[[-1], "batch"]],
  },
  zks_getBlockDetails: {
    params: () => [1],
    check: (result, { blocks }) => {
      assertEquals(field(result, "l1BatchNumber"), 1);
      assertEquals(field(result, "rootHash"), blocks[1]?.header.hash);
      assertEquals(field(result, "l2TxCount"), 1);
    },
    wrong: [[["latest"], "block"]],
  },
  zks_getTransactionDetails: {
    params: ({ hashes }) => [hashes[0]],
    check: (result, { sender }) => {
      assertEquals(field(result, "status"), "verified");
      assertEquals(field(result, "isL1Originated"), false);
      assertEquals(field(result, "initiatorAddress"), sender);
      assertEquals(field(result, "gasPerPubdata"), "0x10");
    },
    wrong: [[["0x12"], "hash"]],
  },
  zks_getRawBlockTransactions: {
    params: () => [1],
    check: (result, { sender }) => {
      const { L2 } = Object(field(field(result, "0"), "common_data"));
      assertEquals(field(L2, "initiatorAddress"), sender);
      assertEquals(field(L2, "transactionType"), "EIP1559Transaction");
      assertEquals(field(field(L2, "signature"), "length"), 65);
    },
    wrong: [[[1.5], "block"]],
  },
  zks_getBytecodeByHash: {
    params: () => [UNKNOWN],
    check: equals([0x60, 0x01]),
    wrong: [[["0x"], "hash"]],
  },
  zks_getProtocolVersion: {
    check: (result) => assertEquals(field(result, "bootloaderCodeHash"), SEVEN),
    wrong: [[["0x0"], "version"]],
  },
  zks_estimateFee: {
    params: ({ sender }) => [{ from: sender, to: ECHO, data: "0x01" }],
    check: (result) => {
      assertEquals(field(result, "gas_per_pubdata_limit"), "0x10");
      assertEquals(field(result, "max_fee_per_gas"), "0x3b9aca07");
    },
    wrong: [[[{ to: "0x12" }], "(transaction).to"]],
  },
  zks_estimateGasL1ToL2: {
    params: ({ sender }) => [{ from: sender, to: RECIPIENT }],
    check: equals("0x5208"),
    wrong: [[[], "transaction"]],
  },
  zks_getProof: {
    params: () => [RECIPIENT, [SEVEN, SEVEN], 2],
    check: (result) => {
      assertEquals(field(result, "stateRoot"), SEVEN);
      const [present, absent] = Object(field(result, "storageProof"));
      assertEquals([field(present, "index"), field(present, "proof")], [2, [SEVEN]]);
      assertEquals([field(absent, "index"), field(absent, "proof")], [0, []]);
      assertEquals(field(field(field(absent, "absence"), "low"), "nextIndex"), 1);
    },
    wrong: [[[RECIPIENT, ["1"], 2], "(keys)[0]"], [[RECIPIENT, [], "latest"], "batch"]],
  },
  zks_getL2ToL1LogProof: {
    params: () => [UNKNOWN, 0],
    check: equals(null),
    wrong: [[["0x12"], "transactionHash"]],
  },
  zks_getAllAccountBalances: {
    params: () => [RECIPIENT],
    check: equals({ [`0x${"00".repeat(18)}800a`]: "0x5" }),
    wrong: [[["0x12"], "address"]],
  },
  zks_getConfirmedTokens: {
    params: () => [0, 10],
    check: (result) => assertEquals(field(field(result, "0"), "symbol"), "ETH"),
    wrong: [[["0x0"], "from"]],
  },
};

testMethods(ZKS_METHODS, CASES);
