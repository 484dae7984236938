import { assertEquals } from "@std/assert";
import { privateKeyToAccount } from "viem/accounts";
import { keccak256 as viemKeccak256 } from "viem/utils";
import { address, bytesToHex } from "../primitives/hex.ts";
import { decodeTransaction } from "../types/tx.ts";
import { signL1Transaction, withFees } from "./transaction.ts";

Deno.test("signL1Transaction() gives the bytes and hash that viem gives", async () => {
  const privateKey = new Uint8Array(32).fill(7);
  const account = privateKeyToAccount(bytesToHex(privateKey));
  const targets = [undefined, address(`0x${"2a".repeat(20)}`)];
  for (const to of targets) {
    for (const nonce of [0n, 127n, 128n, 70_000n]) {
      const fees = { maxFeePerGasWei: 3_000_000_000n, maxPriorityFeePerGasWei: nonce };
      const data = new Uint8Array(Number(nonce) % 300).fill(5);
      const fields = {
        chainId: 900n,
        nonce,
        to,
        data,
        valueWei: nonce,
        gasLimit: 30_000n,
        ...fees,
      };
      const signed = signL1Transaction(fields, privateKey);
      const expected = await account.signTransaction({
        type: "eip1559",
        chainId: 900,
        nonce: Number(nonce),
        to: to ?? null,
        data: bytesToHex(data),
        value: nonce,
        gas: 30_000n,
        maxFeePerGas: fees.maxFeePerGasWei,
        maxPriorityFeePerGas: fees.maxPriorityFeePerGasWei,
      });
      assertEquals(bytesToHex(signed.raw), expected);
      assertEquals(signed.hash, viemKeccak256(expected));
      assertEquals(signL1Transaction(fields, privateKey), signed);
    }
  }
});

Deno.test("withFees() changes the fees and nothing else", () => {
  const privateKey = new Uint8Array(32).fill(7);
  const fields = {
    chainId: 900n,
    nonce: 7n,
    to: address(`0x${"2a".repeat(20)}`),
    data: new Uint8Array(120_000).fill(5),
    valueWei: 3n,
    gasLimit: 30_000n,
    maxFeePerGasWei: 5n,
    maxPriorityFeePerGasWei: 4n,
  };
  const fees = { maxFeePerGasWei: 9n, maxPriorityFeePerGasWei: 6n };
  const before = signL1Transaction(fields, privateKey);
  const raised = withFees(before.raw, fees, privateKey);
  assertEquals(raised, signL1Transaction({ ...fields, ...fees }, privateKey));
  assertEquals(decodeTransaction(raised.raw, raised.raw.length).maxFeePerGasWei, 9n);
});
