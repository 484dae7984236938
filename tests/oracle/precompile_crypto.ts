/**
 * Curve operations that ethereumjs takes from outside.
 *
 * Owns the KZG point evaluation in the shape that the library asks for. Does not own gas or input
 * lengths of any precompile; all others run on the library's own backends.
 * @module
 */
import type { KZG } from "@ethereumjs/util";
import { hexToBytes } from "../../core/primitives/hex.ts";
import { verifyPointEvaluation } from "../../core/vm/point_evaluation.ts";

/** The operations that the library lacks. */
export function createPrecompileCrypto(): { readonly kzg: KZG } {
  return {
    kzg: {
      verifyProof: (commitment, z, y, proof) => {
        const verdict = verifyPointEvaluation({
          commitment: hexToBytes(commitment),
          z: hexToBytes(z),
          y: hexToBytes(y),
          proof: hexToBytes(proof),
        });
        // The library knows invalid inputs by this word.
        if (verdict === undefined) throw new Error("C_KZG_BADARGS: no field element or no point");
        return verdict;
      },
      blobToKzgCommitment: withoutBlobs,
      computeBlobProof: withoutBlobs,
      verifyBlobProofBatch: withoutBlobs,
      computeCells: withoutBlobs,
      computeCellsAndProofs: withoutBlobs,
      recoverCellsAndProofs: withoutBlobs,
      verifyCellKzgProofBatch: withoutBlobs,
    },
  };
}

function withoutBlobs(): never {
  throw new Error("this layer has no blobs: only point evaluation is provided");
}
