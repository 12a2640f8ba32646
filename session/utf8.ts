const REPLACEMENT = 0xfffd;

/**
 * The UTF-8 bytes of a text; a lone surrogate becomes U+FFFD, as in the WHATWG encoder. Written out
 * because this folder has neither Node nor a browser to ask.
 */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let point = text.codePointAt(i) ?? REPLACEMENT;
    if (point > 0xffff) i++;
    else if (point >= 0xd800 && point <= 0xdfff) point = REPLACEMENT;
    if (point < 0x80) {
      bytes[length++] = point;
    } else if (point < 0x800) {
      bytes[length++] = 0xc0 | (point >> 6);
      bytes[length++] = 0x80 | (point & 0x3f);
    } else if (point < 0x10000) {
      bytes[length++] = 0xe0 | (point >> 12);
      bytes[length++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[length++] = 0x80 | (point & 0x3f);
    } else {
      bytes[length++] = 0xf0 | (point >> 18);
      bytes[length++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[length++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[length++] = 0x80 | (point & 0x3f);
    }
  }
  return bytes.slice(0, length);
}

/**
 * The text of UTF-8 bytes. Never fails: each ill-formed sequence becomes one U+FFFD, by the WHATWG
 * decoder's rule. A byte order mark is kept. Not for terminal output, which is passed on as bytes.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = "";
  let point = 0;
  let missing = 0;
  let lowest = 0x80;
  let highest = 0xbf;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (missing > 0) {
      if (byte < lowest || byte > highest) {
        text += "\ufffd";
        missing = 0;
        i--; // the byte that broke the sequence may begin the next one
      } else {
        point = (point << 6) | (byte & 0x3f);
        missing--;
        if (missing === 0) text += String.fromCodePoint(point);
      }
      lowest = 0x80;
      highest = 0xbf;
    } else if (byte < 0x80) {
      text += String.fromCharCode(byte);
    } else if (byte >= 0xc2 && byte <= 0xdf) {
      missing = 1;
      point = byte & 0x1f;
    } else if (byte >= 0xe0 && byte <= 0xef) {
      // The bounds shut out overlong forms and surrogates.
      if (byte === 0xe0) lowest = 0xa0;
      if (byte === 0xed) highest = 0x9f;
      missing = 2;
      point = byte & 0x0f;
    } else if (byte >= 0xf0 && byte <= 0xf4) {
      if (byte === 0xf0) lowest = 0x90;
      if (byte === 0xf4) highest = 0x8f;
      missing = 3;
      point = byte & 0x07;
    } else {
      text += "\ufffd";
    }
  }
  return missing > 0 ? `${text}\ufffd` : text;
}
