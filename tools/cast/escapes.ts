/** What a terminal is told to do, one step at a time. */
export type Action =
  | { kind: "print"; text: string; width: 0 | 1 | 2 }
  | { kind: "control"; code: string }
  | { kind: "escape"; final: string }
  | { kind: "sequence"; prefix: string; parameters: string; final: string };

export interface Reading {
  actions: Action[];
  /** The start of a sequence whose end is still to come: put it before the next text. */
  rest: string;
}

/** A string (title, hyperlink, image) that does not end within this is dropped as noise. */
const longestString = 65_536;

/** What may follow an escape, each read from the character behind it. */
const sequence = /\[([<-?]*)([\d:;]*)([ -/]*)([@-~])/y;
const sequenceStart = /\[[<-?]*[\d:;]*[ -/]*/y;
const stringStart = /[\]PX^_]/y;
/** Escapes with one further character: character sets, line sizes, encodings. */
const escapeWithMore = /[ #%()*+\-./]/y;
const escapeFinal = /[0-~]/y;

const wide =
  /^(?![\uff61-\uffdc])[\p{Emoji_Presentation}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;

/**
 * Splits terminal output into actions. Strings (OSC, DCS and their kin) do nothing here; of the control
 * characters only those that move the cursor are passed on; format characters, which are invisible or
 * reorder a line, are dropped; what is no character at all becomes U+FFFD.
 */
export function readActions(text: string): Reading {
  const actions: Action[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at + 1;
    return pattern.exec(text);
  };
  while (at < text.length) {
    const start = at;
    if (text[at] !== "\x1b") {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
      at += character.length;
      if (at === text.length && /[\ud800-\udbff]$/.test(character))
        return { actions, rest: character };
      const action = readCharacter(character);
      if (action !== undefined) actions.push(action);
      continue;
    }
    if (at + 1 === text.length) return { actions, rest: text.slice(start) };
    if (match(stringStart)) {
      const end = endOfString(text, at + 2);
      if (end === undefined && text.length - start <= longestString) {
        return { actions, rest: text.slice(start) };
      }
      at = end ?? text.length;
    } else if (text[at + 1] === "[") {
      const found = match(sequence);
      if (found) {
        const [whole, prefix = "", parameters = "", between, final = ""] = found;
        at += 1 + whole.length;
        if (between === "") actions.push({ kind: "sequence", prefix, parameters, final });
      } else {
        at += 1 + (match(sequenceStart)?.[0].length ?? 1);
        if (at === text.length) return { actions, rest: text.slice(start) };
      }
    } else if (match(escapeWithMore)) {
      if (at + 2 === text.length) return { actions, rest: text.slice(start) };
      at += 3;
    } else if (match(escapeFinal)) {
      actions.push({ kind: "escape", final: text[at + 1] ?? "" });
      at += 2;
    } else at += 1;
  }
  return { actions, rest: "" };
}

/** Where reading goes on behind a string, or undefined if its end is still to come. */
function endOfString(text: string, from: number): number | undefined {
  const bell = text.indexOf("\x07", from);
  const escape = text.indexOf("\x1b", from);
  if (bell >= 0 && (escape < 0 || bell < escape)) return bell + 1;
  if (escape < 0 || escape + 1 === text.length) return undefined;
  // Any other escape cuts the string short and is read in its own right.
  return text[escape + 1] === "\\" ? escape + 2 : escape;
}

function readCharacter(character: string): Action | undefined {
  if (/^[\b\t\n\v\f\r]$/.test(character)) return { kind: "control", code: character };
  if (/^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]$/u.test(character)) return undefined;
  if (/^[\p{Cs}\p{Noncharacter_Code_Point}]$/u.test(character)) {
    return { kind: "print", text: "\ufffd", width: 1 };
  }
  if (/^[\p{Mn}\p{Me}]$/u.test(character)) return { kind: "print", text: character, width: 0 };
  return { kind: "print", text: character, width: wide.test(character) ? 2 : 1 };
}
