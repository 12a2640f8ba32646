/** What a person typed: to be sent on, and whether they want to let go of the session. */
export interface Typed {
  send: Uint8Array;
  letGo: boolean;
}

const ENTER = 0x0d;
const NEWLINE = 0x0a;
const TILDE = 0x7e;
const DOT = 0x2e;

/**
 * The way out of a session whose other end no longer answers: `~.` at the beginning of a line, as in ssh.
 * `~~` there sends one `~`; a `~` before anything else goes through with it.
 */
export function escapeKeys(): (bytes: Uint8Array) => Typed {
  let atStart = true;
  let tilde = false;
  return (bytes) => {
    const send: number[] = [];
    for (const byte of bytes) {
      if (tilde) {
        tilde = false;
        if (byte === DOT) return { send: Uint8Array.from(send), letGo: true };
        send.push(TILDE);
        if (byte !== TILDE) send.push(byte);
        atStart = byte === ENTER || byte === NEWLINE;
      } else if (atStart && byte === TILDE) {
        tilde = true;
      } else {
        send.push(byte);
        atStart = byte === ENTER || byte === NEWLINE;
      }
    }
    return { send: Uint8Array.from(send), letGo: false };
  };
}
