import { assertEquals, assertRejects } from "@std/assert";
import { RollupError } from "../core/primitives/errors.ts";
import { decryptKeystore } from "./keystore.ts";

/** The two examples of the page "Web3 Secret Storage"; both hold this key under this password. */
const PASSWORD = "testpassword";
const SECRET = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const ADDRESS = "008aeeda4d805471df9b2a5b0f38a0c3bcba786b";

const PBKDF2 = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
    ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    kdf: "pbkdf2",
    kdfparams: {
      c: 262_144,
      dklen: 32,
      prf: "hmac-sha256",
      salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
    },
    mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};

const SCRYPT = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "83dbcc02d8ccb40e466191a123791e0e" },
    ciphertext: "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
    kdf: "scrypt",
    kdfparams: {
      dklen: 32,
      n: 262_144,
      p: 8,
      r: 1,
      salt: "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
    },
    mac: "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};

async function codeOf(keystore: unknown, password = PASSWORD): Promise<string> {
  const text = typeof keystore === "string" ? keystore : JSON.stringify(keystore);
  const error = await assertRejects(() => decryptKeystore(text, password), RollupError);
  for (const secret of [SECRET, PASSWORD, "hunter2"]) {
    assertEquals(
      JSON.stringify([error.message, error.mend, error.details]).includes(secret),
      false,
    );
  }
  return error.code;
}

for (const [name, keystore] of [["PBKDF2", PBKDF2], ["scrypt", SCRYPT]] as const) {
  Deno.test(`decryptKeystore() reads the published example of ${name}`, async () => {
    assertEquals((await decryptKeystore(JSON.stringify(keystore), PASSWORD)).toHex(), SECRET);
  });
}

Deno.test("decryptKeystore() takes the spellings that wallets differ in", async () => {
  const { crypto, ...rest } = PBKDF2;
  const spellings = [
    { ...rest, Crypto: crypto },
    { ...PBKDF2, address: ADDRESS },
    { ...PBKDF2, address: `0x${ADDRESS.toUpperCase()}` },
    { ...PBKDF2, address: "", name: "of a wallet" },
    { ...PBKDF2, crypto: { ...crypto, mac: `0x${crypto.mac.toUpperCase()}` } },
  ];
  for (const spelling of spellings) {
    assertEquals((await decryptKeystore(JSON.stringify(spelling), PASSWORD)).toHex(), SECRET);
  }
});

Deno.test("decryptKeystore() says that the password is wrong, and repeats no secret", async () => {
  assertEquals(await codeOf(PBKDF2, "hunter2"), "KEYSTORE_PASSWORD_WRONG");
  assertEquals(await codeOf(PBKDF2, ""), "KEYSTORE_PASSWORD_WRONG");
  const damaged = { ...PBKDF2.crypto, ciphertext: `00${PBKDF2.crypto.ciphertext.slice(2)}` };
  assertEquals(await codeOf({ ...PBKDF2, crypto: damaged }), "KEYSTORE_PASSWORD_WRONG");
});

Deno.test("decryptKeystore() refuses what is no keystore of version 3", async () => {
  const { crypto } = PBKDF2;
  const params = (change: object) => ({
    ...PBKDF2,
    crypto: { ...crypto, kdfparams: { ...crypto.kdfparams, ...change } },
  });
  const scrypt = (change: object) => ({
    ...SCRYPT,
    crypto: { ...SCRYPT.crypto, kdfparams: { ...SCRYPT.crypto.kdfparams, ...change } },
  });
  const cases: readonly unknown[] = [
    "",
    SECRET,
    "[]",
    "null",
    `{"version":3}`,
    { ...PBKDF2, version: 1 },
    { ...PBKDF2, version: "3" },
    { ...PBKDF2, address: `${ADDRESS.slice(2)}00` },
    { ...PBKDF2, crypto: { ...crypto, mac: crypto.mac.slice(2) } },
    { ...PBKDF2, crypto: { ...crypto, ciphertext: "zz" } },
    { ...PBKDF2, crypto: { ...crypto, cipherparams: {} } },
    params({ c: 0 }),
    params({ c: 1.5 }),
    params({ c: 1e12 }),
    params({ dklen: 16 }),
    params({ salt: "" }),
    scrypt({ n: 3 }),
    scrypt({ n: 1 }),
    scrypt({ n: 2 ** 24, r: 8 }),
    scrypt({ p: 1_024, r: 8 }),
    `{"version":3,"crypto":"${"x".repeat(70_000)}"}`,
  ];
  for (const keystore of cases) {
    assertEquals(await codeOf(keystore), "KEYSTORE_INVALID", JSON.stringify(keystore).slice(0, 90));
  }
});

Deno.test("decryptKeystore() names the cipher or derivation that it does not support", async () => {
  const { crypto } = PBKDF2;
  for (
    const change of [
      { cipher: "aes-128-cbc" },
      { cipher: undefined },
      { kdf: "argon2id" },
      { kdfparams: { ...crypto.kdfparams, prf: "hmac-sha512" } },
    ]
  ) {
    assertEquals(
      await codeOf({ ...PBKDF2, crypto: { ...crypto, ...change } }),
      "KEYSTORE_UNSUPPORTED",
    );
  }
});
