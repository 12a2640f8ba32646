/** How many bytes the emulator draws for a session's token, and for the token of an assumed role. */
export const TOKEN_BYTES = 96;

/** So many characters in a row are 15 bytes of a token at the least: none that is found is there by chance. */
const PIECE = 20;

/** A token as it is handed out, and as what somebody would make of it on the way into a log, a table or a file. */
function spellings(token: string): string[] {
  const bytes = Buffer.from(token, "base64url");
  // Wherever it begins in a longer text that is put into base64: without the ends, which its neighbours share.
  const within = [0, 1, 2].map((before) =>
    Buffer.from(" ".repeat(before) + token)
      .toString("base64")
      .slice(before === 0 ? 0 : 4, -4),
  );
  return [
    token,
    bytes.toString("base64"),
    bytes.toString("hex"),
    Buffer.from(token).toString("hex"),
    ...within,
  ];
}

/**
 * Whether a text holds one of the tokens, or a part of one: any 39 characters in a row of any spelling, for they
 * hold one of the pieces that each spelling is cut into.
 */
export function tokenSearch(tokens: readonly string[]): (text: string) => boolean {
  const pieces = new Set<string>();
  for (const spelling of tokens.flatMap(spellings)) {
    for (let at = 0; at + PIECE <= spelling.length; at += PIECE) {
      pieces.add(spelling.slice(at, at + PIECE));
    }
  }
  return (text) => {
    for (let at = 0; at + PIECE <= text.length; at++) {
      if (pieces.has(text.slice(at, at + PIECE))) return true;
    }
    return false;
  };
}
