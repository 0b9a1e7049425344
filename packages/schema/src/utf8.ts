/** UTF-8 in and out, for packages that have neither `TextEncoder` nor `Buffer`. */

/** Encodes a string; lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const out: number[] = [];
  for (const char of text) {
    let code = char.codePointAt(0) ?? 0xfffd;
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) out.push(code);
    else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) {
      out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    } else {
      out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63));
      out.push(0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
  }
  return Uint8Array.from(out);
}

const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];

/** Decodes bytes; every byte that is not part of a well-formed sequence becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at];
    const length =
      first < 0x80
        ? 1
        : first < 0xc2
          ? 0
          : first < 0xe0
            ? 2
            : first < 0xf0
              ? 3
              : first < 0xf5
                ? 4
                : 0;
    let code = length === 1 ? first : length === 0 ? -1 : first & (0xff >> (length + 1));
    for (let i = 1; code >= 0 && i < length; i += 1) {
      const next = bytes[at + i];
      code = next === undefined || (next & 0xc0) !== 0x80 ? -1 : (code << 6) | (next & 63);
    }
    if (code < SMALLEST[length] || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) code = -1;
    text += code < 0 ? '\ufffd' : String.fromCodePoint(code);
    at += code < 0 ? 1 : length;
  }
  return text;
}
