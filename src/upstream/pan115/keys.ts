/** The public halves of 115's keys: what only 115 (or a sandbox with keys of its own) can answer to. */
export interface Pan115Keys {
  /** RSA-1024 modulus of m115, hex. The fixed 117/128 byte blocks need exactly this size. */
  readonly modulusHex: string
  readonly exponent: number
  /** P-224 public point of ec115, hex, uncompressed: `04`, x, y. */
  readonly ecPointHex: string
}

/** Keys of 115 itself, as every client carries them. */
export const productionKeys: Pan115Keys = {
  modulusHex:
    '8686980c0f5a24c4b9d43020cd2c22703ff3f450756529058b1cf88f09b86021' +
    '36477198a6e2683149659bd122c33592fdb5ad47944ad1ea4d36c6b172aad633' +
    '8c3bb6ac6227502d010993ac967d1aef00f0c8e038de2e4d3bc2ec368af2e9f1' +
    '0a6f1eda4f7262f136420c07c331b871bf139f74f3010e3c4fe57df3afb71683',
  exponent: 65537,
  ecPointHex:
    '04' +
    '57a29257cd2320e5d6d143322fa4bb8a3cf9d3cc623ef5edac62b767' +
    '8a89c91a83ba800d6129f522d034c895dd2465243addc250953beeba',
}
