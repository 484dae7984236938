import { type Case, equals, testMethods, TOO_MANY } from "../../testing/method_cases.ts";
import { TXPOOL_METHODS } from "./mod.ts";

const CASES: Readonly<Record<string, Case>> = {
  txpool_content: { check: equals({ pending: {}, queued: {} }), wrong: TOO_MANY },
  txpool_inspect: { check: equals({ pending: {}, queued: {} }), wrong: TOO_MANY },
  txpool_status: { check: equals({ pending: "0x0", queued: "0x0" }), wrong: TOO_MANY },
  txpool_contentFrom: {
    params: ({ sender }) => [sender],
    check: equals({ pending: {}, queued: {} }),
    wrong: [[[], "address"]],
  },
};

testMethods(TXPOOL_METHODS, CASES);
